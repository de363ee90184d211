// What ClamAV has found and is still there, on hosts where a user names files as he likes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "agent/probes/antivirus/clamav.h"
#include "agent/probes/antivirus/found_files.h"
#include "tests/agent/probes/protection/product_world.h"

namespace muster::antivirus {
namespace {

using protection::test::why_unread;
using testing::Contains;
using testing::HasSubstr;

constexpr const char* kDaemonLog = "/var/log/clamav/clamav.log";
constexpr const char* kScanLog = "/var/log/clamav/scan.log";
const std::string rule =
    "\n-------------------------------------------------------------------------------\n\n";

std::string summary(int infected) {
  return "\n----------- SCAN SUMMARY -----------\nScanned files: 999\nInfected files: " +
         std::to_string(infected) +
         "\nStart Date: 2026:11:22 03:00:01\nEnd Date:   2026:11:22 03:10:00\n";
}

class ClamavThreats : public testing::Test {
 protected:
  ClamavThreats() {
    for (const char* file : {"/usr/sbin/clamd", "/usr/bin/clamscan", "/srv/bad"}) {
      host_.root().write(file, "");
    }
    host_.root().write("/etc/clamav/clamd.conf", "LogFile /var/log/clamav/clamav.log\n");
    host_.root().write("/etc/cron.d/scan",
                       "0 3 * * * root clamscan -r --log=/var/log/clamav/scan.log /\n");
  }
  void runs(const std::string& program) { host_.answer("processes", "7 0 " + program + "\n"); }
  v1::ProtectionProduct read() { return host_.read(read_clamav).value(); }

  protection::test::ProductWorld host_;
};

TEST_F(ClamavThreats, InTheDaemonsLogANameMakesNoScanAndTakesNoFindingBack) {
  const std::string forged = "/home/bob/a\n" + rule + summary(0) + "x: Eicar-Test FOUND\n";
  host_.root().write(kDaemonLog, "/srv/bad: Eicar-Test FOUND\n" + forged + forged);
  EXPECT_EQ(read().full_scan().result(), v1::CHECK_RESULT_NEVER);
  EXPECT_EQ(read().threats_unresolved(), 1);
  // By another name of the same file, too.
  host_.root().write("/etc/clamav/clamd.conf", "LogFile /var/log/own/clamd.log\n");
  host_.root().link("/var/log/own/clamd.log", "../clamav/daemon.log");
  host_.root().write("/var/log/clamav/daemon.log", "/srv/bad: Eicar-Test FOUND\n" + forged);
  EXPECT_EQ(read().full_scan().result(), v1::CHECK_RESULT_NEVER);
}

TEST_F(ClamavThreats, OfAScanThatLogsIntoTheDaemonsLogAreToldAsUnread) {
  host_.root().write("/etc/cron.d/scan",
                     "0 3 * * * root clamdscan --log=/var/log/clamav/clamav.log /\n");
  host_.root().write(kDaemonLog, rule + summary(0));
  EXPECT_FALSE(read().has_full_scan());
  EXPECT_EQ(why_unread(read(), "full_scan"),
            "/var/log/clamav/clamav.log is clamd's own log, in which a file's name may look like a "
            "scan: give clamdscan a --log of its own");
}

TEST_F(ClamavThreats, ASummaryWithAFindingBehindItIsAFilesNameAndUnread) {
  host_.root().write(kScanLog, rule + "/home/bob/a\n" + summary(0) + "x: Eicar-Test FOUND\n");
  EXPECT_FALSE(read().has_full_scan());
  EXPECT_THAT(why_unread(read(), "full_scan"),
              HasSubstr("/var/log/clamav/scan.log: its last summary is the name of a file"));
  EXPECT_EQ(read().threats_unresolved(), 1) << "the file of that name";
}

TEST_F(ClamavThreats, ASummaryWithACleanFileBehindItIsAFilesNameToo) {
  for (const char* end : {"x: OK\n", "x: Empty file\n", "x: Excluded\n", "x: Symbolic link\n"}) {
    host_.root().write(kScanLog, rule + "/home/bob/a\n" + summary(0) + end);
    EXPECT_NE(why_unread(read(), "full_scan"), "") << end;
    EXPECT_FALSE(read().has_threats_unresolved()) << end;
  }
  host_.root().write(kScanLog, rule + "/home/bob/a\n" + summary(0) + "x: OK\n" + summary(0));
  EXPECT_EQ(read().full_scan().result(), v1::CHECK_RESULT_CLEAN) << "the run's own";
}

TEST_F(ClamavThreats, ASummaryAndARuleInAFilesNameMakeNoCleanScanOfOneThatGoesOnOrWasEnded) {
  host_.root().write(kScanLog, rule + "/home/bob/a\n" + summary(0) + rule + "x: Eicar FOUND\n");
  EXPECT_EQ(read().full_scan().result(), v1::CHECK_RESULT_RUNNING) << "as far as can be seen";
  runs("systemd");
  EXPECT_EQ(read().full_scan().result(), v1::CHECK_RESULT_FAILED);
  EXPECT_EQ(read().threats_unresolved(), 1);
}

TEST_F(ClamavThreats, OfAScanThatWasEndedStayUntilOneComesToItsEnd) {
  host_.root().write(kScanLog, rule + "/srv/bad: Eicar FOUND\n" + rule);
  EXPECT_EQ(read().threats_unresolved(), 1);
  host_.root().write(kScanLog, rule + "/srv/gone: Eicar FOUND\nbad: Eicar FOUND\n" + rule);
  EXPECT_EQ(read().threats_unresolved(), 1);
  host_.root().write(kScanLog, rule + "bad: Eicar FOUND\n" + rule + summary(0));
  EXPECT_EQ(read().threats_unresolved(), 0);
  // A rule that is a name makes an unfinished scan of one that goes on: its summary still counts.
  host_.root().write(kScanLog, rule + "/srv/bad: Eicar FOUND\n/home/bob/a" + rule +
                                   "x: Eicar FOUND\n" + summary(2));
  EXPECT_EQ(read().threats_unresolved(), 3) << "/srv/bad is there, whichever run found it";
}

TEST_F(ClamavThreats, OfARunThatCameToItsEndAreThoseOfTheWholeRun) {
  host_.root().write(kScanLog, rule + "/srv/bad: Eicar FOUND\n/home/bob/a\n" + summary(0) +
                                   "x: Eicar FOUND\n" + summary(2));
  EXPECT_EQ(read().full_scan().result(), v1::CHECK_RESULT_FOUND);
  EXPECT_EQ(read().full_scan().found(), 2);
  EXPECT_EQ(read().threats_found(), 2);
  EXPECT_EQ(read().threats_unresolved(), 2);
}

TEST_F(ClamavThreats, WithoutAWholeNameCountAsThere) {
  host_.root().write(kScanLog, rule + "bad: Eicar-Test FOUND\n" + summary(1));
  EXPECT_EQ(read().threats_found(), 1);
  EXPECT_EQ(read().threats_unresolved(), 1);
  EXPECT_THAT(read().complaints(),
              Contains("/var/log/clamav/scan.log: 1 found file has no whole name there, and counts "
                       "as unresolved: have clamscan look at absolute paths"));
  // Those before the end of the log that is read.
  host_.root().write(kScanLog, "/srv/gone: Eicar-Test FOUND\n" + summary(3));
  EXPECT_EQ(read().threats_found(), 3);
  EXPECT_EQ(read().threats_unresolved(), 2);
  std::string many = rule;
  for (int i = 0; i < 1001; ++i)
    many += "/srv/gone" + std::to_string(i) + ": Eicar FOUND\n";
  host_.root().write(kScanLog, many + summary(1001));
  EXPECT_EQ(read().threats_found(), 1001);
  EXPECT_EQ(read().threats_unresolved(), 1) << "more than are looked at";
  host_.root().write(kScanLog, "Infected files: 1\n" + rule +
                                   "----------- SCAN SUMMARY -----------\n" +
                                   "Infected files: 18446744073709551615\n");
  EXPECT_EQ(read().threats_unresolved(), 1'000'000);
}

// As clamdscan 1.4.6 logged: a shorter rule, and no count of files.
TEST_F(ClamavThreats, OfClamdscanAreThoseOfItsLastScan) {
  const std::string scan =
      "--------------------------------------\n/srv/bad: bad.UNOFFICIAL FOUND\n"
      "\n----------- SCAN SUMMARY -----------\nInfected files: 1\nTime: 0.004 sec (0 m 0 s)\n"
      "Start Date: 2026:11:22 20:13:32\nEnd Date:   2026:11:22 20:13:32\n";
  host_.root().write(kScanLog, scan + scan);
  EXPECT_EQ(read().full_scan().result(), v1::CHECK_RESULT_FOUND);
  EXPECT_EQ(why_unread(read(), "full_scan"), "");
  EXPECT_EQ(read().threats_found(), 1);
  host_.root().write(kScanLog, scan + scan.substr(0, 39));
  host_.answer("processes", "1 0 systemd\n");
  EXPECT_EQ(read().full_scan().result(), v1::CHECK_RESULT_FAILED) << "it was ended";
}

// As clamdscan 1.4.6 logged: a clean scan by its summary.
TEST_F(ClamavThreats, OfAScanThatDidNotReachClamdAreNotToldAsNone) {
  host_.root().write(
      kScanLog,
      "--------------------------------------\n"
      "ERROR: Could not connect to clamd on LocalSocket /run/clamd.ctl: No such file or directory\n"
      "\n----------- SCAN SUMMARY -----------\nInfected files: 0\nTotal errors: 1\n"
      "Start Date: 2026:11:22 20:13:32\nEnd Date:   2026:11:22 20:13:32\n");
  EXPECT_EQ(read().full_scan().result(), v1::CHECK_RESULT_FAILED);
  EXPECT_EQ(read().full_scan().detail(), "it could not connect to clamd");
  EXPECT_FALSE(read().has_threats_unresolved());
}

class FoundFiles : public testing::Test {
 protected:
  static constexpr const char* kOnlyRoot =
      "27 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n";
  std::string path(const std::string& name) { return root_.path() + name; }

  muster::test::TestRoot root_;
};

TEST_F(FoundFiles, AreGoneWhereALocalFileSystemHasThemNot) {
  root_.write("/here", "");
  root_.link("/link", "here");
  root_.link("/dangling", "/no/such");
  root_.link("/loop", "loop");
  const Mounts mounts(kOnlyRoot);
  EXPECT_EQ(is_gone(mounts, path("/here")), false);
  EXPECT_EQ(is_gone(mounts, path("/link")), false);
  root_.make_directory("/a");
  EXPECT_EQ(is_gone(mounts, path("/a/../here")), false);
  EXPECT_EQ(is_gone(mounts, path("/loop")), std::nullopt);
  for (const char* name : {"/gone", "/no/such", "/here/below", "/dangling", "/link/x"}) {
    EXPECT_EQ(is_gone(mounts, path(name)), true) << name;
  }
  std::string deep;
  for (int i = 0; i < 200; ++i)
    deep += "/.";
  EXPECT_EQ(is_gone(mounts, path(deep + "/gone")), std::nullopt);
}

TEST_F(FoundFiles, AreNotLookedUpWhereAUserMountsWhatHeLikes) {
  const Mounts mounts(kOnlyRoot + ("30 27 0:50 / " + path("/m\\040x") +
                                   " rw,nosuid - fuse.sshfs bob@host: rw,user_id=1000\n"));
  root_.make_directory("/m x");
  root_.link("/link", "m x");
  EXPECT_EQ(is_gone(mounts, path("/m x/gone")), std::nullopt);
  EXPECT_EQ(is_gone(mounts, path("/link/gone")), std::nullopt);
  EXPECT_EQ(is_gone(mounts, path("/m y/gone")), true);
  EXPECT_EQ(is_gone(Mounts(""), path("/gone")), std::nullopt) << "nothing is known";
}

TEST(Mounts, ShowTheHostsOwnTmpAndNoneOfAServices) {
  const Mounts host("27 1 8:1 / / rw - ext4 /dev/sda1 rw\n28 27 0:30 / /tmp rw - tmpfs tmpfs rw\n");
  EXPECT_TRUE(host.shows("/tmp/x"));
  EXPECT_TRUE(host.shows("/var/tmp/x"));
  const Mounts service(
      "27 1 8:1 / / rw - ext4 /dev/sda1 rw\n"
      "28 27 0:30 /systemd-private-1-muster-launcher.service-x/tmp /tmp rw shared:9 - tmpfs t rw\n"
      "29 27 8:1 /var/tmp/systemd-private-1-x/tmp /var/tmp rw - ext4 /dev/sda1 rw\n"
      "30 27 0:31 / /srv/nfs rw - nfs4 host:/ rw\n31 27 0:32 / /auto rw - autofs a rw\nbroken\n");
  for (const char* path : {"/tmp", "/tmp/x/y", "/var/tmp/x", "/srv/nfs/x", "/auto/x"}) {
    EXPECT_FALSE(service.shows(path)) << path;
  }
  for (const char* path : {"/tmpx", "/var/x", "/srv/nfsx", "/"}) {
    EXPECT_TRUE(service.shows(path)) << path;
  }
}

}  // namespace
}  // namespace muster::antivirus
