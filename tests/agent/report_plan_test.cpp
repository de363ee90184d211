#include "agent/sync/report_plan.h"

#include <gtest/gtest.h>

namespace muster::agent {
namespace {

using namespace std::chrono_literals;

constexpr Duration kInterval = 60s;
constexpr double kMiddle = 0.5;

TEST(ReportPlan, WaitsForTheIntervalWithJitter) {
  EXPECT_EQ(plan_after({}, kInterval, 0.0).delay, 54s);
  EXPECT_EQ(plan_after({}, kInterval, kMiddle).delay, 60s);
  EXPECT_TRUE(plan_after({}, kInterval, kMiddle).changes_hurry);
}

TEST(ReportPlan, GoesOnAtOnceWhileMoreWaits) {
  EXPECT_EQ(plan_after({.continues = true}, kInterval, kMiddle).delay, 0s);
}

TEST(ReportPlan, TheCollectorsBrakeRulesEvenWhileMoreWaits) {
  const ReportPlan plan = plan_after({.continues = true, .brake = 7min}, kInterval, kMiddle);
  EXPECT_EQ(plan.delay, 7min);
  EXPECT_FALSE(plan.changes_hurry);
  EXPECT_EQ(plan_after({.brake = 24h}, kInterval, kMiddle).delay, 1h) << "and is believed so far";
  EXPECT_EQ(plan_after({.brake = 4'294'967'295ms}, kInterval, kMiddle).delay, 1h);
}

TEST(ReportPlan, AnIntervalThatTheCollectorNamesIsNoBrake) {
  const ReportPlan plan = plan_after({.brake = 66s}, kInterval, kMiddle);
  EXPECT_EQ(plan.delay, 66s);
  EXPECT_TRUE(plan.changes_hurry);
  EXPECT_EQ(plan_after({.continues = true, .brake = 66s}, kInterval, kMiddle).delay, 0s);
}

TEST(ReportPlan, ACollectorCannotAskForReportsWithoutAPause) {
  EXPECT_EQ(plan_after({.brake = 1ms}, kInterval, kMiddle).delay, 1s);
  EXPECT_EQ(plan_after({.brake = 1s}, kInterval, kMiddle).delay, 1s);
}

TEST(ReportPlan, BacksOffWhileTheCollectorIsAway) {
  const ReportResult result{.status = absl::UnavailableError("x"), .failures = 3};
  EXPECT_EQ(plan_after(result, kInterval, kMiddle).delay, 2s);
  EXPECT_FALSE(plan_after(result, kInterval, kMiddle).changes_hurry);
}

TEST(ReportPlan, AnAgentThatLooksForTheCollectorIsBackWithinTheInterval) {
  const ReportResult result{
      .status = absl::UnavailableError("x"), .failures = 30, .holds_leases = true};
  EXPECT_EQ(plan_after(result, kInterval, kMiddle).delay, 60s);
  EXPECT_FALSE(plan_after(result, kInterval, kMiddle).changes_hurry);
}

TEST(ReportPlan, WaitsAtLeastTheIntervalAfterARefusal) {
  for (const absl::Status& status :
       {absl::InvalidArgumentError("x"), absl::PermissionDeniedError("x"),
        absl::UnauthenticatedError("x"), absl::UnimplementedError("x")}) {
    EXPECT_EQ(plan_after({.status = status, .failures = 1}, kInterval, kMiddle).delay, 60s);
    EXPECT_EQ(plan_after({.status = status, .failures = 30}, kInterval, kMiddle).delay, 150s);
  }
}

}  // namespace
}  // namespace muster::agent
