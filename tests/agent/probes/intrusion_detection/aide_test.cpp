// AIDE on a host: database, reports, what starts it.
#include "agent/probes/intrusion_detection/aide.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <string>

#include "agent/probes/intrusion_detection/aide_config.h"
#include "tests/agent/probes/protection/product_world.h"

namespace muster::intrusion_detection {
namespace {

using protection::test::why_unread;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char* kClean =
    "Start timestamp: 2026-11-21 02:00:00 +0000 (AIDE 0.18.3)\n"
    "AIDE found NO differences between database and filesystem. Looks okay!!\n"
    "End timestamp: 2026-11-21 02:03:00 +0000 (run time: 3m 0s)\n";
constexpr const char* kChanged =
    "Start timestamp: 2026-11-22 02:00:00 +0000 (AIDE 0.18.3)\n"
    "AIDE found differences between database and filesystem!!\n"
    "  Added entries:\t\t0\n  Removed entries:\t\t0\n  Changed entries:\t\t2\n"
    "End timestamp: 2026-11-22 02:03:00 +0000 (run time: 3m 0s)\n";

class Aide : public ::testing::Test {
 protected:
  Aide() {
    world_.root().write("/usr/bin/aide", "");
    configure(
        "@@define DBDIR /var/lib/aide\ndatabase_in=file:@@{DBDIR}/aide.db\n"
        "database_out = file:@@{DBDIR}/aide.db.new\nreport_url=stdout\n"
        "report_url=file:/var/log/aide/report.txt\n");
    world_.root().write("/var/lib/aide/aide.db", "@@begin_db\n");
  }
  void configure(std::string_view text) { world_.root().write("/etc/aide/aide.conf", text); }
  void written(const std::string& path, std::chrono::hours before_now) {
    namespace fs = std::filesystem;
    fs::last_write_time(world_.root().path() + path,
                        std::chrono::file_clock::from_sys(world_.now() - before_now));
  }
  v1::ProtectionProduct read() {
    const auto product = world_.read(read_aide);
    EXPECT_TRUE(product);
    return product.value_or(v1::ProtectionProduct());
  }

  protection::test::ProductWorld world_;
};

TEST(AideConfig, ExpandsDefinitionsAndFollowsIncludes) {
  AideConfig config;
  parse_aide_config(
      "# database_in=file:/no\n@@define DBDIR /var/lib/aide\n@@define DB @@{DBDIR}/aide.db.gz\n"
      "database=file:@@{DB}\ndatabase_in=file:/second\nreport_url=file:///var/log/@@{NONE}a.log\n"
      "report_url=syslog:LOG_AUTH\n@@include /etc/aide.d ^[a-z]+$\n@@x_include @@{DBDIR}/x\n"
      "@@undef DBDIR\n@@include @@{DBDIR}/y\n",
      config);
  EXPECT_EQ(config.database, "/var/lib/aide/aide.db.gz");
  EXPECT_THAT(config.reports, ElementsAre("/var/log/a.log"));
  EXPECT_THAT(config.includes, ElementsAre("/etc/aide.d", "/var/lib/aide/x", "/y"));
}

TEST(AideConfig, KeepsItsBounds) {
  AideConfig config;
  std::string text;
  for (size_t i = 0; i <= kMostAideReports; ++i)
    text += "report_url=file:/r" + std::to_string(i) + "\n";
  for (size_t i = 0; i <= kMostAideIncludes; ++i)
    text += "@@include /i" + std::to_string(i) + "\n";
  for (size_t i = 0; i <= kMostAideDefinitions; ++i)
    text += "@@define D" + std::to_string(i) + " x\n";
  // Each a hundred times the one before.
  text += "@@define A " + std::string(100, 'a') + "\n";
  parse_aide_config(text, config);
  EXPECT_EQ(config.reports.size(), kMostAideReports);
  EXPECT_EQ(config.includes.size(), kMostAideIncludes);
  EXPECT_EQ(config.definitions.size(), kMostAideDefinitions);
}

TEST_F(Aide, IsAbsentWithoutItsProgram) {
  std::filesystem::remove(world_.root().path() + "/usr/bin/aide");
  EXPECT_FALSE(world_.read(read_aide));
  EXPECT_THAT(world_.problems(), IsEmpty());
}

TEST_F(Aide, TellsItsBaselineItsLastCheckAndWhatStartsIt) {
  written("/var/lib/aide/aide.db", std::chrono::hours(48));
  world_.root().write("/var/log/aide/report.txt", kChanged);
  world_.root().write("/etc/cron.daily/aide", "#!/bin/sh\n/usr/share/aide/bin/dailyaidecheck\n");
  world_.root().set_mode("/etc/cron.daily/aide", 0755);
  const v1::ProtectionProduct product = read();
  EXPECT_EQ(product.version(), "0.18.3");
  EXPECT_EQ(product.mode(), v1::PROTECTION_MODE_ON_DEMAND);
  EXPECT_EQ(from_proto(product.baseline_at()), *parse_iso8601("2026-11-20T12:00:00Z"));
  EXPECT_EQ(product.last_check().result(), v1::CHECK_RESULT_FOUND);
  EXPECT_EQ(product.last_check().found(), 2U);
  EXPECT_EQ(from_proto(product.last_check().ended_at()), *parse_iso8601("2026-11-22T02:03:00Z"));
  EXPECT_EQ(product.checks_scheduled(), v1::ANSWER_YES);
  EXPECT_THAT(product.unread(), IsEmpty());
}

// Who begins its log anew, makes its baseline or looks into its settings checks nothing.
TEST_F(Aide, IsScheduledByAJobThatChecksAndByNoOther) {
  struct Case {
    const char* line;
    v1::Answer scheduled;
  };
  for (const Case& each : std::vector<Case>{
           {"root find /var/log/aide -name '*.log' -mtime +30 -delete", v1::ANSWER_NO},
           {"root /usr/bin/aide --config-check", v1::ANSWER_NO},
           {"root aide -c /etc/aide.conf -D && true", v1::ANSWER_NO},
           {"root aide --init && mv /var/lib/aide/aide.db.new /var/lib/aide/aide.db",
            v1::ANSWER_NO},
           {"root backup # then aide --check", v1::ANSWER_NO},
           {"root /usr/bin/aide --config-check && nice -n 19 /usr/bin/aide", v1::ANSWER_YES},
           {"root bash -c 'aide -C | mail -s aide root'", v1::ANSWER_YES},
           {"root AIDE=\"/usr/sbin/aide\"; $AIDE --check", v1::ANSWER_YES},
           {"root /usr/bin/aide --update", v1::ANSWER_YES}}) {
    world_.root().write("/etc/cron.d/job", std::string("0 5 * * * ") + each.line + "\n");
    EXPECT_EQ(read().checks_scheduled(), each.scheduled) << each.line;
  }
}

TEST_F(Aide, OfSeveralReportsTheLatestCheckCounts) {
  world_.root().write("/var/log/aide/report.txt", kClean);
  world_.root().write("/var/log/aide/aide.log", kChanged);  // of Debian's daily check
  EXPECT_EQ(read().last_check().found(), 2U);
}

TEST_F(Aide, AReportThatCannotBeReadHidesTheOlderOnes) {
  world_.root().write("/var/log/aide/report.txt", kClean);
  world_.root().write("/var/log/aide/aide.log", "AIDE hat Unterschiede gefunden\n");
  written("/var/log/aide/report.txt", std::chrono::hours(24));
  EXPECT_FALSE(read().has_last_check());
  EXPECT_THAT(why_unread(read(), "last_check"), HasSubstr("no report of AIDE in its own words"));
  // The other way round it says nothing of the newest.
  written("/var/log/aide/aide.log", std::chrono::hours(48));
  EXPECT_EQ(read().last_check().result(), v1::CHECK_RESULT_CLEAN);
}

TEST_F(Aide, ReportsThatWereRotatedAwayAreUnreadAndNotClean) {
  EXPECT_FALSE(read().has_last_check());
  EXPECT_THAT(why_unread(read(), "last_check"), HasSubstr("rotated away"));
  world_.root().write("/var/log/aide/report.txt", "");
  EXPECT_THAT(why_unread(read(), "last_check"), HasSubstr("it is empty"));
}

TEST_F(Aide, WithoutADatabaseItIsOffAndSaysWhatToDo) {
  std::filesystem::remove(world_.root().path() + "/var/lib/aide/aide.db");
  v1::ProtectionProduct product = read();
  EXPECT_EQ(product.mode(), v1::PROTECTION_MODE_OFF);
  EXPECT_EQ(product.last_check().result(), v1::CHECK_RESULT_NEVER);
  EXPECT_THAT(why_unread(product, "baseline_at"), HasSubstr("make it with aide --init"));
  world_.root().write("/var/lib/aide/aide.db.new", "");
  EXPECT_THAT(why_unread(read(), "baseline_at"), HasSubstr("aide.db.new was made and waits"));
}

TEST_F(Aide, WithoutSettingsNothingIsTakenForGranted) {
  std::filesystem::remove(world_.root().path() + "/etc/aide/aide.conf");
  EXPECT_THAT(why_unread(read(), "baseline_at"), HasSubstr("nor /etc/aide.conf is there"));
  configure("database_in=https://example.org/aide.db\n");
  EXPECT_THAT(why_unread(read(), "baseline_at"), HasSubstr("names no database_in=file:"));
}

TEST_F(Aide, FindsItsReportsInIncludedFiles) {
  configure("database_in=file:/var/lib/aide/aide.db\n@@x_include /etc/aide/aide.conf.d ^[a-z]+$\n");
  world_.root().write("/etc/aide/aide.conf.d/10_script", "#!/bin/sh\nreport_url=file:/no\n");
  world_.root().write("/etc/aide/aide.conf.d/20_report", "report_url=file:/srv/report\n");
  world_.root().write("/srv/report", kChanged);
  EXPECT_EQ(read().last_check().found(), 2U);
}

TEST_F(Aide, WhatMayNotBeReadIsUnread) {
  world_.root().write("/var/log/aide/report.txt", kClean);
  world_.root().set_mode("/var/lib/aide", 0700);
  world_.root().set_mode("/var/log/aide/report.txt", 0600);
  const muster::test::WithoutRights without_rights;
  const v1::ProtectionProduct product = read();
  EXPECT_THAT(why_unread(product, "baseline_at"), HasSubstr("Permission denied"));
  EXPECT_THAT(why_unread(product, "last_check"), HasSubstr("Permission denied"));
  EXPECT_EQ(product.mode(), v1::PROTECTION_MODE_ON_DEMAND);
}

TEST_F(Aide, AReportBeyondItsBoundIsUnread) {
  std::string json = "{\n\"outline\": \"AIDE found NO differences between\", \"x\": \"";
  world_.root().write("/var/log/aide/report.txt", json + std::string(4 << 20, 'x') + "\"\n}\n");
  EXPECT_THAT(why_unread(read(), "last_check"), HasSubstr("too much of JSON"));
  world_.root().write("/var/log/aide/report.txt", kClean + std::string(16 << 20, '\n'));
  EXPECT_FALSE(read().has_last_check());
  EXPECT_NE(why_unread(read(), "last_check"), "");
}

}  // namespace
}  // namespace muster::intrusion_detection
