// Bad deadlines, frameworks, waivers, maintenance windows and dates.
#include <gtest/gtest.h>

#include <string>

#include "tests/common/policy/policy_file_complaints.h"

namespace muster::policy {
namespace {

// A second control, in line 3.
std::string control(const std::string& more) {
  return "  - {id: b, title: B, " + more + "}\n";
}

TEST(PolicyFileControls, AreRefusedWithADeadlineThatIsNone) {
  expect_complaints({
      {control("rule: security_updates, deadline: 30"),
       "p.yml:3:57: 'deadline': '30' is not a duration: write it like 90s, 15m, 1h30m, 14d"},
      {control("rule: security_updates, deadline: by-severity"),
       "p.yml:3:57: no file says what by-severity means: add a line like 'deadlines: {critical: "
       "3d, high: 7d, medium: 30d, low: 90d}' at the top of one"},
      {control("rule: security_updates, deadline: {critical: 1d, high: 2d, low: 3d}"),
       "p.yml:3:57: 'medium' is missing"},
      {control("rule: security_updates, deadline: {critical: 1d, high: 2d, medium: 3d, low: 9}"),
       "p.yml:3:99: 'low': '9' is not a duration: write it like 90s, 15m, 1h30m, 14d"},
      {control("rule: security_updates, deadline: [1d]"),
       "p.yml:3:57: 'deadline' must be a single value, not a list"},
      {control("rule: certificate_renewal, deadline: 1d"),
       "p.yml:3:60: the rule certificate_renewal has no deadline to give: what is unmet has its "
       "own date, or fails at once; remove the line"},
      {control("rule: certificate_renewal, renew_before: 30"),
       "p.yml:3:64: 'renew_before': '30' is not a duration: write it like 90s, 15m, 1h30m, 14d"},
      {"deadlines: {critical: 3d, high: 7d, medium: 30d}\n", "p.yml:3:12: 'low' is missing"},
      {"deadlines: {critical: 3d, high: 7d, medium: 30d, low: 90d, urgent: 1d}\n",
       "p.yml:3:60: unknown key 'urgent' (known here: critical, high, medium, low)"},
  });
}

TEST(PolicyFileControls, AreRefusedWithAFrameworkThatNobodyKnows) {
  const std::string rule = "rule: host_reporting, frameworks: ";
  expect_complaints({
      {control(rule + "{cis-9: ['1.1']}"),
       "p.yml:3:58: unknown key 'cis-9', did you mean 'cis-8'?"},
      {control(rule + "{cis-8: ['7 3']}"),
       "p.yml:3:66: '7 3' is no id of a framework: they have letters, digits, '.', '-' and "
       "brackets, like \"7.3\" or SI-2(5)"},
      {control(rule + "{cis-8: [.3]}"),
       "p.yml:3:66: '.3' is no id of a framework: they have letters, digits, '.', '-' and "
       "brackets, like \"7.3\" or SI-2(5)"},
      {control(rule + "{cis-8: [7.3, 7.3]}"), "p.yml:3:71: '7.3' comes twice in 'cis-8'"},
      {control(rule + "{cis-8: 7.3}"), "p.yml:3:65: 'cis-8' must be a list, not a single value"},
      {control(rule + "{cis-8: [" + std::string(33, '7') + "]}"),
       "p.yml:3:66: 'cis-8' has items of 1 to 32 bytes without control characters"},
      {control(rule + "{cis-8: " + list_of(51) + "}"),
       "p.yml:3:65: more than 50 ids of one framework"},
  });
}

// A waiver in line 3 with `more` in column 60.
std::string waiver(const std::string& more) {
  return "waivers: [{id: w, match: {}, reason: r, approved_by: b, " + more + "}]\n";
}

TEST(PolicyFileWaivers, AreRefusedWithoutWhatAnAuditorAsksFor) {
  expect_complaints({
      {"waivers: [{}]\n",
       "p.yml:3:11: 'id' is missing\np.yml:3:11: 'control' is missing\n"
       "p.yml:3:11: 'match' is missing\np.yml:3:11: 'reason' is missing\n"
       "p.yml:3:11: 'approved_by' is missing\np.yml:3:11: 'starts' is missing\n"
       "p.yml:3:11: 'ends' is missing"},
      {waiver("control: a, starts: 2026-01-01"), "p.yml:3:11: 'ends' is missing"},
      {waiver("control: a, starts: 2026-01-02, ends: 2026-01-01"),
       "p.yml:3:95: it ends before it starts, at 2026-01-02T00:00:00Z"},
      {waiver("control: a, starts: 2026-01-01, ends: 2026-01-01"),
       "p.yml:3:95: it ends before it starts, at 2026-01-01T00:00:00Z"},
      {waiver("control: a, starts: 2026-01-01, ends: 2026-07-01"),
       "p.yml:3:95: it lasts 181d, longer than the 180d of waiver_limit (as no file says another): "
       "end it by 2026-06-30T00:00:00Z"},
      {"waiver_limit: 30d\n" + waiver("control: a, starts: 2026-01-01, ends: 2026-02-01"),
       "p.yml:4:95: it lasts 31d, longer than the 30d of waiver_limit (p.yml:3:15): end it by "
       "2026-01-31T00:00:00Z"},
      {waiver("control: a, starts: 2026-02-28, ends: 2026-02-30"),
       "p.yml:3:95: 'ends' must be a date, as 2026-11-21, or a time in UTC, as "
       "2026-11-21T20:58:43Z, not '2026-02-30', which the calendar does not have"},
      {waiver("control: a, starts: 2026-01-01, ends: 2206-01-02"),
       "p.yml:3:95: 'ends' must be a year from 2000 to 2199"},
      {waiver("control: aa, starts: 2026-01-01, ends: 2026-02-01"),
       "p.yml:3:66: there is no control 'aa', did you mean 'a'?"},
      {waiver("control: security, starts: 2026-01-01, ends: 2026-02-01"),
       "p.yml:3:66: there is no control 'security': a waiver is of one; remove the waiver if its "
       "control is gone"},
      {waiver("control: a, starts: 2026-01-01, ends: 2026-02-01, subjects: []"),
       "p.yml:3:117: 'subjects' is an empty list, which matches nothing: name one, or remove the "
       "line"},
      {waiver("control: a, starts: 2026-01-01, ends: 2026-02-01, ticket: " + std::string(201, 't')),
       "p.yml:3:115: 'ticket' has more than 200 bytes"},
      {"waivers: [{id: w, control: a, match: {}, reason: " + std::string(1001, 'r') +
           ", approved_by: '', starts: 2026-01-01, ends: 2026-02-01}]\n",
       "p.yml:3:50: 'reason' has more than 1000 bytes\n"
       "p.yml:3:1066: 'approved_by' says nothing"},
      {"waiver_limit: 1h\n", "p.yml:3:15: 'waiver_limit' must be from 1d to 3653d, not 1h"},
      {"waiver_limit: 180\n",
       "p.yml:3:15: 'waiver_limit': '180' is not a duration: write it like 90s, 15m, 1h30m, 14d"},
  });
}

// A maintenance window in line 3 with `more` in column 36.
std::string window(const std::string& more) {
  return "maintenance: [{name: m, match: {}" + more + "}]\n";
}

TEST(PolicyFileMaintenance, IsEitherEveryWeekOrOnce) {
  const std::string either =
      "p.yml:3:22: a maintenance window has either weekdays, from and lasts (every week) or starts "
      "and ends (once)";
  expect_complaints({
      {window(""), either},
      {window(", weekdays: [monday], from: '02:00', lasts: 4h, starts: 2026-01-01, "
              "ends: 2026-01-02"),
       either},
      {window(", weekdays: [monday], from: '02:00'"), "p.yml:3:15: 'lasts' is missing"},
      {window(", from: '02:00', lasts: 1h"), "p.yml:3:15: 'weekdays' is missing"},
      {window(", weekdays: [mondays], from: '02:00', lasts: 1h"),
       "p.yml:3:47: 'mondays' must be one of sunday, monday, tuesday, wednesday, thursday, friday, "
       "saturday, did you mean 'monday'?"},
      {window(", weekdays: [monday], from: '24:00', lasts: 1h"),
       "p.yml:3:62: 'from' must be a time of day in UTC from \"00:00\" to \"23:59\", not '24:00'"},
      {window(", weekdays: [monday], from: '2:00', lasts: 1h"),
       "p.yml:3:62: 'from' must be a time of day in UTC from \"00:00\" to \"23:59\", not '2:00'"},
      {window(", weekdays: [monday], from: 02:00, lasts: 8d"),
       "p.yml:3:76: 'lasts' must be from 1m to 7d, not 8d"},
      {window(", starts: 2026-01-01"), "p.yml:3:15: 'ends' is missing"},
      {window(", starts: 2026-01-02, ends: 2026-01-01"),
       "p.yml:3:62: it ends before it starts, at 2026-01-02T00:00:00Z"},
      {window(", starts: 2026-01-01, ends: 2026-05-01"),
       "p.yml:3:62: a maintenance window lasts at most 92d"},
      {"maintenance: [{weekdays: [monday], from: '02:00', lasts: 1h}]\n",
       "p.yml:3:15: 'name' is missing\np.yml:3:15: 'match' is missing"},
  });
}

TEST(PolicyFileDates, AreRefusedWithoutANameAnOwnerOrADay) {
  expect_complaints({
      {"dates: [{}]\n",
       "p.yml:3:9: 'name' is missing\np.yml:3:9: 'kind' is missing\n"
       "p.yml:3:9: 'owner' is missing\np.yml:3:9: 'date' is missing"},
      {"dates: [{name: n, kind: Contract, owner: o, date: 2026-01-01}]\n",
       "p.yml:3:25: 'kind' must be 1 to 64 lower-case letters, digits and dashes, like "
       "support-contract, not 'Contract'"},
      {"dates: [{name: n, kind: k, owner: o, date: 31.12.2026}]\n",
       "p.yml:3:44: 'date' must be a date, as 2026-11-21, or a time in UTC, as "
       "2026-11-21T20:58:43Z, not '31.12.2026'"},
      {"dates: [{name: " + std::string(201, 'n') + ", kind: k, owner: o, date: 2026-01-01}]\n",
       "p.yml:3:16: 'name' has more than 200 bytes"},
  });
}

TEST(PolicyFileDates, HaveLabelsThatHostsMayHave) {
  const auto date = [](const std::string& labels) {
    return "labels: {site: [fra]}\ndates: [{name: n, kind: k, owner: o, date: 2026-01-01, " +
           labels + "}]\n";
  };
  expect_complaints({
      {date("labels: {sites: fra}"),
       "p.yml:4:64: the label 'sites' is not declared: add it to 'labels', did you mean 'site'?"},
      {date("labels: {site: ams}"),
       "p.yml:4:64: 'ams' is none of the values that the label 'site' may have"},
      {date("labels: [fra]"), "p.yml:4:64: 'labels' must be a map, not a list"},
      {date("detail: " + std::string(1001, 'd')), "p.yml:4:64: 'detail' has more than 1000 bytes"},
  });
}

}  // namespace
}  // namespace muster::policy
