// Samhain: its log as Debian's 4.1.4 wrote it, and its host.
#include "agent/probes/intrusion_detection/samhain.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "agent/probes/intrusion_detection/samhain_log.h"
#include "tests/agent/probes/protection/product_world.h"

namespace muster::intrusion_detection {
namespace {

using protection::test::why_unread;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char* kLog = "/var/log/samhain/samhain.log";
constexpr const char* kDatabase = "/var/lib/samhain/samhain_file";
constexpr const char* kStart =
    "[SOF]\n"
    "ALERT  :  [2026-11-22T10:45:17+0000] msg=<START>, program=<Samhain>, userid=<0>, "
    "path=</etc/samhain/samhainrc>, hash=<BBF68B715DB91862493BCFFA9B7D3DE704092467D8321F28>\n"
    "070FB4E3985F0B9E98BB3E282B7E89A261A5DB33B514F77B[2026-11-22T10:45:17+0000]\n";
constexpr const char* kCheckStarts =
    "MARK   :  [2026-11-22T10:45:18+0000] msg=<File check starting.>\n";
constexpr const char* kChanges =
    "CRIT   :  [2026-11-22T10:45:18+0000] msg=<POLICY [ReadOnly] C-------TS>, path=</srv/tree/a>, "
    "size_old=<2>, size_new=<4>, \n"
    "CRIT   :  [2026-11-22T10:45:18+0000] msg=<POLICY MISSING>, path=</srv/tree/n>, "
    "mode_old=<-rw-r--r-->\n"
    "CRIT   :  [2026-11-22T10:45:18+0000] msg=<POLICY [ServiceNew] port: 127.0.0.1:2024/tcp "
    "(unknown)> path=<-> pid=<0> userid=<->\n";
constexpr const char* kCheckEnds =
    "MARK   :  [2026-11-22T10:45:19+0000] msg=<File check completed.>, time=<0>, kBps=<0.064000>\n"
    "0F9FF3CD6E3C8C1B3611572AA4D36E34E1DEBF8F11876B2D\n";
constexpr const char* kLaterCheck =
    "MARK   :  [2026-11-22T11:45:18+0000] msg=<File check starting.>\n"
    "MARK   :  [2026-11-22T11:45:19+0000] msg=<File check completed.>, time=<0>, kBps=<0.064000>\n";
constexpr const char* kExit =
    "ALERT  :  [2026-11-22T10:45:50+0000] msg=<EXIT>, program=<Samhain>, status=<exit_success>\n";

class Samhain : public ::testing::Test {
 protected:
  Samhain() {
    world_.root().write("/usr/sbin/samhain", "");
    world_.root().write("/etc/samhain/samhainrc", "[Misc]\nDaemon = yes\n");
    world_.root().write(kDatabase, "[SOF]");
    std::filesystem::last_write_time(
        world_.root().path() + kDatabase,
        std::chrono::file_clock::from_sys(*parse_iso8601("2026-11-20T00:00:00Z")));
  }
  void log(std::string_view text) { world_.root().write(kLog, text); }
  v1::ProtectionProduct read() {
    const auto product = world_.read(read_samhain);
    EXPECT_TRUE(product);
    return product.value_or(v1::ProtectionProduct());
  }

  protection::test::ProductWorld world_;
};

TEST_F(Samhain, TellsItsBaselineItsDaemonAndChangesOfFiles) {
  world_.answer("processes", "1 0 systemd\n77 0 samhain\n");
  log(std::string(kStart) + kCheckStarts + kChanges + kCheckEnds);
  const v1::ProtectionProduct product = read();
  EXPECT_EQ(product.running(), v1::ANSWER_YES);
  EXPECT_EQ(product.mode(), v1::PROTECTION_MODE_ACTIVE);
  EXPECT_EQ(product.checks_scheduled(), v1::ANSWER_YES);
  EXPECT_EQ(from_proto(product.baseline_at()), *parse_iso8601("2026-11-20T00:00:00Z"));
  EXPECT_EQ(product.last_check().result(), v1::CHECK_RESULT_FOUND);
  EXPECT_EQ(product.last_check().found(), 2U) << "a port is no file";
  EXPECT_EQ(product.last_check().detail(), "POLICY MISSING /srv/tree/n");
  EXPECT_EQ(from_proto(product.last_check().ended_at()), *parse_iso8601("2026-11-22T10:45:19Z"));
  EXPECT_THAT(product.unread(), IsEmpty());
}

TEST_F(Samhain, TellsOfEachChangeOnceAndItStaysFound) {
  log(std::string(kStart) + kCheckStarts + kChanges + kCheckEnds + kLaterCheck);
  const v1::LastCheck check = read().last_check();
  EXPECT_EQ(check.found(), 2U);
  EXPECT_EQ(from_proto(check.ended_at()), *parse_iso8601("2026-11-22T11:45:19Z"));
}

TEST_F(Samhain, ChangesBeforeTheBaselineAreAcknowledged) {
  const SamhainLog parsed =
      parse_samhain_log(std::string(kStart) + kCheckStarts + kChanges + kCheckEnds,
                        parse_iso8601("2026-11-22T11:00:00Z"));
  EXPECT_EQ(parsed.changes, 0U);
}

TEST_F(Samhain, EachStartCountsAnew) {
  const std::string first = std::string(kStart) + kCheckStarts + kChanges + kCheckEnds + kExit;
  log(first + kStart + kLaterCheck);
  EXPECT_EQ(read().last_check().result(), v1::CHECK_RESULT_CLEAN);
  EXPECT_EQ(read().last_check().found(), 0U);
}

// Changes are told once: what lies before the end of the log that is read, nobody knows.
TEST_F(Samhain, IsNotCleanByTheEndOfALongLog) {
  const std::string line = "CRIT   :  [2026-11-22T10:46:00+0000] msg=<LOGIN>, name=<somebody>\n";
  std::string noise;
  while (noise.size() <= size_t{8} << 20)
    noise += line;
  const std::string first = std::string(kStart) + kCheckStarts + kChanges + kCheckEnds;
  log(first + noise + kLaterCheck);
  EXPECT_FALSE(read().has_last_check());
  EXPECT_THAT(why_unread(read(), "last_check"), HasSubstr("longer than 8 MiB"));
  // What is found after it is found, and a start counts anew.
  log(first + noise + kChanges + kLaterCheck);
  EXPECT_EQ(read().last_check().result(), v1::CHECK_RESULT_FOUND);
  log(first + noise + kStart + kLaterCheck);
  EXPECT_EQ(read().last_check().result(), v1::CHECK_RESULT_CLEAN);
  EXPECT_EQ(read().last_check().detail(), "");
}

TEST_F(Samhain, ThatIsCleanByALogBegunAnewSaysSo) {
  log(kLaterCheck);
  EXPECT_EQ(read().last_check().result(), v1::CHECK_RESULT_CLEAN);
  EXPECT_THAT(read().last_check().detail(), HasSubstr("before is not in it"));
}

TEST_F(Samhain, ADaemonThatDiedDoesNotRunWhateverItsFilesSay) {
  world_.root().write("/run/samhain/samhain.pid", "77\n");
  world_.answer("processes", "1 0 systemd\n78 1000 samhain\n");  // somebody's program of that name
  log(std::string(kStart) + kCheckStarts);
  const v1::ProtectionProduct product = read();
  EXPECT_EQ(product.running(), v1::ANSWER_NO);
  EXPECT_EQ(product.checks_scheduled(), v1::ANSWER_NO);
  EXPECT_EQ(product.last_check().result(), v1::CHECK_RESULT_FAILED);
  EXPECT_EQ(product.last_check().detail(), "Samhain ended before its check did");
}

TEST_F(Samhain, StartedByCronIsNoDaemon) {
  world_.answer("processes", "1 0 systemd\n");
  world_.root().write("/etc/cron.daily/check", "#!/bin/sh\nsamhain -t check\n");
  world_.root().set_mode("/etc/cron.daily/check", 0755);
  log(std::string(kStart) + kCheckStarts + kCheckEnds + kExit);
  const v1::ProtectionProduct product = read();
  EXPECT_EQ(product.running(), v1::ANSWER_UNSPECIFIED);
  EXPECT_EQ(product.mode(), v1::PROTECTION_MODE_ON_DEMAND);
  EXPECT_EQ(product.checks_scheduled(), v1::ANSWER_YES);
}

TEST_F(Samhain, WhereNobodyCouldBeAskedThatIsUnknown) {
  log(std::string(kStart) + kCheckStarts + kCheckEnds);
  EXPECT_THAT(why_unread(read(), "running"), HasSubstr("nobody was asked"));
  EXPECT_THAT(why_unread(read(), "checks_scheduled"), HasSubstr("nobody was asked"));
}

TEST_F(Samhain, AFirstCheckIsUnderWay) {
  world_.answer("processes", "77 0 samhain\n");
  log(std::string(kStart) + kCheckStarts + kChanges);
  EXPECT_EQ(read().last_check().result(), v1::CHECK_RESULT_RUNNING);
}

TEST_F(Samhain, ALogWithoutMarksOrOfAnotherIsUnread) {
  EXPECT_THAT(why_unread(read(), "last_check"), HasSubstr("rotated away"));
  log(kStart);
  EXPECT_THAT(why_unread(read(), "last_check"), HasSubstr("LogSeverity must let marks through"));
  log("Nov 22 10:45:17 host kernel: x\n");
  EXPECT_THAT(why_unread(read(), "last_check"), HasSubstr("no log of Samhain's"));
  EXPECT_FALSE(read().has_last_check());
}

TEST_F(Samhain, WithoutADatabaseItIsOff) {
  std::filesystem::remove(world_.root().path() + kDatabase);
  EXPECT_EQ(read().mode(), v1::PROTECTION_MODE_OFF);
  EXPECT_THAT(why_unread(read(), "baseline_at"), HasSubstr("samhain -t init"));
}

TEST_F(Samhain, FilesAreWhereItsSettingsSay) {
  world_.root().write("/etc/samhain/samhainrc",
                      "#SetLogfilePath=/no\n[Misc]\nSetLogfilePath = /srv/log\n"
                      "SetDatabasePath=/srv/database\nSetLockfilePath=AUTO\n");
  world_.root().write("/srv/database", "");
  world_.root().write("/srv/log", std::string(kStart) + kCheckStarts + kCheckEnds);
  EXPECT_EQ(read().last_check().result(), v1::CHECK_RESULT_CLEAN);
  EXPECT_EQ(why_unread(read(), "baseline_at"), "");
}

TEST_F(Samhain, WhatMayNotBeReadIsUnread) {
  log(std::string(kStart) + kCheckStarts + kCheckEnds);
  world_.root().set_mode(kLog, 0600);
  world_.root().set_mode("/var/lib/samhain", 0700);
  const muster::test::WithoutRights without_rights;
  EXPECT_THAT(why_unread(read(), "last_check"), HasSubstr("Permission denied"));
  EXPECT_THAT(why_unread(read(), "baseline_at"), HasSubstr("Permission denied"));
}

}  // namespace
}  // namespace muster::intrusion_detection
