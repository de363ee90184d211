// How the store's thread takes what waits: in groups, in order, bounded.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <latch>
#include <memory>
#include <utility>

#include "tests/collector/store_fixture.h"
#include "tests/common/temporary_directory.h"

namespace muster::collector {
namespace {

using story::kNow;
using story::wait_for;
using testing::ElementsAre;
using testing::HasSubstr;

// Keeps the store's thread in a callback until it is released, so that what follows waits in the
// queue. Made before the store: it must outlive the callback.
class Hold {
 public:
  ~Hold() { release(); }
  // Returns when the store's thread is in the callback.
  void take(Store& store, const HostRecord& host) {
    store.add_host(host, [this](const absl::Status&) {
      held_.count_down();
      released_.wait();
    });
    held_.wait();
  }
  void release() {
    if (!released_.try_wait()) released_.count_down();
  }

 private:
  std::latch held_{1};
  std::latch released_{1};
};

TEST(StoreQueue, WritesTheTimesOfAWholeFleetAndAnswersOnce) {
  const test::TemporaryDirectory directory;
  auto store = open_store(directory.file("store.db"));
  std::vector<SyncWrite> writes;
  for (int i = 0; i < 250; ++i) {
    store->add_host(a_host(fmt::format("id{}", i), fmt::format("name{}", i)),
                    [](const absl::Status& status) { EXPECT_TRUE(status.ok()); });
    writes.push_back(a_write(0, {}));
    writes.back().host_id = fmt::format("id{}", i);
  }
  ASSERT_TRUE(
      wait_for([&](Store::Done done) { store->commit_times(writes, std::move(done)); }).ok());
  const auto hosts = store->load_hosts();
  ASSERT_EQ(hosts->size(), 250u);
  for (const StoredHost& host : *hosts)
    EXPECT_EQ(host.host.last_sync_at, kNow) << host.host.id;
  EXPECT_TRUE(wait_for([&](Store::Done done) { store->commit_times({}, std::move(done)); }).ok());
}

TEST(StoreQueue, CallsBackInTheOrderOfTheCallsAndGroupsWhatWaits) {
  const test::TemporaryDirectory directory;
  std::atomic<size_t> commits = 0;
  Hold hold;
  auto opened = StoreSqlite::open(
      {.path = directory.file("store.db"), .on_commit = [&](auto, size_t) { ++commits; }});
  ASSERT_TRUE(opened.ok());
  std::vector<int> order;
  {
    auto store = *std::move(opened);
    hold.take(*store, a_host("first", "first"));
    for (int i = 0; i < 450; ++i) {
      store->add_host(a_host(fmt::format("id{}", i), fmt::format("name{}", i)),
                      [&order, i](const absl::Status& status) {
                        EXPECT_TRUE(status.ok()) << status;
                        order.push_back(i);
                      });
    }
    hold.release();
  }
  ASSERT_EQ(order.size(), 450u);
  for (int i = 0; i < 450; ++i)
    EXPECT_EQ(order[static_cast<size_t>(i)], i);
  // The first alone, then 200, 200 and 50.
  EXPECT_EQ(commits, 4u);
}

TEST(StoreQueue, WaitsALittleForWhatCanBeCommittedWithTheFirst) {
  const test::TemporaryDirectory directory;
  std::vector<size_t> groups;
  auto opened =
      StoreSqlite::open({.path = directory.file("store.db"),
                         .gather = std::chrono::hours(1),
                         .on_commit = [&](auto, size_t size) { groups.push_back(size); }});
  ASSERT_TRUE(opened.ok());
  std::promise<void> last;
  size_t answers = 0;
  {
    auto store = *std::move(opened);
    for (int i = 0; i < 200; ++i) {
      store->commit_times({}, [&](const absl::Status&) {
        if (++answers == 200) last.set_value();
      });
    }
    // A group that is full does not wait, and neither does one when the store stops.
    last.get_future().wait();
    store->commit_times({}, [&answers](const absl::Status&) { ++answers; });
  }
  EXPECT_THAT(groups, ElementsAre(200u, 1u));
  EXPECT_EQ(answers, 201u);
}

TEST(StoreQueue, AFailingOperationDoesNotFailItsNeighbours) {
  const test::TemporaryDirectory directory;
  Hold hold;
  std::vector<std::string> results;
  auto store = open_store(directory.file("store.db"));
  hold.take(*store, a_host("id", "web1"));
  const auto note = [&results](const absl::Status& status) {
    results.emplace_back(absl::StatusCodeToString(status.code()));
  };
  store->add_host(a_host("x", "web2"), note);
  store->add_host(a_host("y", "web2"), note);
  store->add_host(a_host("z", "web3"), note);
  hold.release();
  const auto hosts = store->load_hosts();
  EXPECT_THAT(results, ElementsAre("OK", "ALREADY_EXISTS", "OK"));
  EXPECT_EQ(hosts->size(), 3u);
}

TEST(StoreQueue, AFullDiskFailsOnlyTheOperationsThatDoNotFit) {
  const test::TemporaryDirectory directory;
  auto opened = StoreSqlite::open({.path = directory.file("store.db"), .max_pages = 60});
  ASSERT_TRUE(opened.ok());
  Hold hold;
  std::vector<std::string> results;
  auto store = *std::move(opened);
  hold.take(*store, a_host());
  const auto note = [&results](const absl::Status& status) {
    results.emplace_back(absl::StatusCodeToString(status.code()));
  };
  store->commit_sync(a_write(1, {a_section("agent", 1, "small")}), note);
  store->commit_sync(a_write(1, {a_section("host", 1, std::string(400'000, 'f'))}), note);
  store->commit_sync(a_write(1, {a_section("certificates", 1, "small")}), note);
  hold.release();
  EXPECT_EQ(store->load_hosts()->front().sections.size(), 2u);
  EXPECT_THAT(results, ElementsAre("OK", "RESOURCE_EXHAUSTED", "OK"));
}

TEST(StoreQueue, WhatComesAfterCallbacksComesAfterAllOfTheirCommit) {
  const test::TemporaryDirectory directory;
  Hold hold;
  std::vector<std::string> order;
  {
    const auto store = open_store(directory.file("store.db"));
    hold.take(*store, a_host());
    for (const std::string name : {"a", "b"}) {
      store->commit_times({}, [&order, &store = *store, name](const absl::Status&) {
        order.push_back(name);
        store.after_callbacks([&order, name] { order.push_back("after " + name); });
      });
    }
    hold.release();
  }
  EXPECT_THAT(order, ElementsAre("a", "b", "after a", "after b"));
}

TEST(StoreQueue, RefusesAtOnceWhatTheQueueCannotHold) {
  const test::TemporaryDirectory directory;
  auto opened = StoreSqlite::open(
      {.path = directory.file("store.db"), .queue_operations = 3, .queue_bytes = 1'000'000});
  ASSERT_TRUE(opened.ok());
  Hold hold;
  std::vector<absl::Status> refused;
  auto store = *std::move(opened);
  hold.take(*store, a_host());
  const auto note = [&refused](const absl::Status& status) {
    if (!status.ok()) refused.push_back(status);
  };
  for (uint64_t i = 1; i <= 3; ++i)
    store->commit_sync(a_write(1, {a_section("host", i, "")}), note);
  EXPECT_TRUE(refused.empty());
  EXPECT_EQ(store->load(), 1.0);
  store->commit_sync(a_write(1, {a_section("host", 9, "")}), note);
  ASSERT_EQ(refused.size(), 1u);
  EXPECT_TRUE(absl::IsUnavailable(refused.front())) << refused.front();
  EXPECT_THAT(std::string(refused.front().message()), HasSubstr("3 writes"));
  hold.release();
}

TEST(StoreQueue, ItsThreadAnswersOnceItIsThroughWithWhatItDoes) {
  const test::TemporaryDirectory directory;
  const auto store = open_store(directory.file("store.db"));
  std::promise<void> idle;
  store->answer([&idle] { idle.set_value(); });
  idle.get_future().wait();
  // Stuck, as in a write that the disk never ends.
  std::latch stuck(1);
  std::latch go_on(1);
  store->add_host(a_host(), [&](const absl::Status&) {
    stuck.count_down();
    go_on.wait();
  });
  stuck.wait();
  std::promise<void> answered;
  std::future<void> answer = answered.get_future();
  store->answer([&answered] { answered.set_value(); });
  EXPECT_EQ(answer.wait_for(std::chrono::seconds(0)), std::future_status::timeout);
  go_on.count_down();
  answer.wait();
}

TEST(StoreQueue, BoundsTheBytesOfItsQueueToo) {
  const test::TemporaryDirectory directory;
  auto opened = StoreSqlite::open({.path = directory.file("store.db"), .queue_bytes = 10'000});
  ASSERT_TRUE(opened.ok());
  Hold hold;
  absl::Status second;
  auto store = *std::move(opened);
  hold.take(*store, a_host());
  store->commit_sync(a_write(1, {a_section("host", 1, std::string(6000, 'x'))}),
                     [](const absl::Status&) {});
  store->commit_sync(a_write(1, {a_section("host", 2, std::string(6000, 'x'))}),
                     [&second](const absl::Status& status) { second = status; });
  EXPECT_TRUE(absl::IsUnavailable(second)) << second;
  hold.release();
}

}  // namespace
}  // namespace muster::collector
