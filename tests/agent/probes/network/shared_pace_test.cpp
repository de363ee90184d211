#include "agent/probes/network/shared_pace.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <limits>
#include <map>
#include <memory>
#include <random>
#include <vector>

#include "agent/launcher/memory_file.h"
#include "agent/probes/network/pace_queue.h"
#include "agent/sandbox/inherited_files.h"

namespace muster::network_probe {
namespace {

using namespace std::chrono_literals;
using boost::asio::ip::make_address;

constexpr Pace kPace{.per_second = 20, .per_address_per_second = 3, .at_once = 1000};

class SharedPaceTest : public ::testing::Test {
 protected:
  std::unique_ptr<SharedPace> open() {
    auto opened = SharedPace::open(file_.get());
    EXPECT_TRUE(opened.ok()) << opened.status();
    return *std::move(opened);
  }
  // Whatever is in it, at its own size.
  void fill_with(int64_t value) {
    const std::vector<int64_t> values(agent::kPaceBytes / sizeof value, value);
    ASSERT_EQ(::pwrite(file_.get(), values.data(), agent::kPaceBytes, 0),
              static_cast<ssize_t>(agent::kPaceBytes));
  }
  static int take_all(SharedPace& pace, Duration now, const char* address = "192.0.2.1",
                      size_t per_second = 10, size_t per_address = 10'000) {
    int taken = 0;
    while (taken < 10'000 && !pace.take(make_address(address), per_second, per_address, now))
      ++taken;
    return taken;
  }

  Descriptor file_ = agent::shared_memory("test", agent::kPaceBytes);
};

bool holds(std::vector<Duration> times, size_t most) {
  std::sort(times.begin(), times.end());
  for (size_t i = most; i < times.size(); ++i) {
    if (times[i] - times[i - most] < 1s) return false;
  }
  return true;
}

// Eight runs, each with a memory of its own of the same file, over random arrivals: no second,
// wherever it begins, has more than the rate of all of them together, in all or of an address; and
// everybody gets a turn.
TEST_F(SharedPaceTest, RunsHoldTheirRatesTogether) {
  std::mt19937 random(20261122);
  struct Run {
    std::unique_ptr<SharedPace> shared;
    std::unique_ptr<PaceQueue> queue;
    std::vector<boost::asio::ip::address> of_id = {};
  };
  std::vector<Run> runs(8);
  for (Run& run : runs) {
    run.shared = open();
    Pace pace = kPace;
    pace.shared = run.shared.get();
    run.queue = std::make_unique<PaceQueue>(pace);
  }
  std::vector<Duration> all;
  std::map<boost::asio::ip::address, std::vector<Duration>> by_address;
  size_t added = 0;
  Duration now = 100s;
  const auto take = [&](Run& run) {
    while (const auto id = run.queue->take(now)) {
      run.queue->ended();
      all.push_back(now);
      by_address[run.of_id.at(*id)].push_back(now);
    }
  };
  for (int step = 0; step < 4000; ++step) {
    now += std::chrono::milliseconds(random() % 20);
    Run& run = runs[random() % runs.size()];
    if (step % 2 == 0) {
      run.of_id.push_back(boost::asio::ip::address_v4(0xc0000200 + random() % 12));
      run.queue->add(run.of_id.size() - 1, run.of_id.back(), now);
      ++added;
    }
    take(run);
  }
  for (;;) {
    Run* next = nullptr;
    for (Run& run : runs) {
      if (!run.queue->next_turn()) continue;
      if (next == nullptr || *run.queue->next_turn() < *next->queue->next_turn()) next = &run;
    }
    if (next == nullptr) break;
    now = std::max(now, *next->queue->next_turn());
    take(*next);
  }
  ASSERT_EQ(all.size(), added);
  EXPECT_TRUE(holds(all, kPace.per_second));
  for (const auto& [address, times] : by_address)
    EXPECT_TRUE(holds(times, kPace.per_address_per_second)) << address.to_string();
}

// As processes, which race for each turn; their clock is a count of rounds.
TEST_F(SharedPaceTest, ProcessesThatRaceHoldThemToo) {
  // Less than what is believed of a rate: whoever is behind the others in rounds waits for them.
  constexpr int kRounds = 1800;
  std::array<int, 2> start{};
  std::array<int, 2> counts{};
  ASSERT_EQ(::pipe(start.data()), 0);
  ASSERT_EQ(::pipe(counts.data()), 0);
  std::vector<pid_t> children;
  for (int child = 0; child < 4; ++child) {
    children.push_back(::fork());
    if (children.back() != 0) continue;
    ::close(start[1]);
    const auto pace = SharedPace::open(file_.get());
    int taken = 0;
    char none = 0;
    if (::read(start[0], &none, 1) != 0) ::_exit(1);
    for (int round = 0; round < kRounds; ++round)
      taken += take_all(**pace, 100s + std::chrono::milliseconds(round), "192.0.2.1", 10'000);
    ::_exit(::write(counts[1], &taken, sizeof taken) == sizeof taken ? 0 : 1);
  }
  ::close(start[1]);
  int total = 0;
  for (const pid_t child : children) {
    int taken = 0;
    EXPECT_EQ(::read(counts[0], &taken, sizeof taken), static_cast<ssize_t>(sizeof taken));
    total += taken;
    int status = -1;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_EQ(status, 0);
  }
  for (const int descriptor : {start[0], counts[0], counts[1]})
    ::close(descriptor);
  EXPECT_LE(total, 18'000);
  EXPECT_GT(total, 10'000);
}

TEST_F(SharedPaceTest, RestSavesNothingUp) {
  const auto pace = open();
  EXPECT_EQ(take_all(*pace, 100s), 1);
  EXPECT_EQ(take_all(*pace, 24h), 1);
}

TEST_F(SharedPaceTest, AnAddressHasItsOwnRateAndDoesNotUseThatOfOthers) {
  const auto pace = open();
  const auto wait = [&](const char* address, Duration now) {
    return pace->take(make_address(address), 1000, 1, now);
  };
  EXPECT_FALSE(wait("192.0.2.1", 100s));
  EXPECT_FALSE(wait("2001:db8::1", 100s));
  const auto again = wait("192.0.2.1", 100s + 10ms);
  ASSERT_TRUE(again);
  EXPECT_TRUE(again->for_address);
  EXPECT_GE(again->until, 101s);
  EXPECT_FALSE(wait("192.0.2.1", again->until));
}

TEST_F(SharedPaceTest, WhatNobodyCouldHaveBookedCountsForNothing) {
  for (const int64_t wild :
       {std::numeric_limits<int64_t>::max(), std::numeric_limits<int64_t>::min(), int64_t{-1}}) {
    fill_with(wild);
    const auto pace = open();
    EXPECT_FALSE(pace->take(make_address("192.0.2.1"), 1, 1, 100s)) << wild;
    EXPECT_TRUE(pace->take(make_address("192.0.2.1"), 1, 1, 100s)) << wild;
  }
}

TEST_F(SharedPaceTest, TheLargestRatesAreReached) {
  const auto pace = open();
  int taken = 0;
  for (Duration now = 100s; now < 102s; now += 1ms)
    taken += take_all(*pace, now, "192.0.2.1", 10'000);
  EXPECT_LE(taken, 20'000);
  EXPECT_GE(taken, 18'000);
}

TEST(SharedPaceMemory, IsNotThereByHand) {
  const auto pace = SharedPace::open(-1);
  ASSERT_TRUE(pace.ok());
  EXPECT_EQ(*pace, nullptr);
}

TEST(SharedPaceMemory, ThatIsOfAnotherSizeIsNotTheLaunchers) {
  const Descriptor file = agent::shared_memory("test", agent::kPaceBytes - 1);
  EXPECT_EQ(SharedPace::open(file.get()).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(SharedPaceMemory, NobodyCanShortenIt) {
  const Descriptor file = agent::shared_memory("test", agent::kPaceBytes);
  EXPECT_NE(::ftruncate(file.get(), 0), 0);
}

}  // namespace
}  // namespace muster::network_probe
