#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "agent/probes/antivirus/clamav_config.h"
#include "agent/probes/antivirus/clamav_daemon.h"
#include "agent/probes/antivirus/clamav_database.h"
#include "agent/probes/antivirus/clamav_scans.h"
#include "agent/probes/antivirus/clamav_update.h"
#include "common/timestamp.h"

namespace muster::antivirus {
namespace {

using namespace std::string_view_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const absl::TimeZone utc = absl::UTCTimeZone();

std::string text_of(const std::optional<TimePoint>& time) {
  return time ? to_iso8601(*time) : "none";
}

std::string header(std::string fields) {
  fields.resize(kCvdHeaderSize, ' ');
  return fields;
}

TEST(ClamavConfig, HasItsOptionsInAnyCaseAndTheLastOneCounts) {
  const ClamavConfig config(
      "# LocalSocket /no\nLocalSocket /run/a\nlocalsocket\t\"/run/b c\"\nExcludePath ^/proc\n"
      "ExcludePath ^/sys\nOnAccessPrevention TRUE\nDebug no\nEmpty\n");
  EXPECT_EQ(config.value("LocalSocket"), "/run/b c");
  EXPECT_THAT(config.values("excludepath"), ElementsAre("^/proc", "^/sys"));
  EXPECT_TRUE(config.flag("OnAccessPrevention", false));
  EXPECT_FALSE(config.flag("Debug", true));
  EXPECT_TRUE(config.flag("Unset", true));
  EXPECT_EQ(config.value("Unset", "else"), "else");
  EXPECT_EQ(config.value("Empty", "else"), "");
}

TEST(ClamavConfig, IsBounded) {
  std::string text;
  for (size_t i = 0; i < kMostOptions + 100; ++i)
    text += "ExcludePath /x\n";
  EXPECT_EQ(ClamavConfig(text).values("ExcludePath").size(), kMostOptions);
}

// As sigtool of ClamAV 1.4.6 made it.
TEST(CvdHeader, TellsVersionCountAndTime) {
  const auto parsed =
      parse_cvd_header(header("ClamAV-VDB:22 Nov 2026 18-41 +0000:27500:2075656:216:"
                              "029c4ea467a570299b3d909f10996c4c:X:muster:1795372876"));
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_EQ(parsed->version, 27500);
  EXPECT_EQ(parsed->signatures, 2'075'656);
  EXPECT_EQ(parsed->level, 216);
  EXPECT_EQ(parsed->builder, "muster");
  EXPECT_EQ(text_of(parsed->built_at), "2026-11-22T18:41:16Z");
}

TEST(CvdHeader, WithoutSecondsHasMinutes) {
  const auto parsed =
      parse_cvd_header(header("ClamAV-VDB:16 Sep 2021 08-32 -0400:62:6647427:90:md5:sig:sigmgr"));
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_EQ(text_of(parsed->built_at), "2021-09-16T12:32:00Z");
}

TEST(CvdHeader, BrokenIsAnErrorThatSaysWhatToDo) {
  const std::string good = "ClamAV-VDB:22 Nov 2026 18-41 +0000:27500:1:216:md5:X:muster:1795372876";
  EXPECT_TRUE(parse_cvd_header(header(good)).ok());
  EXPECT_THAT(std::string(parse_cvd_header(good).status().message()), HasSubstr("not whole"));
  for (const char* bad :
       {"", "ClamAV-VDX:22 Nov 2026 18-41 +0000:27500:1:216:md5:X:muster:1795372876",
        "ClamAV-VDB:22 Nov 2026 18-41 +0000:-1:1:216:md5:X:muster:1795372876",
        "ClamAV-VDB:22 Nov 2026 18-41 +0000:99999999999:1:216:md5:X:muster:1795372876",
        "ClamAV-VDB:22 Nov 2026 18-41 +0000::1:216:md5:X:muster:1795372876",
        "ClamAV-VDB:never:27500:1:216:md5:X:muster:never", "ClamAV-VDB:::::::::::::::::"}) {
    EXPECT_FALSE(parse_cvd_header(header(bad)).ok()) << bad;
  }
}

// As clamd 1.4.6 answered.
constexpr std::string_view kReply =
    "1: PONG\0"
    "2: ClamAV 1.4.6/27500/Sun Nov 22 18:41:16 2026\0"
    "3: POOLS: 1\n\nSTATE: VALID PRIMARY\nTHREADS: live 1  idle 0 max 10 idle-timeout 30\n"
    "QUEUE: 3 items\n\tSTATS 0.000075 \n\nMEMSTATS: heap N/A mmap N/A used N/A free N/A "
    "releasable N/A pools 1 pools_used 5.883M pools_total 5.964M\nEND\0"sv;

TEST(ClamdReply, TellsWhatIsLoaded) {
  const ClamdReply reply = parse_clamd_reply(kReply, utc);
  EXPECT_TRUE(reply.answers);
  EXPECT_EQ(reply.engine, "1.4.6");
  EXPECT_EQ(reply.daily, 27500);
  EXPECT_EQ(text_of(reply.daily_built_at), "2026-11-22T18:41:16Z");
  EXPECT_EQ(reply.state, "VALID PRIMARY");
  EXPECT_EQ(reply.queue, 3);
  EXPECT_EQ(reply.other, "");
}

TEST(ClamdReply, OfLocalSignaturesHasNoVersion) {
  const ClamdReply reply = parse_clamd_reply("1: PONG\0002: ClamAV 1.4.6\0"sv, utc);
  EXPECT_TRUE(reply.answers);
  EXPECT_EQ(reply.engine, "1.4.6");
  EXPECT_EQ(reply.daily, 0);
  EXPECT_EQ(text_of(reply.daily_built_at), "none");
}

TEST(ClamdReply, ThatIsNoneIsKeptAsItWasSaid) {
  EXPECT_FALSE(parse_clamd_reply("", utc).answers);
  const ClamdReply reply = parse_clamd_reply("1: COMMAND\x1b UNAVAILABLE", utc);
  EXPECT_FALSE(reply.answers);
  EXPECT_EQ(reply.other, "COMMAND\\x1b UNAVAILABLE");
  EXPECT_EQ(parse_clamd_reply("ClamAV 1.4.6/x/Sun Nov 22 18:41:16 2026", utc).daily, 0);
  EXPECT_FALSE(
      parse_clamd_reply("ClamAV 1.4.6/5/Sun Nov 22 18:41:16 2026", std::nullopt).daily_built_at);
}

// As freshclam 1.4.6 logged, with LogTime.
constexpr std::string_view kUpdated =
    "Sun Nov 22 17:58:20 2026 -> --------------------------------------\n"
    "Sun Nov 22 17:58:20 2026 -> ClamAV update process started at Sun Nov 22 17:58:20 2026\n"
    "Sun Nov 22 17:58:20 2026 -> WARNING: DNS Update Info disabled. Falling back to HTTP mode.\n"
    "Sun Nov 22 17:58:20 2026 -> Downloading custom.hdb [100%]\n"
    "Sun Nov 22 17:58:20 2026 -> Database test passed.\n"
    "Sun Nov 22 17:58:20 2026 -> custom.hdb updated (version: custom database, sigs: 1)\n"
    "Sun Nov 22 17:58:20 2026 -> WARNING: Clamd was NOT notified: Can't connect to clamd through "
    "/run/clamav/clamd.ctl: No such file or directory\n";
constexpr std::string_view kFailed =
    "Sun Nov 22 18:58:20 2026 -> --------------------------------------\n"
    "Sun Nov 22 18:58:20 2026 -> ClamAV update process started at Sun Nov 22 18:58:20 2026\n"
    "Sun Nov 22 18:58:20 2026 -> WARNING: DNS Update Info disabled. Falling back to HTTP mode.\n"
    "Sun Nov 22 18:58:20 2026 -> Trying to retrieve CVD header from http://127.0.0.1:9/daily.cvd\n"
    "Sun Nov 22 18:58:20 2026 -> ERROR: remote_cvdhead: Download failed (7) Sun Nov 22 18:58:20 "
    "2026 -> ERROR:  Message: Couldn't connect to server\n"
    "Sun Nov 22 18:58:20 2026 -> Giving up on http://127.0.0.1:9...\n"
    "Sun Nov 22 18:58:20 2026 -> ERROR: Update failed for database: daily\n"
    "Sun Nov 22 18:58:20 2026 -> ERROR: Database update process failed: HTTP GET failed\n"
    "Sun Nov 22 18:58:20 2026 -> ERROR: Update failed.\n";

TEST(FreshclamLog, TellsOfTheLastTryAndTheLastSuccess) {
  const UpdateHistory history =
      parse_freshclam_log(std::string(kUpdated) + std::string(kFailed), utc);
  EXPECT_TRUE(history.has_runs);
  EXPECT_EQ(text_of(history.tried_at), "2026-11-22T18:58:20Z");
  EXPECT_EQ(text_of(history.succeeded_at), "2026-11-22T17:58:20Z");
  EXPECT_EQ(history.error, "Database update process failed: HTTP GET failed");
  EXPECT_THAT(history.warnings, IsEmpty());
}

TEST(FreshclamLog, OfASuccessHasNoErrorAndItsWarnings) {
  const UpdateHistory history =
      parse_freshclam_log(std::string(kFailed) + std::string(kUpdated), utc);
  EXPECT_EQ(history.succeeded_at, history.tried_at);
  EXPECT_EQ(history.error, "");
  EXPECT_THAT(history.warnings, ElementsAre(HasSubstr("Clamd was NOT notified")));
}

// As freshclam.conf(5) has it without LogTime, and as older versions mark their errors.
TEST(FreshclamLog, IsReadWithoutTheTimesOfItsLinesToo) {
  const UpdateHistory history = parse_freshclam_log(
      "ClamAV update process started at Sun Nov 22 12:00:01 2026\n"
      "daily.cld database is up-to-date (version: 27500, sigs: 2075656, f-level: 90, builder: x)\n"
      "ClamAV update process started at Sun Nov 22 13:00:01 2026\n"
      "^Can't query current.cvd.clamav.net\n!Update failed for database: daily\n",
      utc);
  EXPECT_EQ(text_of(history.succeeded_at), "2026-11-22T12:00:01Z");
  EXPECT_EQ(text_of(history.tried_at), "2026-11-22T13:00:01Z");
  EXPECT_EQ(history.error, "Update failed for database: daily");
}

TEST(FreshclamLog, OfARunThatGoesOnTellsOfTheOneBefore) {
  const UpdateHistory history = parse_freshclam_log(
      std::string(kUpdated) +
          "Sun Nov 22 19:00:00 2026 -> ClamAV update process started at Sun Nov 22 19:00:00 2026\n",
      utc);
  EXPECT_EQ(text_of(history.tried_at), "2026-11-22T17:58:20Z");
  EXPECT_FALSE(parse_freshclam_log("", utc).has_runs);
  EXPECT_FALSE(parse_freshclam_log("ClamAV update process started at never\n", utc).has_runs);
}

// As clamscan 1.4.6 logged.
constexpr std::string_view kScan =
    "\n-------------------------------------------------------------------------------\n\n"
    "/srv/files/eicar.com: Eicar-Test.UNOFFICIAL FOUND\n"
    "relative.com: Eicar-Test.UNOFFICIAL FOUND\n"
    "\n----------- SCAN SUMMARY -----------\n"
    "Known viruses: 3\nEngine version: 1.4.6\nScanned directories: 1\nScanned files: 2\n"
    "Infected files: 2\nTotal errors: 4\nData scanned: 0.00 MB\n"
    "Data read: 0.00 MB (ratio 0.00:1)\nTime: 0.021 sec (0 m 0 s)\n"
    "Start Date: 2026:11:22 18:58:20\nEnd Date:   2026:11:22 18:59:20\n";

TEST(ScanLog, TellsOfTheLastScan) {
  const ScanLog log = parse_scan_log(kScan, utc);
  ASSERT_TRUE(log.last);
  EXPECT_EQ(log.last->infected, 2);
  EXPECT_EQ(log.last->errors, 4);
  EXPECT_EQ(log.last->scanned, 2);
  EXPECT_EQ(text_of(log.last->started_at), "2026-11-22T18:58:20Z");
  EXPECT_EQ(text_of(log.last->ended_at), "2026-11-22T18:59:20Z");
  EXPECT_THAT(log.infected, ElementsAre("/srv/files/eicar.com"));
  EXPECT_FALSE(log.has_open_end);
}

TEST(ScanLog, OfALaterScanForgetsWhatAnEarlierOneFound) {
  const std::string clean =
      "-------------------------------------------------------------------------------\n"
      "----------- SCAN SUMMARY -----------\nScanned files: 2\nInfected files: 0\n";
  EXPECT_THAT(parse_scan_log(std::string(kScan) + clean, utc).infected, IsEmpty());
  const ScanLog open = parse_scan_log(
      std::string(kScan) + clean.substr(0, 80) + "/srv/other: Eicar-Test FOUND\n", utc);
  EXPECT_TRUE(open.has_open_end);
  EXPECT_THAT(open.infected, ElementsAre("/srv/files/eicar.com", "/srv/other"));
}

TEST(ScanLog, OfADaemonHasFindingsAndNoScans) {
  const ScanLog log = parse_scan_log(
      "Sun Nov 22 18:58:20 2026 -> /srv/a: Eicar-Test FOUND\n"
      "Sun Nov 22 18:58:21 2026 -> instream(local): Eicar-Test FOUND\n"
      "/srv/with: colon: Eicar-Test FOUND\n/srv/none FOUND\n",
      utc);
  EXPECT_FALSE(log.last);
  EXPECT_THAT(log.infected, ElementsAre("/srv/a", "/srv/with: colon"));
}

TEST(ScanLog, IsBounded) {
  std::string text;
  for (size_t i = 0; i < kMostInfected + 10; ++i) {
    text += "/srv/" + std::to_string(i) + ": Eicar-Test FOUND\n";
  }
  EXPECT_EQ(parse_scan_log(text, utc).infected.size(), kMostInfected);
  const std::string summary = "----------- SCAN SUMMARY -----------\nScanned files: 1\n";
  const std::string scan = std::string(79, '-') + "\n";
  const ScanLog log = parse_scan_log(text.append(summary).append(scan).append(summary), utc);
  EXPECT_EQ(log.earlier.size(), kMostInfected);
  EXPECT_EQ(log.earlier_unnamed, 10);
  EXPECT_EQ(log.infected.size() + log.unnamed, 0);
}

}  // namespace
}  // namespace muster::antivirus
