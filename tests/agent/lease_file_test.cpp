#include "agent/targets/lease_file.h"

#include <gtest/gtest.h>

#include "common/files.h"
#include "tests/common/temporary_directory.h"

namespace muster::agent {
namespace {

using namespace std::chrono_literals;

KeptLeases two_leases() {
  KeptLeases leases{.end = 3780s, .clock = {}, .targets = {}};
  leases.clock.set(TimePoint(1'800'000'000s), 3600s);
  leases.targets = {{.entity = "shop",
                     .probe = "tcp",
                     .address = "192.0.2.7:443",
                     .interval = 60s,
                     .timeout = 10s},
                    {.entity = "www",
                     .probe = "tcp",
                     .address = "[2001:db8::1]:443",
                     .interval = 24h,
                     .timeout = 100ms,
                     .not_before = 3700s,
                     .valid_until = 3750s}};
  return leases;
}

TEST(LeaseFile, GivesBackWhatWasLeft) {
  const auto read = unseal_leases(seal_leases(two_leases(), "this boot"), "this boot");
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->end, 3780s);
  EXPECT_EQ(read->clock.at(3600s), TimePoint(1'800'000'000s));
  EXPECT_EQ(read->targets, two_leases().targets);
}

TEST(LeaseFile, OfAnotherBootIsNotUsed) {
  const std::string bytes = seal_leases(two_leases(), "this boot");
  EXPECT_TRUE(absl::IsFailedPrecondition(unseal_leases(bytes, "the next").status()));
  EXPECT_FALSE(unseal_leases(seal_leases(two_leases(), ""), "").ok())
      << "nobody knows what boot it is";
}

TEST(LeaseFile, WithAnyByteChangedIsNotUsed) {
  const std::string bytes = seal_leases(two_leases(), "this boot");
  for (size_t i = 0; i < bytes.size(); ++i) {
    std::string damaged = bytes;
    damaged[i] = static_cast<char>(damaged[i] ^ 4);
    EXPECT_TRUE(absl::IsDataLoss(unseal_leases(damaged, "this boot").status())) << i;
    EXPECT_TRUE(absl::IsDataLoss(unseal_leases(bytes.substr(0, i), "this boot").status())) << i;
  }
}

TEST(LeaseFile, IsUsedOnce) {
  const test::TemporaryDirectory directory;
  EXPECT_TRUE(absl::IsNotFound(take_leases(directory.path()).status()));
  ASSERT_TRUE(write_leases(directory.path(), two_leases()).ok());
  const auto taken = take_leases(directory.path());
  ASSERT_TRUE(taken.ok()) << taken.status();
  EXPECT_EQ(taken->targets.size(), 2U);
  EXPECT_TRUE(absl::IsNotFound(take_leases(directory.path()).status()));
}

TEST(LeaseFile, ThatIsDamagedIsGoneAfterwardsToo) {
  test::TemporaryDirectory directory;
  directory.write("leases", "no leases", 0600);
  EXPECT_TRUE(absl::IsDataLoss(take_leases(directory.path()).status()));
  EXPECT_TRUE(absl::IsNotFound(take_leases(directory.path()).status()));
}

TEST(LeaseFile, ThatIsTooLargeIsNotRead) {
  test::TemporaryDirectory directory;
  directory.write("leases", std::string((16 << 20) + 1, 'x'), 0600);
  EXPECT_TRUE(absl::IsOutOfRange(take_leases(directory.path()).status()));
  EXPECT_TRUE(absl::IsNotFound(take_leases(directory.path()).status()));
}

}  // namespace
}  // namespace muster::agent
