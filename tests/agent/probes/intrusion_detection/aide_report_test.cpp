// What AIDE's own reports say. Those of 0.18.3 are what Debian's aide wrote about a directory with
// one file changed, one removed and one new; that of 0.15.1 is of its documentation.
#include "agent/probes/intrusion_detection/aide_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "common/timestamp.h"

namespace muster::intrusion_detection {
namespace {

using ::testing::HasSubstr;

constexpr std::string_view kChanged = R"(Start timestamp: 2026-11-22 18:39:58 +0100 (AIDE 0.18.3)
AIDE found differences between database and filesystem!!

Summary:
  Total number of entries:	4
  Added entries:		1
  Removed entries:		1
  Changed entries:		1

---------------------------------------------------
Added entries:
---------------------------------------------------

f+++++++++++++++++: /srv/tree/new

---------------------------------------------------
Changed entries:
---------------------------------------------------

f > ... ....H.. . : /srv/tree/a

---------------------------------------------------
Detailed information about changes:
---------------------------------------------------

File: /srv/tree/a
 Size      : 2                                | 4


End timestamp: 2026-11-22 18:40:03 +0100 (run time: 0m 5s)
)";

constexpr std::string_view kClean = R"(Start timestamp: 2026-11-22 18:39:58 +0000 (AIDE 0.18.3)
AIDE found NO differences between database and filesystem. Looks okay!!

Number of entries:	4

End timestamp: 2026-11-22 18:39:59 +0000 (run time: 0m 1s)
)";

constexpr std::string_view kInitialized =
    R"(Start timestamp: 2026-11-22 18:39:57 +0000 (AIDE 0.18.3)
AIDE successfully initialized database.
New AIDE database written to /var/lib/aide/aide.db.new

Number of entries:	4

End timestamp: 2026-11-22 18:39:58 +0000 (run time: 0m 1s)
)";

constexpr std::string_view kJson = R"({
  "start_time": "2026-11-22 18:39:58 +0000",
  "aide_version": "0.18.3",
  "outline": "AIDE found differences between database and filesystem!!",
  "number_of_entries": {
    "total": 4,
    "added": 1,
    "changed": 2
  },
  "added": {
    "/srv/tree/new": "f+++++++++++++++++"
  },
  "end_time": "2026-11-22 18:39:59 +0000",
  "run_time_seconds": 1
}
)";

AideReport parse(std::string_view text) {
  const auto report = parse_aide_report(text, absl::UTCTimeZone());
  EXPECT_TRUE(report.ok()) << report.status();
  return report.value_or(AideReport{});
}

std::string error_of(std::string_view text) {
  const auto report = parse_aide_report(text, absl::UTCTimeZone());
  return report.ok() ? "none" : std::string(report.status().message());
}

TEST(AideReport, TellsWhatWasFoundAndWhen) {
  const AideReport report = parse(kChanged);
  EXPECT_EQ(report.version, "0.18.3");
  EXPECT_EQ(report.result, v1::CHECK_RESULT_FOUND);
  EXPECT_EQ(report.found, 3U);
  EXPECT_EQ(report.detail, "1 added, 1 removed and 1 changed");
  EXPECT_EQ(report.started_at, parse_iso8601("2026-11-22T17:39:58Z"));
  EXPECT_EQ(report.ended_at, parse_iso8601("2026-11-22T17:40:03Z"));
}

TEST(AideReport, IsCleanOnlyWhereItSaysSo) {
  const AideReport report = parse(kClean);
  EXPECT_EQ(report.result, v1::CHECK_RESULT_CLEAN);
  EXPECT_EQ(report.found, 0U);
}

TEST(AideReport, ThatTheDatabaseWasMadeIsNoCheck) {
  EXPECT_EQ(parse(kInitialized).result, v1::CHECK_RESULT_NEVER);
}

TEST(AideReport, IsReadAsJson) {
  const AideReport report = parse(kJson);
  EXPECT_EQ(report.version, "0.18.3");
  EXPECT_EQ(report.result, v1::CHECK_RESULT_FOUND);
  EXPECT_EQ(report.found, 3U);
  EXPECT_EQ(report.detail, "1 added, 0 removed and 2 changed");
  EXPECT_EQ(report.ended_at, parse_iso8601("2026-11-22T18:39:59Z"));
}

TEST(AideReport, OfSeveralInOneFileTheLastCounts) {
  EXPECT_EQ(parse(std::string(kChanged) + std::string(kClean)).result, v1::CHECK_RESULT_CLEAN);
  EXPECT_EQ(parse(std::string(kClean) + std::string(kChanged)).found, 3U);
  const std::string clean_json =
      "{\n\"outline\": \"AIDE found NO differences between database and filesystem.\"\n}\n";
  EXPECT_EQ(parse(std::string(kJson) + clean_json).result, v1::CHECK_RESULT_CLEAN);
}

TEST(AideReport, OfVersion15HasTimesWithoutAZone) {
  const AideReport report = parse(
      "AIDE 0.15.1 found differences between database and filesystem!!\n"
      "Start timestamp: 2017-03-22 10:29:03\n\n"
      "Summary:\n  Total number of files:\t1234\n  Added files:\t\t\t3\n"
      "  Removed files:\t\t0\n  Changed files:\t\t2\n");
  EXPECT_EQ(report.version, "0.15.1");
  EXPECT_EQ(report.found, 5U);
  EXPECT_EQ(report.started_at, parse_iso8601("2017-03-22T10:29:03Z"));
}

TEST(AideReport, ThatBreaksOffHasFailed) {
  const AideReport report = parse(kChanged.substr(0, kChanged.find("AIDE found")));
  EXPECT_EQ(report.result, v1::CHECK_RESULT_FAILED);
  EXPECT_EQ(report.detail, "its report breaks off before it says what was found");
  // Later the counts are missing, and what was found is not.
  const AideReport later = parse(kChanged.substr(0, kChanged.find("Summary:")));
  EXPECT_EQ(later.result, v1::CHECK_RESULT_FOUND);
  EXPECT_FALSE(later.found);
}

struct DailyLog {
  const char* text;
  v1::CheckResult result;
  const char* detail;
};

// The forms that Debian's /usr/share/aide/bin/dailyaidecheck writes.
TEST(AideReport, IsReadWithinTheLogOfDebiansDailyCheck) {
  const std::string start = "aide run on host.example.org started at 2026-11-22 01:50:00.\n";
  const DailyLog logs[] = {
      {"AIDE returned with a zero exit code. No changes detected!\n\nAIDE produced no errors.\n"
       "AIDE detected no changes.\n\n",
       v1::CHECK_RESULT_CLEAN, ""},
      {"AIDE returned with exit code 5. Added and changed entries detected!\n\n",
       v1::CHECK_RESULT_FOUND, ""},
      {"**************************\n*  AIDE returned with exit code 17. Invalid configuration!  *\n"
       "**************************\n",
       v1::CHECK_RESULT_FAILED, "AIDE returned with exit code 17. Invalid configuration!"},
      {"*********\n*  terminated with signal INT   *\n*********\n", v1::CHECK_RESULT_FAILED,
       "terminated with signal INT"},
      {"*********\n*    database not present.    *\n*********\n", v1::CHECK_RESULT_FAILED,
       "database not present."},
  };
  for (const DailyLog& log : logs) {
    const AideReport report = parse(start + log.text);
    EXPECT_EQ(report.result, log.result) << log.text;
    EXPECT_EQ(report.detail, log.detail);
    EXPECT_EQ(report.started_at, parse_iso8601("2026-11-22T01:50:00Z"));
  }
  const AideReport whole = parse(
      start + "AIDE returned with exit code 7. Added, removed and changed entries detected!\n\n" +
      "AIDE output (40 lines):\n" + std::string(kChanged) + "End of AIDE output.\n");
  EXPECT_EQ(whole.found, 3U);
  EXPECT_EQ(whole.version, "0.18.3");
}

TEST(AideReport, IsNotToldByTheNamesOfFiles) {
  std::string report(kChanged);
  const std::string entry = "f+++++++++++++++++: /srv/tree/new";
  report.replace(report.find(entry), entry.size(),
                 "f+++: /tmp/AIDE returned with a zero exit code\n"
                 "            AIDE found NO differences between database and filesystem\n"
                 "  Added entries: 0\n            End timestamp: 2030-01-01 00:00:00");
  const AideReport parsed = parse(report);
  EXPECT_EQ(parsed.found, 3U);
  EXPECT_EQ(parsed.ended_at, parse_iso8601("2026-11-22T17:40:03Z"));
}

TEST(AideReport, DoesNotBeginAgainByTheNameOfAFile) {
  std::string report(kChanged);
  const std::string entry = "f+++++++++++++++++: /srv/tree/new";
  report.replace(report.find(entry), entry.size(),
                 "f+++: /tmp/a\nStart timestamp: 2026-11-22 19:00:00 +0000 (AIDE 0.18.3)\n"
                 "AIDE found NO differences between database and filesystem. Looks okay!!\n"
                 "aide run on host.example.org started at 2026-11-22 19:00:00.");
  const AideReport parsed = parse(report);
  EXPECT_EQ(parsed.result, v1::CHECK_RESULT_FOUND);
  EXPECT_EQ(parsed.found, 3U);
  EXPECT_EQ(parsed.started_at, parse_iso8601("2026-11-22T17:39:58Z"));
  EXPECT_EQ(parsed.ended_at, parse_iso8601("2026-11-22T17:40:03Z"));
  // The next report after its end is one.
  EXPECT_EQ(parse(report + std::string(kClean)).result, v1::CHECK_RESULT_CLEAN);
}

TEST(AideReport, OfAnotherFormIsNone) {
  EXPECT_THAT(error_of(""), HasSubstr("no report of AIDE in its own words"));
  EXPECT_THAT(error_of("Startzeit: 2026-11-22\nAIDE hat Unterschiede gefunden\n"),
              HasSubstr("no report of AIDE in its own words"));
  EXPECT_EQ(error_of("{\n\"a\": 1\n}\n"), "it is JSON, and no report of AIDE");
  EXPECT_THAT(error_of("{\n\"outline\": \"Unterschiede gefunden\"\n}\n"),
              HasSubstr("does not say what was found: Unterschiede"));
  EXPECT_NE(error_of(kJson.substr(0, kJson.size() / 2)), "none");
}

}  // namespace
}  // namespace muster::intrusion_detection
