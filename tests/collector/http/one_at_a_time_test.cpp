#include "collector/http/one_at_a_time.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <memory>
#include <thread>
#include <vector>

namespace muster::collector::http {
namespace {

TEST(OneAtATime, RunsOneAfterTheOtherInTheirOrderAndLeavesTheOtherThreadsAlone) {
  std::vector<int> order;
  std::promise<void> open;
  std::shared_future<void> opened = open.get_future().share();
  std::promise<void> all;
  std::promise<void> beside;
  {
    // Its threads end before it goes.
    std::unique_ptr<OneAtATime> turns;
    WorkPool pool(2, 64);
    turns = std::make_unique<OneAtATime>(pool, 16);
    std::atomic<int> at_once = 0;
    for (int i = 0; i < 4; ++i) {
      ASSERT_TRUE(turns->post([&, i] {
        EXPECT_EQ(++at_once, 1);
        opened.wait();
        order.push_back(i);
        --at_once;
        if (i == 3) all.set_value();
      }));
    }
    // The second thread is free while all of these wait.
    ASSERT_TRUE(pool.post([&beside] { beside.set_value(); }));
    beside.get_future().wait();
    open.set_value();
    all.get_future().wait();
  }
  EXPECT_EQ(order, (std::vector<int>{0, 1, 2, 3}));
}

TEST(OneAtATime, RefusesWhatIsTooMuch) {
  std::promise<void> open;
  std::shared_future<void> opened = open.get_future().share();
  std::promise<void> begun;
  std::unique_ptr<OneAtATime> turns;
  WorkPool pool(1, 64);
  turns = std::make_unique<OneAtATime>(pool, 2);
  ASSERT_TRUE(turns->post([&begun, opened] {
    begun.set_value();
    opened.wait();
  }));
  begun.get_future().wait();
  EXPECT_TRUE(turns->post([] {}));
  EXPECT_TRUE(turns->post([] {}));
  EXPECT_FALSE(turns->post([] {}));
  open.set_value();
}

TEST(OneAtATime, DropsWhatWaitsWhereThePoolIsFullAndTakesTheNextAgain) {
  std::promise<void> open;
  std::shared_future<void> opened = open.get_future().share();
  std::unique_ptr<OneAtATime> turns;
  WorkPool pool(1, 1);
  turns = std::make_unique<OneAtATime>(pool, 16);
  std::promise<void> ended;
  ASSERT_TRUE(pool.post([opened] { opened.wait(); }));
  EXPECT_FALSE(turns->post([] {}));
  open.set_value();
  // Until the pool has room again.
  while (!turns->post([&ended] { ended.set_value(); }))
    std::this_thread::yield();
  ended.get_future().wait();
}

}  // namespace
}  // namespace muster::collector::http
