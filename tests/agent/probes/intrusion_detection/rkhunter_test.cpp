// Rootkit Hunter: its log as Debian's 1.4.6 wrote it, and its host.
#include "agent/probes/intrusion_detection/rkhunter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "agent/probes/intrusion_detection/rkhunter_log.h"
#include "tests/agent/probes/protection/product_world.h"

namespace muster::intrusion_detection {
namespace {

using protection::test::why_unread;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char* kLog = "/var/log/rkhunter.log";
constexpr const char* kUpdate =
    "[09:43:25] Running Rootkit Hunter version 1.4.6 on host\n"
    "[09:43:25]\n"
    "[09:43:25] Info: Start date is Sun Nov 22 09:43:25 UTC 2026\n"
    "[09:43:26] Info: Starting file properties data update...\n"
    "[09:43:29] Info: File created: searched for 177 files, found 122\n"
    "[09:43:29] Info: End date is Sun Nov 22 09:43:29 UTC 2026\n";
constexpr const char* kCheckStarts =
    "[10:43:29] Running Rootkit Hunter version 1.4.6 on host\n"
    "[10:43:29]\n"
    "[10:43:29] Info: Start date is Sun Nov 22 10:43:29 UTC 2026\n"
    "[10:43:30] Starting system checks...\n"
    "[10:43:33] Info: Starting test name 'properties'\n";
constexpr const char* kWarnings =
    "[10:44:07]     Checking loaded kernel modules                [ Warning ]\n"
    "[10:44:07] Warning: The modules file '/proc/modules' is missing.\n"
    "[10:44:10]   Checking /dev for suspicious file types         [ Warning ]\n"
    "[10:44:10] Warning: Suspicious file types found in /dev:\n"
    "[10:44:10]          /dev/shm/x: data\n";
constexpr const char* kCheckEnds =
    "[10:44:11] System checks summary\n"
    "[10:44:11] =====================\n"
    "[10:44:11] Suspect files: 0\n"
    "[10:44:11] Possible rootkits: 0\n"
    "[10:44:11] The system checks took: 41 seconds\n"
    "[10:44:11]\n"
    "[10:44:11] Info: End date is Sun Nov 22 10:44:11 UTC 2026\n";

class Rkhunter : public ::testing::Test {
 protected:
  Rkhunter() {
    world_.root().write("/usr/bin/rkhunter", "");
    world_.root().write("/etc/rkhunter.conf", "LOGFILE=/var/log/rkhunter.log\n");
    world_.root().write("/var/lib/rkhunter/db/rkhunter.dat", "Version:2026112200\n");
    written("/var/lib/rkhunter/db/rkhunter.dat", "2026-11-01T00:00:00Z");
  }
  void log(std::string_view text, std::string_view at = "2026-11-22T10:44:11Z") {
    world_.root().write(kLog, text);
    written(kLog, at);
  }
  void written(const std::string& path, std::string_view at) {
    std::filesystem::last_write_time(world_.root().path() + path,
                                     std::chrono::file_clock::from_sys(*parse_iso8601(at)));
  }
  v1::ProtectionProduct read() {
    const auto product = world_.read(read_rkhunter);
    EXPECT_TRUE(product);
    return product.value_or(v1::ProtectionProduct());
  }

  protection::test::ProductWorld world_;
};

TEST_F(Rkhunter, TellsItsLastCheckAndItsWarnings) {
  log(std::string(kUpdate) + kCheckStarts + kWarnings + kCheckEnds);
  const v1::ProtectionProduct product = read();
  EXPECT_EQ(product.version(), "1.4.6");
  EXPECT_EQ(product.mode(), v1::PROTECTION_MODE_ON_DEMAND);
  EXPECT_EQ(from_proto(product.baseline_at()), *parse_iso8601("2026-11-01T00:00:00Z"));
  EXPECT_EQ(product.last_check().result(), v1::CHECK_RESULT_FOUND);
  EXPECT_EQ(product.last_check().found(), 2U);
  EXPECT_EQ(product.last_check().detail(), "The modules file '/proc/modules' is missing.");
  EXPECT_EQ(from_proto(product.last_check().started_at()), *parse_iso8601("2026-11-22T10:43:29Z"));
  EXPECT_EQ(from_proto(product.last_check().ended_at()), *parse_iso8601("2026-11-22T10:44:11Z"));
  EXPECT_EQ(product.checks_scheduled(), v1::ANSWER_NO);
  EXPECT_THAT(product.unread(), IsEmpty());
}

TEST_F(Rkhunter, WithoutWarningsIsClean) {
  log(std::string(kCheckStarts) + kCheckEnds + kUpdate);
  EXPECT_EQ(read().last_check().result(), v1::CHECK_RESULT_CLEAN);
  EXPECT_EQ(read().last_check().found(), 0U);
}

TEST_F(Rkhunter, NamesRootkits) {
  std::string text = std::string(kCheckStarts) + kWarnings + kCheckEnds;
  text.replace(text.find("rootkits: 0"), 11, "rootkits: 2");
  log(text);
  EXPECT_THAT(read().last_check().detail(), HasSubstr("Possible rootkits: 2; The modules file"));
}

TEST_F(Rkhunter, ACheckUnderWayLeavesTheOneBeforeInPlace) {
  log(std::string(kCheckStarts) + kCheckEnds + kCheckStarts + kWarnings, "2026-11-22T11:59:00Z");
  EXPECT_EQ(read().last_check().result(), v1::CHECK_RESULT_CLEAN);
  log(std::string(kCheckStarts) + kWarnings, "2026-11-22T11:59:00Z");
  EXPECT_EQ(read().last_check().result(), v1::CHECK_RESULT_RUNNING);
}

TEST_F(Rkhunter, ACheckThatWasKilledHasFailed) {
  log(std::string(kCheckStarts) + kCheckEnds + kCheckStarts + kWarnings, "2026-11-22T08:00:00Z");
  EXPECT_EQ(read().last_check().result(), v1::CHECK_RESULT_FAILED);
  log(std::string(kCheckStarts) + kWarnings + kUpdate);
  EXPECT_EQ(read().last_check().result(), v1::CHECK_RESULT_FAILED);
  EXPECT_FALSE(read().last_check().has_found());
}

TEST_F(Rkhunter, ALogInAnotherLanguageOrBegunAnewIsUnread) {
  log("[10:43:29] Running Rootkit Hunter in Version 1.4.6 auf host\n"
      "[10:43:30] Starte System-Überprüfungen...\n");
  EXPECT_THAT(why_unread(read(), "last_check"), HasSubstr("see LANGUAGE in rkhunter.conf"));
  log("");
  EXPECT_THAT(why_unread(read(), "last_check"), HasSubstr("no check since it was begun anew"));
  log(kUpdate);
  EXPECT_THAT(why_unread(read(), "last_check"), HasSubstr("no check since it was begun anew"));
  std::filesystem::remove(world_.root().path() + kLog);
  EXPECT_THAT(why_unread(read(), "last_check"), HasSubstr("rotated away"));
  EXPECT_FALSE(read().has_last_check());
}

TEST(RkhunterLog, ReadsTheDatesOfDate) {
  const absl::TimeZone east = absl::FixedTimeZone(3600);
  const struct {
    const char* date;
    const char* utc;
  } dates[] = {{"Sun Nov 22 10:44:11 UTC 2026", "2026-11-22T10:44:11Z"},
               {"Sun Nov 22 10:44:11 CET 2026", "2026-11-22T09:44:11Z"},
               {"Sun Nov 22 10:44:11 PM CET 2026", "2026-11-22T21:44:11Z"},
               {"Sun 22 Nov 2026 10:44:11 AM CET", "2026-11-22T09:44:11Z"},
               {"Sun  1 Nov 10:44:11 -03 2026", nullptr},
               {"So 22. Nov 10:44:11 CET 2026", nullptr}};
  for (const auto& date : dates) {
    const RkhunterLog log = parse_rkhunter_log(
        std::string(kCheckStarts) + "[10:44:11] Info: End date is " + date.date + "\n", east);
    ASSERT_TRUE(log.last_whole);
    EXPECT_EQ(log.last_whole->ended_at,
              date.utc == nullptr ? std::nullopt : parse_iso8601(date.utc))
        << date.date;
  }
}

TEST_F(Rkhunter, ADateThatIsNotUnderstoodIsWhenTheLogWasWritten) {
  std::string text = std::string(kCheckStarts) + kCheckEnds;
  text.replace(text.rfind("Sun Nov"), 7, "So Nov.");
  log(text, "2026-11-22T10:44:12Z");
  EXPECT_EQ(from_proto(read().last_check().ended_at()), *parse_iso8601("2026-11-22T10:44:12Z"));
}

TEST_F(Rkhunter, IsScheduledWhereDebiansSettingSaysSo) {
  world_.root().write("/etc/cron.weekly/rkhunter", "#!/bin/sh\nrkhunter --update\n");
  world_.root().set_mode("/etc/cron.weekly/rkhunter", 0755);
  EXPECT_EQ(read().checks_scheduled(), v1::ANSWER_NO) << "that updates its data";
  world_.root().write("/etc/cron.daily/rkhunter",
                      "#!/bin/sh\n. /etc/default/rkhunter\ncase \"$CRON_DAILY_RUN\" in [YyTt]*)\n"
                      "rkhunter --cronjob --report-warnings-only --appendlog ;; esac\n");
  world_.root().set_mode("/etc/cron.daily/rkhunter", 0755);
  EXPECT_EQ(read().checks_scheduled(), v1::ANSWER_NO);
  world_.root().write("/etc/default/rkhunter", "CRON_DAILY_RUN=\"false\"\n");
  EXPECT_EQ(read().checks_scheduled(), v1::ANSWER_NO);
  world_.root().write("/etc/default/rkhunter", "#CRON_DAILY_RUN=\"\"\nCRON_DAILY_RUN=\"true\"\n");
  EXPECT_EQ(read().checks_scheduled(), v1::ANSWER_YES);
}

TEST_F(Rkhunter, FilesAreWhereItsSettingsSay) {
  world_.root().write("/etc/rkhunter.d/site.conf", "LOGFILE=\"/srv/log\"\nDBDIR=/srv/db\n");
  world_.root().write("/srv/log", std::string(kCheckStarts) + kCheckEnds);
  EXPECT_EQ(read().last_check().result(), v1::CHECK_RESULT_CLEAN);
  EXPECT_THAT(why_unread(read(), "baseline_at"), HasSubstr("/srv/db/rkhunter.dat: there is none"));
}

TEST_F(Rkhunter, WhatMayNotBeReadIsUnread) {
  log(std::string(kCheckStarts) + kCheckEnds);
  world_.root().set_mode(kLog, 0600);
  world_.root().set_mode("/var/lib/rkhunter", 0700);
  const muster::test::WithoutRights without_rights;
  EXPECT_THAT(why_unread(read(), "last_check"), HasSubstr("Permission denied"));
  EXPECT_THAT(why_unread(read(), "baseline_at"), HasSubstr("Permission denied"));
}

}  // namespace
}  // namespace muster::intrusion_detection
