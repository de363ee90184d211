// Facts of any bytes, near good ones.
#include <gtest/gtest.h>

#include <random>

#include "tests/collector/expiry/every_kind.h"
#include "tests/collector/expiry/feed_promises.h"
#include "tests/common/damaged_bytes.h"

namespace muster::collector {
namespace {

constexpr int kRounds = 300;

TEST(ExpiryCalendar, KeepsItsPromisesOverDamagedFacts) {
  std::vector<SectionState> sections = host_with_every_kind();
  sections.push_back(section_of(domain("example.org", in_days(4))));
  sections.push_back(section_of(zone("example.org", in_days(5))));
  std::mt19937 random(20261123);
  size_t entries = 0;
  for (const SectionState& section : sections) {
    for (int round = 0; round < kRounds; ++round) {
      const std::string bytes = test::damaged(section.facts, random);
      const v1::ExpiryList list = ends_of_bytes(section.facts_type, bytes, kNow);
      ASSERT_EQ(broken_promise(list), "") << section.facts_type << " " << to_hex(bytes);
      entries += static_cast<size_t>(list.entries_size());
    }
  }
  // Enough of them were read for this to say something.
  EXPECT_GT(entries, sections.size() * kRounds / 10);
}

}  // namespace
}  // namespace muster::collector
