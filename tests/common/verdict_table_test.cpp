#include "common/verdict_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "common/policy/status.h"
#include "common/text.h"
#include "common/timestamp.h"

namespace muster {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr TimePoint kDeadline{std::chrono::seconds(1796472000)};  // 2026-12-05T12:00:00Z

v1::Verdict verdict(v1::Status status, v1::Severity severity, std::string_view title,
                    std::string_view summary) {
  v1::Verdict verdict;
  verdict.set_control("c");
  verdict.set_status(status);
  verdict.set_severity(severity);
  verdict.set_title(std::string(title));
  verdict.set_summary(std::string(summary));
  return verdict;
}

void add_subject(v1::Verdict& verdict, std::string_view name, v1::Status status,
                 std::string_view reason, bool has_deadline = false) {
  v1::SubjectVerdict& subject = *verdict.add_subjects();
  subject.set_subject(std::string(name));
  subject.set_status(status);
  subject.set_reason(std::string(reason));
  if (has_deadline) *subject.mutable_deadline() = to_proto(kDeadline);
}

std::vector<v1::Verdict> one_of_each() {
  std::vector<v1::Verdict> verdicts;
  verdicts.push_back(verdict(v1::STATUS_DUE, v1::SEVERITY_HIGH, "Security updates are in",
                             "3 security updates wait: libc6, nginx, openssl"));
  for (const char* name : {"libc6", "nginx", "openssl"}) {
    add_subject(verdicts.back(), name, v1::STATUS_DUE, "1.0-2 waits", true);
  }
  verdicts.push_back(verdict(v1::STATUS_PASS, v1::SEVERITY_MEDIUM, "Package lists are fresh",
                             "the package lists were refreshed on 2026-11-21"));
  add_subject(verdicts.back(), "apt", v1::STATUS_PASS, verdicts.back().summary());
  verdicts.push_back(verdict(v1::STATUS_FAIL, v1::SEVERITY_CRITICAL, "Certificates are valid",
                             "1 of 12 certificates is not valid now: /etc/nginx/web.pem; 1 could "
                             "not be read"));
  add_subject(verdicts.back(), "/etc/nginx/web.pem", v1::STATUS_FAIL,
              "www.example.org expired on 2026-11-18");
  add_subject(verdicts.back(), "/etc/ssl/private", v1::STATUS_UNKNOWN, "Permission denied");
  add_subject(verdicts.back(), "/etc/good.pem", v1::STATUS_PASS, "is valid");
  verdicts.push_back(verdict(v1::STATUS_UNKNOWN, v1::SEVERITY_HIGH,
                             "Certificates are renewed in time",
                             "the probe certificates could not look: killed after 30s"));
  add_subject(verdicts.back(), "", v1::STATUS_UNKNOWN, verdicts.back().summary());
  verdicts.push_back(verdict(v1::STATUS_WAIVED, v1::SEVERITY_LOW, "Disk is encrypted",
                             "waived until 2027-01-01: replaced in December"));
  verdicts.push_back(verdict(v1::STATUS_NOT_APPLICABLE, v1::SEVERITY_HIGH,
                             "Host reports to the collector", "it does not report to a collector"));
  return verdicts;
}

TEST(VerdictTable, ShowsWhatIsWrongFirst) {
  EXPECT_EQ(render_verdict_table(one_of_each(), {}),
            R"(✗ fail     Certificates are valid                                       critical
           1 of 12 certificates is not valid now: /etc/nginx/web.pem; 1 could
           not be read
             /etc/nginx/web.pem  www.example.org expired on 2026-11-18
             /etc/ssl/private    Permission denied

? unknown  Certificates are renewed in time                                 high
           the probe certificates could not look: killed after 30s

! due      Security updates are in                                          high
           3 security updates wait: libc6, nginx, openssl
             libc6    1.0-2 waits, by 2026-12-05
             nginx    1.0-2 waits, by 2026-12-05
             openssl  1.0-2 waits, by 2026-12-05

w waived   Disk is encrypted                                                 low
           waived until 2027-01-01: replaced in December

✓ pass     Package lists are fresh                                        medium
           the package lists were refreshed on 2026-11-21
– n/a      Host reports to the collector                                    high
           it does not report to a collector

1 pass · 1 waived · 1 due · 1 fail · 1 unknown · 1 not applicable
)");
}

TEST(VerdictTable, WrapsLongNamesAndReasonsBelowThemselves) {
  v1::Verdict close = verdict(v1::STATUS_DUE, v1::SEVERITY_HIGH, "Certificates are renewed in time",
                              "2 of 2 certificates should be renewed");
  add_subject(close, "/etc/letsencrypt/live/www.example.org/fullchain.pem", v1::STATUS_DUE,
              "www.example.org ends on 2026-12-11 and is not renewed", true);
  add_subject(close, "/etc/b.pem", v1::STATUS_DUE, "b ends on 2026-12-11 and is not renewed", true);
  EXPECT_EQ(render_verdict_table(std::vector{close}, {{.width = 70}}),
            R"(! due      Certificates are renewed in time                       high
           2 of 2 certificates should be renewed
             /etc/letsencrypt/live/www.example.org/fullchain.pem:
               www.example.org ends on 2026-12-11 and is not renewed,
               by 2026-12-05
             /etc/b.pem: b ends on 2026-12-11 and is not renewed, by
               2026-12-05

1 due
)");
}

// An hour is not a day.
TEST(VerdictTable, SaysTheTimeOfADeadlineThatIsNear) {
  v1::Verdict due = verdict(v1::STATUS_DUE, v1::SEVERITY_HIGH, "Antivirus is installed", "no");
  *due.mutable_deadline() = to_proto(kDeadline);
  v1::Verdict fails = due;
  fails.set_status(v1::STATUS_FAIL);
  struct Story {
    Duration left;
    std::string due;
  };
  for (const Story& story : {Story{std::chrono::hours(48), " 2026-12-05\n"},
                             Story{std::chrono::minutes(2879), " 2026-12-05 12:00 UTC\n"},
                             Story{-std::chrono::minutes(2879), " 2026-12-05 12:00 UTC\n"},
                             Story{-std::chrono::hours(48), " 2026-12-05\n"}}) {
    TableStyle style;
    style.now = kDeadline - story.left;
    EXPECT_THAT(render_verdict_table(std::vector{due}, style), HasSubstr("no, by" + story.due));
    EXPECT_THAT(render_verdict_table(std::vector{fails}, style),
                HasSubstr("no, was due by" + story.due));
  }
}

// "clamav: path /srv: ClamAV: path /srv is excluded" says it twice.
TEST(VerdictTable, NamesAPartOfASubjectOnceWhereTheReasonNamesIt) {
  v1::Verdict fails = verdict(v1::STATUS_FAIL, v1::SEVERITY_HIGH, "Exclusions", "2 are too many");
  add_subject(fails, "clamav: path /srv/something/long", v1::STATUS_FAIL,
              "ClamAV: path /srv/something/long is excluded");
  add_subject(fails, "clamav: path /home/something", v1::STATUS_FAIL, "it is excluded");
  EXPECT_THAT(render_verdict_table(std::vector{fails}, {}),
              HasSubstr("\n             ClamAV: path /srv/something/long is excluded\n"
                        "             clamav: path /home/something: it is excluded\n"));
}

TEST(VerdictTable, SaysTheSameInAscii) {
  const std::string text = render_verdict_table(one_of_each(), {{.unicode = false}});
  EXPECT_TRUE(std::all_of(text.begin(), text.end(), [](char c) { return (c & 0x80) == 0; }));
  EXPECT_THAT(text, HasSubstr("x fail     Certificates are valid     "));
  EXPECT_THAT(text, HasSubstr("+ pass     Package lists are fresh     "));
  EXPECT_THAT(text, HasSubstr("- n/a      Host reports to the collector    "));
  EXPECT_THAT(text, EndsWith("1 pass, 1 waived, 1 due, 1 fail, 1 unknown, 1 not applicable\n"));
}

// Without the colours, the same text.
std::string without_escapes(const std::string& text) {
  std::string plain;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\x1b') {
      i = text.find('m', i);
    } else {
      plain += text[i];
    }
  }
  return plain;
}

TEST(VerdictTable, SaysNothingByColourAlone) {
  const std::string colored = render_verdict_table(one_of_each(), {{.color = true}});
  EXPECT_THAT(colored, HasSubstr("\x1b[1;31m✗ fail   \x1b[0m"));
  EXPECT_EQ(without_escapes(colored), render_verdict_table(one_of_each(), {}));
}

TEST(VerdictTable, KeepsEveryLineWithinItsWidth) {
  std::vector<v1::Verdict> verdicts = one_of_each();
  verdicts.push_back(verdict(v1::STATUS_FAIL, v1::SEVERITY_LOW, std::string(150, 'T'),
                             std::string(300, 's') + " 日本語日本語日本語日本語日本語日本語"));
  add_subject(verdicts.back(), std::string(200, '/'), v1::STATUS_FAIL, "e\u0301e\u0301 \xff\xfe");
  for (const size_t width : {0, 40, 41, 60, 80, 120}) {
    const std::string text = render_verdict_table(verdicts, {{.width = width}});
    for (size_t begin = 0; begin < text.size();) {
      const size_t end = text.find('\n', begin);
      const std::string line = text.substr(begin, end - begin);
      EXPECT_TRUE(is_valid_utf8(line));
      // The counting line is one, however narrow.
      if (end + 1 < text.size()) {
        EXPECT_LE(display_width(line), std::max<size_t>(width, 40)) << line;
      }
      begin = end + 1;
    }
  }
}

TEST(VerdictTable, CountsTheSubjectsItDoesNotShow) {
  v1::Verdict many = verdict(v1::STATUS_FAIL, v1::SEVERITY_HIGH, "Many", "many wait");
  for (int i = 0; i < 12; ++i) {
    add_subject(many, "p" + std::to_string(i), v1::STATUS_FAIL, "waits", true);
  }
  const std::string text = render_verdict_table(std::vector{many}, {{}, 3});
  EXPECT_THAT(text, HasSubstr("             p2  waits, was due by 2026-12-05\n"));
  EXPECT_THAT(text, Not(HasSubstr("p3")));
  EXPECT_THAT(text, HasSubstr("             and 9 more\n"));
}

TEST(VerdictTable, TellsTheDeadlineWhereTheSummaryIsAllThereIs) {
  v1::Verdict due = verdict(v1::STATUS_DUE, v1::SEVERITY_HIGH, "Lists", "the lists are old");
  add_subject(due, "apt", v1::STATUS_DUE, "the lists are old", true);
  *due.mutable_deadline() = to_proto(kDeadline);
  EXPECT_THAT(render_verdict_table(std::vector{due}, {}),
              HasSubstr("           the lists are old, by 2026-12-05\n\n1 due\n"));
}

TEST(VerdictTable, NamesTheIdOfEachControlWhereThatIsWanted) {
  const v1::Verdict fails = verdict(v1::STATUS_FAIL, v1::SEVERITY_HIGH, "Lists", "they are old");
  v1::Verdict untitled = verdict(v1::STATUS_PASS, v1::SEVERITY_LOW, "", "all is well");
  untitled.set_control("other");
  TableStyle style;
  style.show_ids = true;
  const std::string text = render_verdict_table(std::vector{fails, untitled}, style);
  EXPECT_THAT(text, HasSubstr("\n           c: they are old\n"));
  EXPECT_THAT(text, HasSubstr("  other "));
  EXPECT_THAT(text, HasSubstr("\n           all is well\n"));
  EXPECT_THAT(render_verdict_table(std::vector{fails}, {}), Not(HasSubstr("c: they")));
}

TEST(VerdictTable, TellsNoDeadlineOfWhatIsWaived) {
  const std::string reason = "1.0-2 waits; waived until 2027-02-01 by Ada";
  v1::Verdict whole = verdict(v1::STATUS_WAIVED, v1::SEVERITY_HIGH, "Lists", reason);
  add_subject(whole, "apt", v1::STATUS_WAIVED, reason, true);
  *whole.mutable_deadline() = to_proto(kDeadline);
  v1::Verdict part = verdict(v1::STATUS_DUE, v1::SEVERITY_LOW, "Updates", "2 updates wait");
  add_subject(part, "nginx", v1::STATUS_DUE, "1.0-3 waits", true);
  add_subject(part, "linux", v1::STATUS_WAIVED, reason, true);
  const std::string text = render_verdict_table(std::vector{whole, part}, {});
  EXPECT_THAT(text, HasSubstr("           " + reason + "\n\n"));
  EXPECT_THAT(text, HasSubstr("  linux  " + reason + "\n"));
  EXPECT_THAT(text, HasSubstr("  nginx  1.0-3 waits, by 2026-12-05\n"));
}

TEST(VerdictTable, LetsNoNameMoveTheCursor) {
  v1::Verdict hostile =
      verdict(v1::STATUS_FAIL, v1::SEVERITY_HIGH, "\x1b[2JTitle", "a\nb\x9b\x1b[1A");
  add_subject(hostile, "\x1b]0;x\x07", v1::STATUS_FAIL, "r\r");
  for (const char c : render_verdict_table(std::vector{hostile}, {})) {
    EXPECT_TRUE(c == '\n' || static_cast<unsigned char>(c) >= 0x20);
  }
}

TEST(VerdictTable, ShowsNoMoreOfALongNameThanAScreenTakes) {
  v1::Verdict endless = verdict(v1::STATUS_FAIL, v1::SEVERITY_HIGH, std::string(100'000, 't'),
                                std::string(100'000, 's'));
  add_subject(endless, std::string(100'000, 'n'), v1::STATUS_FAIL, std::string(100'000, 'r'));
  EXPECT_LT(render_verdict_table(std::vector{endless}, {}).size(), 10'000U);
}

TEST(VerdictTable, SaysThatThereIsNothing) {
  EXPECT_EQ(render_verdict_table({}, {}), "no controls\n");
  EXPECT_EQ(count_statuses(std::vector{verdict(v1::STATUS_PASS, v1::SEVERITY_LOW, "", "")}, {}),
            "1 pass");
}

}  // namespace
}  // namespace muster
