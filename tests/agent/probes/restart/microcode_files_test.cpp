#include "agent/probes/restart/microcode_files.h"

#include <gtest/gtest.h>

#include <optional>
#include <random>
#include <string>

#include "tests/agent/probes/restart/microcode_images.h"

namespace muster::restart {
namespace {

using test::amd_container;
using test::intel_update;

constexpr uint32_t kSkylake = 0x50654;
constexpr uint32_t kMilan = 0xa00f11;
constexpr std::optional<uint32_t> kNone;

TEST(IntelMicrocode, IsTheNewestForTheProcessorAndItsPlatform) {
  const std::string file =
      intel_update({.revision = 0x2006e05, .signature = kSkylake, .platforms = 0xb7}) +
      intel_update({.revision = 0x2007006, .signature = kSkylake, .platforms = 0xb7}) +
      intel_update({.revision = 0x2009999, .signature = kSkylake, .platforms = 0x08}) +
      intel_update({.revision = 0x3000000, .signature = 0x50657, .platforms = 0xff});
  EXPECT_EQ(intel_revision(file, kSkylake, 0x01).value(), 0x2007006U);
  EXPECT_EQ(intel_revision(file, kSkylake, 0x08).value(), 0x2009999U);
  EXPECT_EQ(intel_revision(file, kSkylake, 0x40).value(), kNone);
  EXPECT_EQ(intel_revision(file, 0x12345, 0x01).value(), kNone);
  EXPECT_EQ(intel_revision("", kSkylake, 0x01).value(), kNone);
}

TEST(IntelMicrocode, NamesMoreProcessorsInATableOfItsOwn) {
  const std::string file = intel_update(
      {.revision = 7, .signature = 1, .platforms = 1, .more = {{0x50657, 0x02}, {kSkylake, 0x04}}});
  EXPECT_EQ(intel_revision(file, kSkylake, 0x04).value(), 7U);
  EXPECT_EQ(intel_revision(file, kSkylake, 0x02).value(), kNone);
}

TEST(IntelMicrocode, OfTheFirstKindHasNoSizes) {
  const std::string file =
      intel_update({.revision = 3, .signature = 0x612, .platforms = 1, .old_kind = true});
  EXPECT_EQ(intel_revision(file + file, 0x612, 1).value(), 3U);
}

TEST(IntelMicrocode, ThatIsCutAnywhereIsRefused) {
  const std::string file =
      intel_update({.revision = 7, .signature = 1, .platforms = 1, .more = {{2, 2}}});
  for (size_t size = 1; size < file.size(); ++size)
    EXPECT_FALSE(intel_revision(file.substr(0, size), 1, 1).ok()) << size;
}

TEST(AmdMicrocode, IsTheNewestForWhatTheProcessorCountsAs) {
  const std::string file = amd_container(
      {{0xa00f10, 0xa010}, {kMilan, 0xa011}},
      {{0xa0011d1, 0xa011}, {0xa0011d5, 0xa011}, {0xa0011d3, 0xa011}, {0xa00107a, 0xa010}});
  EXPECT_EQ(amd_revision(file, kMilan).value(), 0xa0011d5U);
  EXPECT_EQ(amd_revision(file, 0xa00f10).value(), 0xa00107aU);
  EXPECT_EQ(amd_revision(file, 0xa00f12).value(), kNone);
  EXPECT_EQ(amd_revision("", kMilan).value(), kNone);
}

// A patch counts by the table before it.
TEST(AmdMicrocode, MayBeSeveralContainersInARow) {
  const std::string file = amd_container({{kMilan, 0xa011}}, {{5, 0xa011}}) +
                           amd_container({{0x870f10, 0xa011}}, {{9, 0xa011}});
  EXPECT_EQ(amd_revision(file, kMilan).value(), 5U);
  EXPECT_EQ(amd_revision(file, 0x870f10).value(), 9U);
}

TEST(AmdMicrocode, ThatIsNoContainerIsRefused) {
  const std::string good = amd_container({{kMilan, 0xa011}}, {{5, 0xa011}});
  for (const std::string& file :
       {std::string("DMA"), std::string("an ELF file, say"), good.substr(4), good + "x",
        std::string("DMA\0", 4) + test::little_endian(1) + test::little_endian(0),
        good + test::little_endian(2) + test::little_endian(0),
        good + test::little_endian(1) + test::little_endian(0xffffffff)}) {
    EXPECT_FALSE(amd_revision(file, kMilan).ok());
  }
  const size_t whole = 12 + 32;  // the magic and the table without a patch
  for (size_t size = 1; size < good.size(); ++size)
    EXPECT_EQ(amd_revision(good.substr(0, size), kMilan).ok(), size == whole) << size;
}

// What tests/fuzz/microcode_fuzz.cpp does for longer: any bytes end in an answer.
TEST(Microcode, OfAnyBytesIsAnAnswer) {
  std::mt19937 random(7);
  const std::string intel =
      intel_update({.revision = 7, .signature = 1, .platforms = 1, .more = {{2, 2}}});
  const std::string amd = amd_container({{kMilan, 0xa011}}, {{5, 0xa011}, {6, 0xa011}});
  for (int i = 0; i < 20'000; ++i) {
    std::string bytes = i % 2 == 0 ? intel : amd;
    for (int change = 0; change < 4; ++change)
      bytes[random() % std::min<size_t>(bytes.size(), 120)] = static_cast<char>(random());
    (void)intel_revision(bytes, 1, 1);
    (void)amd_revision(bytes, kMilan);
  }
}

}  // namespace
}  // namespace muster::restart
