#include "collector/identity/enrolment_log.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <prometheus/registry.h>

#include <algorithm>

#include "tests/collector/fakes.h"

namespace muster::collector {
namespace {

TEST(EnrolmentLog, CountsEveryRefusalAndLogsOneAnHourOfAnIpv6Network) {
  FakeClock clock;
  prometheus::Registry registry;
  CollectorMetrics metrics(registry);
  EnrolmentLog log(clock, metrics);
  testing::internal::CaptureStderr();
  for (int host = 1; host <= 100; ++host)
    log.throttled(fmt::format("2001:db8::{:x}", host));
  log.throttled("2001:db8:0:1::1");
  const std::string lines = testing::internal::GetCapturedStderr();
  EXPECT_EQ(std::count(lines.begin(), lines.end(), '\n'), 2) << lines;
}

TEST(EnrolmentLog, SaysHowManyItDidNotLogOnceThereIsRoom) {
  FakeClock clock;
  prometheus::Registry registry;
  CollectorMetrics metrics(registry);
  EnrolmentLog log(clock, metrics);
  testing::internal::CaptureStderr();
  for (int network = 0; network < 10'007; ++network)
    log.throttled(fmt::format("2001:db8:1:{:x}::1", network));
  EXPECT_EQ(testing::internal::GetCapturedStderr().find("not_logged"), std::string::npos);
  clock.advance(std::chrono::hours(1));
  testing::internal::CaptureStderr();
  log.throttled("192.0.2.1");
  const std::string lines = testing::internal::GetCapturedStderr();
  EXPECT_NE(lines.find("peer=192.0.2.1"), std::string::npos) << lines;
  EXPECT_NE(lines.find("not_logged=7"), std::string::npos) << lines;
}

}  // namespace
}  // namespace muster::collector
