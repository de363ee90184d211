#include "agent/sync/grpc_event_engine.h"

#include <gmock/gmock.h>
#include <grpc/event_engine/event_engine.h>
#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <memory>
#include <string>

#include "agent/sync/grpc_timers.h"

namespace muster::agent {
namespace {

using namespace std::chrono_literals;
using grpc_event_engine::experimental::CreateEventEngine;
using grpc_event_engine::experimental::EventEngine;

std::unique_ptr<EventEngine> make_engine() {
  use_small_event_engine();
  return CreateEventEngine();
}

TEST(SmallEventEngine, RunsWhatIsDueInTheOrderInWhichItCame) {
  const std::unique_ptr<EventEngine> engine = make_engine();
  std::string order;
  std::promise<void> done;
  engine->Run([&] { order += "a"; });
  engine->Run([&] { order += "b"; });
  engine->Run([&] {
    order += "c";
    done.set_value();
  });
  done.get_future().wait();
  EXPECT_EQ(order, "abc");
}

TEST(SmallEventEngine, RunsTheEarlierOfTwoThoughItCameLater) {
  const std::unique_ptr<EventEngine> engine = make_engine();
  std::string order;
  std::promise<void> done;
  // Both before either is due.
  engine->Run([&] {
    engine->RunAfter(20ms, [&] {
      order += "later";
      done.set_value();
    });
    engine->RunAfter(10ms, [&] { order += "earlier "; });
  });
  done.get_future().wait();
  EXPECT_EQ(order, "earlier later");
}

TEST(SmallEventEngine, NeverRunsEarly) {
  const std::unique_ptr<EventEngine> engine = make_engine();
  std::promise<std::chrono::steady_clock::time_point> ran;
  const auto before = std::chrono::steady_clock::now();
  engine->RunAfter(10ms, [&] { ran.set_value(std::chrono::steady_clock::now()); });
  EXPECT_GE(ran.get_future().get() - before, 10ms);
}

TEST(SmallEventEngine, RunsAClosureAndLeavesItToItsOwner) {
  class Counting : public EventEngine::Closure {
   public:
    void Run() override {
      if (++runs == 2) done.set_value();
    }
    int runs = 0;
    std::promise<void> done;
  };
  const std::unique_ptr<EventEngine> engine = make_engine();
  Counting closure;
  engine->Run(&closure);
  engine->RunAfter(1ms, &closure);
  closure.done.get_future().wait();
  EXPECT_EQ(closure.runs, 2);
}

TEST(SmallEventEngine, CancelsOnceAndOnlyWhatHasNotRun) {
  const std::unique_ptr<EventEngine> engine = make_engine();
  const auto held = std::make_shared<int>(0);
  const EventEngine::TaskHandle waits = engine->RunAfter(1h, [held] { FAIL(); });
  const EventEngine::TaskHandle never =
      engine->RunAfter(EventEngine::Duration::max(), [held] { FAIL(); });
  std::promise<void> done;
  const EventEngine::TaskHandle ran = engine->RunAfter(0ms, [&] { done.set_value(); });
  done.get_future().wait();
  EXPECT_FALSE(engine->Cancel(ran));
  EXPECT_TRUE(engine->Cancel(waits));
  EXPECT_FALSE(engine->Cancel(waits));
  EXPECT_TRUE(engine->Cancel(never));
  EXPECT_EQ(held.use_count(), 1) << "what was cancelled is let go of at once";
}

TEST(SmallEventEngine, MayEndInATaskOfItsOwn) {
  std::shared_ptr<EventEngine> engine = make_engine();
  std::promise<bool> done;
  EventEngine* const kept = engine.get();
  kept->Run([&done, engine = std::move(engine)]() mutable {
    const bool is_worker = engine->IsWorkerThread();
    engine.reset();
    done.set_value(is_worker);
  });
  EXPECT_TRUE(done.get_future().get());
}

TEST(SmallEventEngine, SaysThatItMakesNoConnections) {
  const std::unique_ptr<EventEngine> engine = make_engine();
  EXPECT_FALSE(engine->IsWorkerThread());
  EXPECT_EQ(engine->GetDNSResolver({}), nullptr);
  EXPECT_FALSE(engine->CancelConnect({{0, 0}}));
}

TEST(GrpcTimers, WaitForTheNextWholeTick) {
  const auto tick_after = [](int64_t seconds, int32_t nanoseconds) {
    return next_tick({seconds, nanoseconds, GPR_CLOCK_MONOTONIC}, 4);
  };
  const auto is = [](int64_t seconds) {
    return testing::AllOf(testing::Field(&gpr_timespec::tv_sec, seconds),
                          testing::Field(&gpr_timespec::tv_nsec, 0),
                          testing::Field(&gpr_timespec::clock_type, GPR_CLOCK_MONOTONIC));
  };
  EXPECT_THAT(tick_after(0, 0), is(0));
  EXPECT_THAT(tick_after(0, 1), is(4));
  EXPECT_THAT(tick_after(3, 999'999'999), is(4));
  EXPECT_THAT(tick_after(4, 0), is(4));
  EXPECT_THAT(tick_after(4, 1), is(8));
  EXPECT_THAT(tick_after(1'000'001, 0), is(1'000'004));
}

TEST(GrpcTimers, WaitForeverWhereTheyAskForThat) {
  for (const gpr_timespec end :
       {gpr_inf_future(GPR_CLOCK_MONOTONIC), gpr_inf_past(GPR_CLOCK_MONOTONIC)}) {
    EXPECT_EQ(gpr_time_cmp(next_tick(end, 4), end), 0);
  }
}

}  // namespace
}  // namespace muster::agent
