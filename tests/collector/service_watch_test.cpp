#include "collector/service/service_watch.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "tests/common/fake_service_manager.h"
#include "tests/common/temporary_directory.h"

namespace muster::collector {
namespace {

using namespace std::chrono_literals;
using Time = std::chrono::steady_clock::time_point;

// A part that answers when the test says so.
struct FakePart {
  std::vector<std::function<void()>> asked;
  Heartbeat::Part part(std::string name) {
    return {.name = std::move(name), .ask = [this](std::function<void()> answered) {
              asked.push_back(std::move(answered));
            }};
  }
  void answer() {
    for (const std::function<void()>& answered : asked)
      answered();
    asked.clear();
  }
};

TEST(Heartbeat, NamesThePartThatHasNotAnsweredUntilItDoes) {
  FakePart store;
  FakePart http;
  Heartbeat heartbeat({store.part("the store"), http.part("the HTTP thread")});
  EXPECT_TRUE(heartbeat.silent().empty()) << "nobody was asked before";
  http.answer();
  EXPECT_EQ(heartbeat.silent(), std::vector<std::string>{"the store"});
  http.answer();
  EXPECT_EQ(heartbeat.silent(), std::vector<std::string>{"the store"});
  EXPECT_EQ(store.asked.size(), 1U) << "asked once, however long it takes";
  http.answer();
  store.answer();
  EXPECT_TRUE(heartbeat.silent().empty());
}

TEST(Heartbeat, AnAnswerMayComeWhenNobodyWaitsAnyMore) {
  FakePart store;
  {
    Heartbeat heartbeat({store.part("the store")});
    heartbeat.silent();
  }
  store.answer();
}

TEST(StatusLine, SaysHowTheCollectorStands) {
  EXPECT_EQ(status_line({.hosts = 1, .reporting = 0}), "serving 1 host, 0 of them reporting");
  EXPECT_EQ(status_line({.hosts = 120, .reporting = 118}),
            "serving 120 hosts, 118 of them reporting");
  EXPECT_EQ(status_line({.hosts = 2, .reporting = 2, .store_writable = false}),
            "serving 2 hosts, 2 of them reporting; the store takes no writes (is the disk full?): "
            "agents keep what they see");
  EXPECT_EQ(status_line({.hosts = 2,
                         .reporting = 2,
                         .reload_error = "policy.yml:3:1: unknown key",
                         .silent = {"the store", "the HTTP thread"}}),
            "serving 2 hosts, 2 of them reporting; no answer from the store and the HTTP thread; "
            "the last reload: policy.yml:3:1: unknown key");
}

class ServiceWatchTest : public testing::Test {
 protected:
  ServiceEnvironment environment(Duration watchdog) const {
    return {.notify_socket = manager_.address(), .watchdog = watchdog};
  }
  std::string none() const { return manager_.next(0ms); }

  const test::TemporaryDirectory directory_;
  const test::FakeServiceManager manager_{directory_.file("notify")};
  FakePart store_;
  const ServiceStanding two_hosts_{.hosts = 2, .reporting = 2};
  const Time start_{1h};
};

TEST_F(ServiceWatchTest, ALookWithinAQuarterOfTheWatchdogsTimeTellsNothingNew) {
  ServiceWatch watch(environment(60s), Heartbeat({store_.part("the store")}));
  watch.ready(two_hosts_);
  EXPECT_EQ(manager_.next(), "READY=1\nSTATUS=serving 2 hosts, 2 of them reporting");
  watch.look(start_, two_hosts_);
  EXPECT_EQ(manager_.next(), "WATCHDOG=1");
  store_.answer();
  watch.look(start_ + 14s, two_hosts_);
  EXPECT_EQ(none(), "");
  watch.look(start_ + 15s, two_hosts_);
  EXPECT_EQ(manager_.next(), "WATCHDOG=1");
}

TEST_F(ServiceWatchTest, AHungThreadIsNotVouchedForAndIsNamed) {
  ServiceWatch watch(environment(60s), Heartbeat({store_.part("the store")}));
  watch.ready(two_hosts_);
  watch.look(start_, two_hosts_);
  manager_.next();
  manager_.next();
  // Asked at the first look, and no answer.
  watch.look(start_ + 15s, two_hosts_);
  EXPECT_EQ(manager_.next(),
            "STATUS=serving 2 hosts, 2 of them reporting; no answer from the store");
  for (const auto later : {30s, 45s, 60s, 600s}) {
    watch.look(start_ + later, two_hosts_);
    EXPECT_EQ(none(), "") << "it would live on for ever";
  }
  store_.answer();
  watch.look(start_ + 615s, two_hosts_);
  EXPECT_EQ(manager_.next(), "WATCHDOG=1");
  EXPECT_EQ(manager_.next(), "STATUS=serving 2 hosts, 2 of them reporting");
}

TEST_F(ServiceWatchTest, WithoutAWatchdogNoPartIsAsked) {
  ServiceWatch watch(environment(0s), Heartbeat({store_.part("the store")}));
  watch.look(start_, two_hosts_);
  EXPECT_TRUE(store_.asked.empty());
  EXPECT_EQ(none(), "");
}

TEST_F(ServiceWatchTest, AReloadThatWasRefusedStaysInTheStatusUntilOneIsTaken) {
  ServiceWatch watch(environment(0s), Heartbeat({}));
  watch.ready(two_hosts_);
  manager_.next();
  watch.reloading();
  EXPECT_EQ(manager_.next().substr(0, 11), "RELOADING=1");
  watch.reloaded("policy.yml:3:1: unknown key");
  EXPECT_EQ(manager_.next(), "READY=1");
  watch.look(start_, two_hosts_);
  EXPECT_EQ(manager_.next(),
            "STATUS=serving 2 hosts, 2 of them reporting; the last reload: "
            "policy.yml:3:1: unknown key");
  watch.reloading();
  watch.reloaded("");
  watch.look(start_ + 10s, two_hosts_);
  manager_.next();
  manager_.next();
  EXPECT_EQ(manager_.next(), "STATUS=serving 2 hosts, 2 of them reporting");
}

TEST_F(ServiceWatchTest, AStatusThatHasNotChangedIsNotTold) {
  ServiceWatch watch(environment(0s), Heartbeat({}));
  watch.ready(two_hosts_);
  manager_.next();
  watch.look(start_, two_hosts_);
  watch.look(start_ + 10s, two_hosts_);
  EXPECT_EQ(none(), "");
  watch.look(start_ + 20s, {.hosts = 3, .reporting = 2});
  EXPECT_EQ(manager_.next(), "STATUS=serving 3 hosts, 2 of them reporting");
}

TEST_F(ServiceWatchTest, AfterTheEndBeganNothingElseIsTold) {
  ServiceWatch watch(environment(0s), Heartbeat({}));
  watch.ready(two_hosts_);
  manager_.next();
  watch.stopping();
  EXPECT_EQ(manager_.next(), "STOPPING=1\nSTATUS=answering what is under way");
  watch.look(start_, {.hosts = 3, .reporting = 2});
  EXPECT_EQ(none(), "");
}

}  // namespace
}  // namespace muster::collector
