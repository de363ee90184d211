#include "agent/output/service_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <chrono>
#include <future>
#include <thread>

#include "common/timestamp.h"
#include "tests/common/fake_service_manager.h"
#include "tests/common/temporary_directory.h"

namespace muster::agent {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

constexpr TimePoint kNow{std::chrono::seconds(1'800'000'000)};

v1::AgentStatus reported() {
  v1::AgentStatus status;
  status.set_host("web1");
  status.set_collector("collector.example.org:8433");
  *status.mutable_last_sync_success_at() = to_proto(kNow);
  return status;
}

TEST(ServiceStatusLine, SaysWhenTheLastReportGotThroughAndWhere) {
  EXPECT_EQ(service_status_line(reported()),
            "web1: last report at 2027-01-15T08:00:00Z to collector.example.org:8433");
}

TEST(ServiceStatusLine, SaysWhyNothingGetsThroughAndHowMuchWaits) {
  v1::AgentStatus status;
  status.set_last_sync_error("connecting to collector.example.org:8433: refused");
  status.set_outbox_entries(3);
  EXPECT_EQ(service_status_line(status),
            "no report has got through since the start; the newest failed: connecting to "
            "collector.example.org:8433: refused; 3 changes not reported yet");
  status = reported();
  status.set_outbox_entries(1);
  EXPECT_THAT(service_status_line(status), HasSubstr("; 1 change not reported yet"));
}

TEST(ServiceStatusLine, ShowsNoMoreOfAnErrorThanFits) {
  v1::AgentStatus status;
  status.set_host("a\nb");
  status.set_last_sync_error(std::string(10'000, 'x'));
  EXPECT_LT(service_status_line(status).size(), 400U);
  EXPECT_THAT(service_status_line(status), HasSubstr("a\\x0ab: "));
}

class ServiceReportTest : public ::testing::Test {
 protected:
  ServiceEnvironment environment(Duration watchdog = Duration(0)) const {
    return {.notify_socket = manager_.address(), .watchdog = watchdog};
  }
  std::string none() const { return manager_.next(0ms); }

  const test::TemporaryDirectory directory_;
  const test::FakeServiceManager manager_{directory_.file("notify")};
  boost::asio::io_context context_{1};
};

TEST_F(ServiceReportTest, TellsNothingBeforeTheAgentServes) {
  ServiceReport report(context_, environment());
  report.tell(reported());
  report.reloading();
  EXPECT_EQ(none(), "");
  report.ready();
  EXPECT_THAT(manager_.next(), ::testing::StartsWith("READY=1\nSTATUS=web1: last report at"));
}

TEST_F(ServiceReportTest, TellsAStatusOnlyWhenItHasChanged) {
  ServiceReport report(context_, environment());
  report.tell(reported());
  report.ready();
  manager_.next();
  report.tell(reported());
  EXPECT_EQ(none(), "");
  v1::AgentStatus changed = reported();
  changed.set_outbox_entries(2);
  report.tell(changed);
  EXPECT_THAT(manager_.next(), HasSubstr("2 changes not reported yet"));
}

TEST_F(ServiceReportTest, AReloadThatIsRefusedIsInTheStatusUntilOneIsTaken) {
  ServiceReport report(context_, environment());
  report.ready();
  EXPECT_EQ(manager_.next(), "READY=1");
  report.reloading();
  EXPECT_THAT(manager_.next(), HasSubstr("RELOADING=1"));
  report.reloaded("agent.yml:1:1: unknown key");
  EXPECT_EQ(manager_.next(), "READY=1");
  EXPECT_THAT(manager_.next(), HasSubstr("reload was refused: agent.yml:1:1"));
  report.tell(reported());
  EXPECT_THAT(manager_.next(), HasSubstr("reload was refused"));
  report.reloading();
  report.reloaded("");
  EXPECT_THAT(manager_.next(), HasSubstr("RELOADING=1"));
  EXPECT_EQ(manager_.next(), "READY=1");
  EXPECT_EQ(manager_.next(), "STATUS=" + service_status_line(reported()));
}

TEST_F(ServiceReportTest, VouchesForALoopThatRunsAndNotForOneThatHangs) {
  ServiceReport report(context_, environment(20ms));
  report.ready();
  EXPECT_EQ(manager_.next(), "READY=1");
  std::thread loop([this] { context_.run(); });
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(manager_.next(), "WATCHDOG=1");
  // A handler that does not end.
  std::promise<void> stuck;
  std::promise<void> go_on;
  boost::asio::post(context_, [&] {
    stuck.set_value();
    go_on.get_future().wait();
  });
  stuck.get_future().wait();
  while (!none().empty()) {
  }
  EXPECT_EQ(manager_.next(200ms), "") << "ten times the time of a sign of life";
  go_on.set_value();
  EXPECT_EQ(manager_.next(), "WATCHDOG=1");
  boost::asio::post(context_, [&report] { report.stopping(); });
  EXPECT_EQ(manager_.next_with("STOPPING=1"), "STOPPING=1");
  loop.join();
}

}  // namespace
}  // namespace muster::agent
