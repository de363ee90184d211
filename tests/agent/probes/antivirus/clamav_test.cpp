// ClamAV's reader on hosts of files and of recorded answers; clamav_real_test.cpp has the real one.
#include "agent/probes/antivirus/clamav.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/agent/probes/protection/product_world.h"

namespace muster::antivirus {
namespace {

using protection::test::why_unread;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::string header(int version, const std::string& built) {
  std::string text = "ClamAV-VDB:22 Nov 2026 18-41 +0000:" + std::to_string(version) +
                     ":1000:90:md5:X:muster:" + built;
  text.resize(512, ' ');
  return text;
}

class Clamav : public testing::Test {
 protected:
  // A host as Debian's packages leave it, with signatures.
  void install() {
    for (const char* program : {"/usr/sbin/clamd", "/usr/bin/clamscan", "/usr/bin/freshclam"}) {
      host_.root().write(program, "");
    }
    host_.root().write("/etc/passwd", "clamav:x:103:106::/:/bin/false\n");
    host_.root().write("/etc/clamav/clamd.conf",
                       "User clamav\nLogFile /var/log/clamav/clamav.log\n"
                       "OnAccessPrevention yes\n"
                       "OnAccessIncludePath /home\n");
    host_.root().write("/etc/clamav/freshclam.conf",
                       "DatabaseOwner clamav\nUpdateLogFile /var/log/clamav/freshclam.log\n");
    host_.root().write("/var/lib/clamav/daily.cld", header(27501, "1795372876"));
    host_.root().write("/var/lib/clamav/main.cvd", header(62, "1631795562"));
    host_.root().write("/var/log/clamav/clamav.log", "");
  }
  void clamd_answers(const std::string& version = "1.4.6/27500/Sat Nov 21 18:41:16 2026") {
    using namespace std::string_literals;
    host_.answer("clamd", "1: PONG\0002: ClamAV "s + version + "\0"s);
  }
  void enable(const std::string& unit) {
    host_.root().write("/lib/systemd/system/" + unit, "[Service]\n");
    host_.root().link("/etc/systemd/system/multi-user.target.wants/" + unit,
                      "/lib/systemd/system/" + unit);
  }
  v1::ProtectionProduct read() { return host_.read(read_clamav).value(); }

  protection::test::ProductWorld host_;
};

TEST_F(Clamav, ThatIsNotInstalledIsNoProduct) {
  EXPECT_FALSE(host_.read(read_clamav));
  EXPECT_THAT(host_.problems(), IsEmpty());
}

TEST_F(Clamav, IsActiveWhereTheOnAccessScannerBlocks) {
  install();
  clamd_answers();
  host_.answer("processes", "7 103 clamd\n8 0 clamonacc\n9 103 freshclam\n");
  host_.answer("clamav-version", "ClamAV 1.4.7/27501/Sun Nov 22 18:41:16 2026\n");
  const v1::ProtectionProduct product = read();
  EXPECT_EQ(product.running(), v1::ANSWER_YES);
  EXPECT_EQ(product.real_time(), v1::ANSWER_YES);
  EXPECT_EQ(product.mode(), v1::PROTECTION_MODE_ACTIVE);
  EXPECT_EQ(product.version(), "1.4.7");
  EXPECT_EQ(product.engine_version(), "1.4.6") << "the one that still runs";
  EXPECT_EQ(product.loaded_signatures().version(), "27500");
  EXPECT_EQ(to_iso8601(from_proto(product.loaded_signatures().built_at())), "2026-11-21T18:41:16Z");
  EXPECT_EQ(product.disk_signatures().version(), "27501");
  EXPECT_EQ(to_iso8601(from_proto(product.disk_signatures().built_at())), "2026-11-22T18:41:16Z");
  EXPECT_EQ(product.disk_signatures().count(), 2000);
  EXPECT_TRUE(product.disk_signatures().has_written_at());
  EXPECT_EQ(product.updates_scheduled(), v1::ANSWER_YES);
  EXPECT_EQ(product.threats_found(), 0);
  EXPECT_TRUE(product.has_threats_unresolved());
  EXPECT_EQ(product.exclusion_count(), 0);
  EXPECT_TRUE(product.has_exclusion_count());
}

TEST_F(Clamav, IsPassiveWhereItsOnAccessScannerBlocksNothing) {
  install();
  host_.root().write("/etc/clamav/clamd.conf",
                     "User clamav\nOnAccessPrevention yes\nOnAccessMountPath /\n");
  clamd_answers();
  host_.answer("processes", "7 103 clamd\n8 0 clamonacc\n");
  EXPECT_EQ(read().mode(), v1::PROTECTION_MODE_PASSIVE) << "mount points are only watched";
  EXPECT_EQ(read().real_time(), v1::ANSWER_YES);
}

// As Debian's unit of clamonacc has it.
TEST_F(Clamav, IsActiveWhereItsOnAccessScannerTakesAwayWhatItFinds) {
  install();
  host_.root().write("/etc/clamav/clamd.conf", "User clamav\nOnAccessIncludePath /home\n");
  clamd_answers();
  host_.answer("processes", "7 103 clamd\n8 0 clamonacc\n");
  enable("clamav-clamonacc.service");
  EXPECT_EQ(read().mode(), v1::PROTECTION_MODE_PASSIVE);
  host_.root().write("/lib/systemd/system/clamav-clamonacc.service",
                     "[Service]\nExecStart=/usr/sbin/clamonacc -F --move=/root/quarantine\n");
  EXPECT_EQ(read().mode(), v1::PROTECTION_MODE_ACTIVE);
  EXPECT_EQ(read().mode_words(),
            "clamav-clamonacc.service takes away what it finds, once it was opened");
}

TEST_F(Clamav, IsOnDemandWhereNothingScansOnAccess) {
  install();
  clamd_answers();
  host_.answer("processes", "7 103 clamd\n8 1000 clamonacc\n");
  EXPECT_EQ(read().mode(), v1::PROTECTION_MODE_ON_DEMAND) << "that scanner is somebody's own";
  EXPECT_EQ(read().real_time(), v1::ANSWER_NO);
}

TEST_F(Clamav, IsReducedWhereItsOnAccessScannerShouldRun) {
  install();
  clamd_answers();
  host_.answer("processes", "7 103 clamd\n");
  enable("clamav-clamonacc.service");
  EXPECT_EQ(read().mode(), v1::PROTECTION_MODE_REDUCED);
  EXPECT_EQ(read().mode_words(), "clamav-clamonacc.service is enabled and does not run");
}

TEST_F(Clamav, IsOffWhereItsDaemonShouldRun) {
  install();
  enable("clamav-daemon.service");
  host_.answer("processes", "1 0 systemd\n");
  host_.answer({.name = "clamd",
                .outcome = answers::Outcome::kAbsent,
                .status = ECONNREFUSED,
                .text = {},
                .error_text = {}});
  const v1::ProtectionProduct product = read();
  EXPECT_EQ(product.running(), v1::ANSWER_NO);
  EXPECT_EQ(product.real_time(), v1::ANSWER_NO);
  EXPECT_EQ(product.mode(), v1::PROTECTION_MODE_OFF);
  EXPECT_EQ(product.mode_words(), "clamav-daemon.service is enabled and does not run");
  EXPECT_FALSE(product.has_loaded_signatures());
}

TEST_F(Clamav, WhoseDaemonHangsIsUnknownAndNotProtecting) {
  install();
  host_.answer("processes", "7 103 clamd\n");
  host_.answer({.name = "clamd",
                .outcome = answers::Outcome::kTimedOut,
                .text = "1: PONG",
                .error_text = {}});
  const v1::ProtectionProduct product = read();
  EXPECT_EQ(product.running(), v1::ANSWER_YES);
  EXPECT_EQ(product.mode(), v1::PROTECTION_MODE_UNSPECIFIED);
  EXPECT_EQ(why_unread(product, "mode"), "clamd runs and does not answer");
  EXPECT_NE(why_unread(product, "real_time"), "");
  EXPECT_NE(why_unread(product, "loaded_signatures"), "");
  EXPECT_THAT(product.complaints(), Contains(HasSubstr("clamd runs and cannot be asked")));
}

TEST_F(Clamav, WhoseSocketAnotherProgramAnswersIsNotTakenForRunning) {
  install();
  clamd_answers();
  host_.answer("processes", "7 1000 clamd\n");
  const v1::ProtectionProduct product = read();
  EXPECT_EQ(product.running(), v1::ANSWER_UNSPECIFIED);
  EXPECT_EQ(product.mode(), v1::PROTECTION_MODE_UNSPECIFIED);
  EXPECT_FALSE(product.has_loaded_signatures());
  for (const char* fact : {"running", "loaded_signatures", "mode", "real_time"}) {
    EXPECT_THAT(why_unread(product, fact), Not(IsEmpty())) << fact;
  }
}

// As with hidepid=2, or with more processes than are told.
TEST_F(Clamav, WhoseProcessCannotBeSeenIsNotBelievedByItsAnswer) {
  install();
  clamd_answers();
  host_.answer(
      {.name = "processes", .outcome = answers::Outcome::kTooLong, .text = {}, .error_text = {}});
  const v1::ProtectionProduct product = read();
  EXPECT_EQ(product.running(), v1::ANSWER_UNSPECIFIED);
  EXPECT_EQ(product.mode(), v1::PROTECTION_MODE_UNSPECIFIED);
  EXPECT_FALSE(product.has_loaded_signatures());
  EXPECT_THAT(why_unread(product, "loaded_signatures"),
              HasSubstr("whether clamd is what answers at its socket is not known: "));
  for (const char* fact : {"running", "mode", "real_time"}) {
    EXPECT_THAT(why_unread(product, fact), Not(IsEmpty())) << fact;
  }
}

TEST_F(Clamav, OfAnImageIsKnownByItsFilesOnly) {
  install();
  enable("clamav-freshclam.service");
  const v1::ProtectionProduct product = read();
  for (const char* fact : {"running", "real_time", "mode", "loaded_signatures", "version"}) {
    EXPECT_THAT(why_unread(product, fact), Not(IsEmpty())) << fact;
  }
  EXPECT_EQ(product.disk_signatures().version(), "27501");
  EXPECT_EQ(product.updates_scheduled(), v1::ANSWER_YES);
}

TEST_F(Clamav, WithoutADaemonScansWhereItIsTold) {
  host_.root().write("/usr/bin/clamscan", "");
  host_.root().write("/var/lib/clamav/own.ndb", "");
  host_.answer("processes", "1 0 systemd\n");
  v1::ProtectionProduct product = read();
  EXPECT_EQ(product.running(), v1::ANSWER_UNSPECIFIED);
  EXPECT_EQ(product.mode(), v1::PROTECTION_MODE_ON_DEMAND);
  EXPECT_EQ(product.real_time(), v1::ANSWER_NO);
  EXPECT_EQ(product.disk_signatures().version(), "") << "local ones have none";
  EXPECT_TRUE(product.disk_signatures().has_written_at());
  EXPECT_EQ(product.updates_scheduled(), v1::ANSWER_NO);
  EXPECT_THAT(product.complaints(), ElementsAre(HasSubstr("freshclam is not installed")));
  EXPECT_EQ(product.full_scan().result(), v1::CHECK_RESULT_NEVER);
  std::filesystem::remove(host_.root().path() + "/var/lib/clamav/own.ndb");
  product = read();
  EXPECT_EQ(product.mode(), v1::PROTECTION_MODE_OFF) << "clamscan finds nothing with nothing";
  EXPECT_THAT(product.complaints(),
              Contains("there are no signatures in /var/lib/clamav: run freshclam"));
}

TEST_F(Clamav, WithABrokenDatabaseComplainsAndCountsTheOthers) {
  install();
  host_.root().write("/var/lib/clamav/daily.cvd", "ClamAV-VDB:");
  const v1::ProtectionProduct product = read();
  EXPECT_EQ(product.disk_signatures().version(), "27501");
  EXPECT_THAT(product.complaints(),
              Contains("/var/lib/clamav/daily.cvd: its header is not whole: run freshclam"));
}

TEST_F(Clamav, TakesBackWhatIsExcluded) {
  install();
  host_.root().write("/etc/clamav/clamd.conf",
                     "ExcludePath ^/proc/\nOnAccessExcludePath /srv/db\n"
                     "OnAccessExcludeUname backup\nOnAccessExcludeRootUID yes\n");
  host_.root().write("/var/lib/clamav/local.ign2", "# own\nEicar-Test-Signature\n");
  const v1::ProtectionProduct product = read();
  std::vector<std::string> exclusions;
  for (const v1::Exclusion& each : product.exclusions()) {
    exclusions.push_back(each.kind() + " " + each.value());
  }
  EXPECT_THAT(exclusions, ElementsAre("path ^/proc/", "path /srv/db", "user backup", "user root",
                                      "threat Eicar-Test-Signature"));
}

// What a scheduled scan of the whole system leaves out is looked at by nobody.
TEST_F(Clamav, ExcludesWhatItsScheduledScanLeavesOut) {
  install();
  host_.root().write("/etc/cron.d/scan",
                     "0 3 * * * root clamscan -r --exclude-dir=/home --exclude-dir=^/srv /\n");
  v1::ProtectionProduct product = read();
  ASSERT_EQ(product.exclusion_count(), 2);
  EXPECT_EQ(product.exclusions(0).kind(), "path");
  EXPECT_EQ(product.exclusions(0).value(), "/home");
  EXPECT_EQ(product.exclusions(1).value(), "^/srv");
  host_.root().write("/etc/cron.d/scan", "0 3 * * * root clamscan -r $OPTIONS /\n");
  EXPECT_FALSE(read().has_exclusion_count());
  EXPECT_EQ(why_unread(read(), "exclusions"),
            "/etc/cron.d/scan: what it has clamscan leave out is in a variable");
  host_.root().write("/etc/cron.d/scan", "0 3 * * * root clamscan -r --exclude-dir=/x /home\n");
  EXPECT_EQ(read().exclusion_count(), 0) << "nobody takes that for a scan of all";
}

TEST_F(Clamav, TellsOfItsScansAndOfWhatWasFoundAndIsStillThere) {
  install();
  host_.root().write("/etc/cron.d/scan",
                     "0 3 * * * root clamscan -r --log=/var/log/clamav/scan.log /\n");
  host_.root().write("/srv/here", "x");
  host_.root().write(
      "/var/log/clamav/scan.log",
      "-------------------------------------------------------------------------------\n"
      "/srv/here: Eicar FOUND\n/srv/gone: Eicar FOUND\n"
      "----------- SCAN SUMMARY -----------\nScanned files: 900\nInfected files: 2\n"
      "Start Date: 2026:11:22 03:00:01\nEnd Date:   2026:11:22 03:10:00\n");
  v1::ProtectionProduct product = read();
  EXPECT_EQ(product.checks_scheduled(), v1::ANSWER_YES);
  EXPECT_EQ(product.full_scan().result(), v1::CHECK_RESULT_FOUND);
  EXPECT_EQ(product.full_scan().found(), 2);
  EXPECT_EQ(to_iso8601(from_proto(product.full_scan().ended_at())), "2026-11-22T03:10:00Z");
  EXPECT_EQ(product.threats_found(), 2);
  EXPECT_EQ(product.threats_unresolved(), 1);
}

// An empty log is of no scan: that nothing was found would be said of nothing.
TEST_F(Clamav, ThatNeverScannedSaysNothingOfThreats) {
  constexpr const char* kLog = "/var/log/clamav/scan.log";
  install();
  clamd_answers();
  host_.answer("processes", "7 103 clamd\n");
  EXPECT_EQ(read().full_scan().result(), v1::CHECK_RESULT_NEVER);
  // Clamd tells of itself; a scan is under way; one has looked at nothing.
  for (const char* const text :
       {"", "Sun Nov 22 10:00:00 2026 -> SelfCheck: Database status OK.\n",
        "-------------------------------------------------------------------------------\n",
        "----------- SCAN SUMMARY -----------\nScanned files: 0\nInfected files: 0\n"}) {
    host_.root().write(kLog, text);
    EXPECT_FALSE(read().has_threats_found()) << text;
    EXPECT_FALSE(read().has_threats_unresolved()) << text;
    EXPECT_EQ(why_unread(read(), "threats_unresolved"), "") << text;
  }
  host_.root().write(kLog, "/srv/gone: Eicar FOUND\n");
  EXPECT_EQ(read().threats_found(), 1) << "as clamd tells of it";
  host_.root().write(kLog,
                     "----------- SCAN SUMMARY -----------\nScanned files: 1\nInfected files: 0\n");
  EXPECT_TRUE(read().has_threats_unresolved());
  EXPECT_EQ(read().threats_unresolved(), 0);
}

TEST_F(Clamav, WhoseScanWasEndedBeforeItsSummaryHasFailed) {
  install();
  host_.answer("processes", "1 0 systemd\n");
  host_.root().write("/etc/cron.d/scan",
                     "0 3 * * * root clamscan -r --log=/var/log/clamav/scan.log /\n");
  host_.root().write(
      "/var/log/clamav/scan.log",
      "-------------------------------------------------------------------------------\n");
  EXPECT_EQ(read().full_scan().result(), v1::CHECK_RESULT_FAILED);
  EXPECT_EQ(read().full_scan().detail(), "it was ended before its summary");
}

TEST_F(Clamav, WhoseScansKeepNoLogSaysWhatToDo) {
  install();
  host_.root().write("/etc/cron.d/scan", "0 3 * * * root clamscan -r /\n");
  EXPECT_THAT(why_unread(read(), "full_scan"),
              AllOf(HasSubstr("/etc/cron.d/scan keeps no log"), HasSubstr("--log=")));
  host_.root().write("/etc/cron.d/scan", "0 3 * * * root clamscan -r /home\n");
  EXPECT_NE(why_unread(read(), "quick_scan"), "");
  EXPECT_EQ(read().full_scan().result(), v1::CHECK_RESULT_NEVER);
}

TEST_F(Clamav, WhoseScanHasNotLeftItsLogYetHasNeverScanned) {
  install();
  host_.root().write("/etc/cron.d/scan", "0 3 * * * root clamscan -r -l /var/log/scan.log /\n");
  EXPECT_EQ(read().full_scan().result(), v1::CHECK_RESULT_NEVER);
  EXPECT_EQ(read().full_scan().detail(),
            "/etc/cron.d/scan is to leave /var/log/scan.log, and it is not there");
  EXPECT_EQ(read().checks_scheduled(), v1::ANSWER_YES);
}

TEST_F(Clamav, ThatLooksAtPartsOnlyHasNoFullScan) {
  install();
  host_.root().write("/etc/cron.d/scan", "0 3 * * * root clamscan --log=/var/log/own.log /home\n");
  host_.root().write("/var/log/own.log",
                     "----------- SCAN SUMMARY -----------\nScanned files: 9\nInfected files: 0\n");
  EXPECT_EQ(read().checks_scheduled(), v1::ANSWER_NO) << "none of everything";
  EXPECT_EQ(read().quick_scan().result(), v1::CHECK_RESULT_CLEAN);
  EXPECT_TRUE(read().quick_scan().has_ended_at()) << "when the log was written";
  EXPECT_EQ(read().full_scan().result(), v1::CHECK_RESULT_NEVER);
  EXPECT_EQ(read().full_scan().detail(), "those that are known look at parts of the system");
}

TEST_F(Clamav, OfFedoraHasItsOwnPlaces) {
  install();
  std::filesystem::remove_all(host_.root().path() + "/etc/clamav");
  host_.root().write("/etc/clamd.d/scan.conf", "DatabaseDirectory /srv/clam\n");
  host_.root().write("/etc/freshclam.conf", "UpdateLogFile /var/log/freshclam.log\n");
  host_.root().write("/srv/clam/daily.cud", header(7, "1795372876"));
  host_.root().write("/var/log/freshclam.log.1",
                     "ClamAV update process started at Sat Nov 21 12:00:01 2026\n"
                     "daily.cld database is up-to-date (version: 7, sigs: 1)\n");
  host_.root().write("/var/log/freshclam.log", "");
  const v1::ProtectionProduct product = read();
  EXPECT_EQ(product.disk_signatures().version(), "7");
  EXPECT_EQ(to_iso8601(from_proto(product.last_update_succeeded_at())), "2026-11-21T12:00:01Z");
}

TEST_F(Clamav, WithoutALogOfItsUpdatesSaysWhatToDo) {
  install();
  host_.root().write("/etc/clamav/freshclam.conf", "Checks 24\n");
  EXPECT_EQ(why_unread(read(), "last_update_succeeded_at"),
            "freshclam has no log of its own: set UpdateLogFile in /etc/clamav/freshclam.conf");
}

TEST_F(Clamav, WithMoreFilesThanAreLookedAtIsUnread) {
  install();
  for (int i = 0; i < 2001; ++i) {
    host_.root().write("/var/lib/clamav/" + std::to_string(i) + ".ndb", "");
    if (i <= 200) host_.root().write("/var/log/clamav/" + std::to_string(i) + ".log", "");
  }
  EXPECT_EQ(why_unread(read(), "disk_signatures"),
            "/var/lib/clamav: it holds more than 2000 names");
  EXPECT_EQ(why_unread(read(), "full_scan"), "/var/log/clamav: it holds more than 200 names");
  EXPECT_NE(why_unread(read(), "threats_unresolved"), "");
}

TEST_F(Clamav, OfWhichNobodyMayReadTheLogIsUnread) {
  install();
  host_.root().write("/var/log/clamav/freshclam.log", "x");
  host_.root().set_mode("/var/log/clamav/freshclam.log", 0);
  const muster::test::WithoutRights nobody;
  EXPECT_EQ(why_unread(read(), "last_update_tried_at"),
            "/var/log/clamav/freshclam.log: reading it: Permission denied");
}

}  // namespace
}  // namespace muster::antivirus
