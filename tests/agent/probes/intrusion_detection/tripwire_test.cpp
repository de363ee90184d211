// Tripwire on a host: what can be known without its keys.
#include "agent/probes/intrusion_detection/tripwire.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "tests/agent/probes/protection/product_world.h"

namespace muster::intrusion_detection {
namespace {

using namespace std::string_literals;
using namespace std::string_view_literals;
using protection::test::why_unread;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// As tripwire 2.4.3.7 begins a report.
constexpr std::string_view kReport =
    "\x78\xf9\xbe\xb3\x00\x00\x00\x01\x00\x0a"
    "cFCOReport\x02\x02\x00\x00\x00\x01\x00\x00\x00\x00\x63\x60\x00\x03\xc6\xff"sv;

class Tripwire : public ::testing::Test {
 protected:
  Tripwire() {
    world_.root().write("/usr/sbin/tripwire", "");
    write("/var/lib/tripwire/host.twd", "", "2026-11-01T00:00:00Z");
    write("/var/lib/tripwire/host.twd.bak", "", "2026-11-09T00:00:00Z");
  }
  void write(const std::string& path, std::string_view content, std::string_view at) {
    world_.root().write(path, content);
    std::filesystem::last_write_time(world_.root().path() + path,
                                     std::chrono::file_clock::from_sys(*parse_iso8601(at)));
  }
  v1::ProtectionProduct read() {
    const auto product = world_.read(read_tripwire);
    EXPECT_TRUE(product);
    return product.value_or(v1::ProtectionProduct());
  }

  protection::test::ProductWorld world_;
};

TEST_F(Tripwire, TellsTheAgeOfItsDatabaseAndOfItsNewestReport) {
  write("/var/lib/tripwire/report/host-20261120-010000.twr", kReport, "2026-11-20T01:00:00Z");
  write("/var/lib/tripwire/report/host-20261121-010000.twr", kReport, "2026-11-21T01:00:00Z");
  write("/var/lib/tripwire/report/notes.txt", "", "2026-11-22T01:00:00Z");
  world_.root().write("/etc/cron.daily/tripwire", "#!/bin/sh -e\n/usr/sbin/tripwire --check\n");
  world_.root().set_mode("/etc/cron.daily/tripwire", 0755);
  const v1::ProtectionProduct product = read();
  EXPECT_EQ(product.mode(), v1::PROTECTION_MODE_ON_DEMAND);
  EXPECT_EQ(from_proto(product.baseline_at()), *parse_iso8601("2026-11-01T00:00:00Z"));
  EXPECT_EQ(product.last_check().result(), v1::CHECK_RESULT_ENDED);
  EXPECT_FALSE(product.last_check().has_found());
  EXPECT_THAT(product.last_check().detail(), HasSubstr("twprint -m r -r /var/lib/tripwire/report"));
  EXPECT_EQ(from_proto(product.last_check().ended_at()), *parse_iso8601("2026-11-21T01:00:00Z"));
  EXPECT_EQ(product.checks_scheduled(), v1::ANSWER_YES);
  EXPECT_THAT(product.unread(), IsEmpty());
}

TEST_F(Tripwire, AReportThatIsNoneOrNotWholeIsUnread) {
  const std::string path = "/var/lib/tripwire/report/host-20261121-010000.twr";
  EXPECT_THAT(why_unread(read(), "last_check"), HasSubstr("there is no report"));
  for (const std::string& content : {""s, std::string(kReport.substr(0, 20)),
                                     "Open Source Tripwire Report"s + std::string(64, ' ')}) {
    world_.root().write(path, content);
    EXPECT_THAT(why_unread(read(), "last_check"), HasSubstr("no report of Tripwire's"));
    EXPECT_FALSE(read().has_last_check());
  }
}

TEST_F(Tripwire, WithoutADatabaseItIsOff) {
  std::filesystem::remove(world_.root().path() + "/var/lib/tripwire/host.twd");
  EXPECT_EQ(read().mode(), v1::PROTECTION_MODE_OFF);
  EXPECT_THAT(why_unread(read(), "baseline_at"), HasSubstr("tripwire --init"));
}

TEST_F(Tripwire, WhatMayNotBeReadIsUnreadAndNotMissing) {
  world_.root().set_mode("/var/lib/tripwire", 0700);
  const muster::test::WithoutRights without_rights;
  EXPECT_THAT(why_unread(read(), "baseline_at"), HasSubstr("Permission denied"));
  EXPECT_THAT(why_unread(read(), "last_check"), HasSubstr("Permission denied"));
  EXPECT_EQ(read().mode(), v1::PROTECTION_MODE_ON_DEMAND);
}

TEST_F(Tripwire, TooManyReportsAreUnread) {
  for (int i = 0; i <= 4000; ++i)
    world_.root().write("/var/lib/tripwire/report/" + std::to_string(i) + ".twr", "");
  EXPECT_THAT(why_unread(read(), "last_check"), HasSubstr("more than 4000 names"));
}

}  // namespace
}  // namespace muster::intrusion_detection
