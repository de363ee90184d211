// What ClamAV's logs of scans say, and what they do not: which scan counts as one of everything,
// and what stays found.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "agent/probes/antivirus/clamav.h"
#include "tests/agent/probes/protection/product_world.h"

namespace muster::antivirus {
namespace {

using protection::test::why_unread;
using testing::Contains;
using testing::HasSubstr;

constexpr const char* kScanLog = "/var/log/clamav/scan.log";
constexpr const char* kHandLog = "/var/log/clamav/hand.log";
const std::string rule =
    "\n-------------------------------------------------------------------------------\n\n";
const std::string dates = "Start Date: 2026:11:22 03:00:01\nEnd Date:   2026:11:22 03:10:00\n";
const std::string summary = "\n----------- SCAN SUMMARY -----------\n";
const std::string clean = rule + summary + "Scanned files: 9\nInfected files: 0\n" + dates;
const std::string bad =
    rule + "/srv/bad: Eicar FOUND\n" + summary + "Scanned files: 9\nInfected files: 1\n" + dates;

class ClamavScans : public testing::Test {
 protected:
  ClamavScans() {
    for (const char* file : {"/usr/sbin/clamd", "/usr/bin/clamscan", "/srv/bad"})
      host_.root().write(file, "");
    host_.root().write("/etc/clamav/clamd.conf", "");
    host_.answer("processes", "1 0 systemd\n");
    schedule("clamscan -r --log=/var/log/clamav/scan.log /");
  }
  void schedule(const std::string& command) {
    host_.root().write("/etc/cron.d/scan", "0 3 * * * root " + command + "\n");
  }
  void rotate(const std::string& log) {
    std::filesystem::rename(host_.root().path() + log, host_.root().path() + log + ".1");
  }
  v1::ProtectionProduct read() { return host_.read(read_clamav).value(); }

  protection::test::ProductWorld host_;
};

TEST_F(ClamavScans, WhatTheyFoundStaysFoundWhenTheirLogIsRotated) {
  for (const char* log : {kScanLog, kHandLog}) {
    host_.root().write(log, bad);
    EXPECT_EQ(read().threats_unresolved(), 1) << log;
    rotate(log);
    EXPECT_EQ(read().threats_unresolved(), 1) << log;
    host_.root().write(log, "");
    EXPECT_EQ(read().threats_unresolved(), 1) << log;
    std::filesystem::remove(host_.root().path() + log + ".1");
    std::filesystem::remove(host_.root().path() + log);
  }
  host_.root().write(kScanLog, bad);
  rotate(kScanLog);
  EXPECT_EQ(read().full_scan().result(), v1::CHECK_RESULT_FOUND) << "and so does the scan";
}

TEST_F(ClamavScans, OfSomethingElseForgetNothingThatLiesWhereItWasFound) {
  for (const char* log : {kScanLog, kHandLog}) {
    host_.root().write("/srv/bad", "");
    host_.root().write(log, bad + clean);
    EXPECT_EQ(read().threats_unresolved(), 1) << log;
    std::filesystem::remove(host_.root().path() + "/srv/bad");
    EXPECT_EQ(read().threats_unresolved(), 0) << log;
    EXPECT_EQ(read().threats_found(), 0) << log;
    std::filesystem::remove(host_.root().path() + log);
  }
}

// By hand they look here and there; a scheduled one looks at the same each time.
TEST_F(ClamavScans, ByHandDoNotResolveWhatNobodyCanLookUp) {
  const std::string unnamed =
      rule + "bad: Eicar FOUND\n" + summary + "Scanned files: 1\nInfected files: 1\n";
  host_.root().write(kHandLog, unnamed + unnamed + clean);
  EXPECT_EQ(read().threats_unresolved(), 1);
  std::filesystem::remove(host_.root().path() + kHandLog);
  host_.root().write(kScanLog, unnamed + unnamed + clean);
  EXPECT_EQ(read().threats_unresolved(), 0);
}

TEST_F(ClamavScans, ByHandAreNotToldAsFull) {
  host_.root().write(kHandLog, clean);
  EXPECT_EQ(why_unread(read(), "full_scan"),
            "/var/log/clamav/hand.log: it does not say what was scanned: schedule a scan of / with "
            "this --log");
  EXPECT_FALSE(read().has_full_scan());
  host_.root().write(kScanLog, clean);
  EXPECT_EQ(read().full_scan().result(), v1::CHECK_RESULT_CLEAN);
  EXPECT_EQ(why_unread(read(), "full_scan"), "");
}

TEST_F(ClamavScans, OfWhatAVariableNamesAreNotToldAsFull) {
  schedule("clamdscan --fdpass --log=/var/log/clamav/scan.log $INCOMING");
  EXPECT_EQ(read().full_scan().result(), v1::CHECK_RESULT_NEVER);
  EXPECT_EQ(why_unread(read(), "checks_scheduled"),
            "/etc/cron.d/scan: what it scans cannot be seen: name / in the command of clamscan");
  host_.root().write(kScanLog, clean);
  EXPECT_FALSE(read().has_full_scan());
  EXPECT_EQ(
      why_unread(read(), "full_scan"),
      "/var/log/clamav/scan.log: what its scheduled scan looks at is in a variable: name / in "
      "the command");
}

TEST_F(ClamavScans, ThatCouldNotLookAtMostHaveFailed) {
  const auto with = [](int files, int errors) {
    return rule + summary + "Scanned files: " + std::to_string(files) +
           "\nInfected files: 0\nTotal errors: " + std::to_string(errors) + "\n" + dates;
  };
  host_.root().write(kScanLog, with(900, 899));
  EXPECT_EQ(read().full_scan().result(), v1::CHECK_RESULT_FAILED);
  EXPECT_EQ(read().full_scan().detail(), "899 errors and 900 files: most could not be looked at");
  EXPECT_FALSE(read().has_threats_unresolved());
  host_.root().write(kScanLog, with(900, 450));
  EXPECT_EQ(read().full_scan().result(), v1::CHECK_RESULT_CLEAN);
  EXPECT_EQ(read().full_scan().detail(), "450 errors: not all could be looked at");
}

// As clamdscan logs of a path that is not there.
TEST_F(ClamavScans, WithErrorsAndNoCountOfFilesTellNothing) {
  schedule("clamdscan --log=/var/log/clamav/scan.log /");
  const std::string untold = rule + summary + "Infected files: 0\nTotal errors: 2\n" + dates;
  host_.root().write(kScanLog, untold);
  EXPECT_FALSE(read().has_full_scan());
  EXPECT_FALSE(read().has_threats_unresolved());
  EXPECT_THAT(why_unread(read(), "full_scan"),
              HasSubstr("the last scan had 2 errors, and clamdscan does not count the files"));
  host_.root().write(kScanLog, rule + summary + "Infected files: 0\n" + dates);
  EXPECT_EQ(read().full_scan().result(), v1::CHECK_RESULT_CLEAN);
}

TEST_F(ClamavScans, BesideALogThatNobodyMayReadTellOfNoThreatsAsNone) {
  host_.root().write(kScanLog, clean);
  host_.root().write(kHandLog, clean);
  host_.root().set_mode(kHandLog, 0);
  const muster::test::WithoutRights nobody;
  const v1::ProtectionProduct product = read();
  EXPECT_FALSE(product.has_threats_unresolved());
  EXPECT_FALSE(product.has_threats_found());
  EXPECT_THAT(why_unread(product, "threats_unresolved"), HasSubstr("hand.log: "));
  EXPECT_EQ(product.full_scan().result(), v1::CHECK_RESULT_CLEAN) << "the scheduled one's";
  EXPECT_EQ(why_unread(product, "full_scan"), "");
}

TEST_F(ClamavScans, TellWhatIsThereAlsoBesideALogThatNobodyMayRead) {
  host_.root().write(kScanLog, bad);
  host_.root().write(kHandLog, clean);
  host_.root().set_mode(kHandLog, 0);
  const muster::test::WithoutRights nobody;
  const v1::ProtectionProduct product = read();
  EXPECT_EQ(product.threats_unresolved(), 1);
  EXPECT_EQ(why_unread(product, "threats_unresolved"), "");
  EXPECT_THAT(product.complaints(),
              Contains(HasSubstr("more threats may wait than are told: /var/log/clamav/hand.log")));
}

TEST_F(ClamavScans, OfALogThatNobodyMayReadAreUnreadAndNotTold) {
  host_.root().write(kScanLog, clean);
  host_.root().write(std::string(kScanLog) + ".1", bad);
  host_.root().set_mode(std::string(kScanLog) + ".1", 0);
  const muster::test::WithoutRights nobody;
  EXPECT_FALSE(read().has_full_scan());
  EXPECT_THAT(why_unread(read(), "full_scan"), HasSubstr("/var/log/clamav/scan.log.1: "));
}

}  // namespace
}  // namespace muster::antivirus
