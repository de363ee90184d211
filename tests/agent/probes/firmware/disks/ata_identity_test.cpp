#include "agent/probes/firmware/disks/ata_identity.h"

#include <gtest/gtest.h>

#include <optional>
#include <random>
#include <string>

#include "common/text.h"
#include "tests/agent/probes/firmware/disks/disk_builder.h"
#include "tests/common/damaged_bytes.h"

namespace muster::firmware {
namespace {

using test::example_identity;

TEST(AtaIdentity, TellsModelSerialAndFirmware) {
  const auto disk = parse_ata_identity(example_identity().build());
  ASSERT_TRUE(disk.ok()) << disk.status();
  EXPECT_EQ(disk->model, "WDC WUH721414ALE6L4");
  EXPECT_EQ(disk->serial, "WD-WX12A3456");
  EXPECT_EQ(disk->firmware, "83.H0A83");
  EXPECT_EQ(disk->smart_supported, true);
  EXPECT_EQ(disk->smart_enabled, true);
  EXPECT_EQ(disk->rotation_rate, 7200);
}

// Words as a solid state disk was published to have them: 23 is 312Eh, 24 is 3033h ("1.03").
TEST(AtaIdentity, HasTheFirstLetterInTheHighByteOfAWord) {
  test::IdentityBuilder identity;
  identity.word(23, 0x312e).word(24, 0x3033).word(25, 0x2020).word(26, 0x2020);
  EXPECT_EQ(parse_ata_identity(identity.build())->firmware, "1.03");
}

TEST(AtaIdentity, TellsOfItselfOnlyWhatItsWordsSayIsTold) {
  struct Case {
    uint16_t word_82, word_83, word_85, word_87;
    std::optional<bool> supported, enabled;
  };
  for (const Case& each : {
           Case{0x0001, 0x4000, 0x0001, 0x4000, true, true},
           Case{0x0001, 0x4000, 0x0000, 0x4000, true, false},
           Case{0x0000, 0x4000, 0x0000, 0x4000, false, false},
           Case{0xfffe, 0x7fff, 0xfffe, 0x7fff, false, false},
           // What the two highest bits of words 83 and 87 do not vouch for.
           Case{0x0001, 0x0000, 0x0001, 0x0000, std::nullopt, std::nullopt},
           Case{0x0001, 0x8000, 0x0001, 0xc000, std::nullopt, std::nullopt},
           Case{0xffff, 0xffff, 0xffff, 0xffff, std::nullopt, std::nullopt},
       }) {
    const auto disk = parse_ata_identity(example_identity()
                                             .word(82, each.word_82)
                                             .word(83, each.word_83)
                                             .word(85, each.word_85)
                                             .word(87, each.word_87)
                                             .checksum()
                                             .build());
    ASSERT_TRUE(disk.ok());
    EXPECT_EQ(disk->smart_supported, each.supported);
    EXPECT_EQ(disk->smart_enabled, each.enabled);
  }
}

TEST(AtaIdentity, TellsHowFastItTurns) {
  struct Case {
    uint16_t word;
    std::optional<uint16_t> rate;
  };
  for (const Case& each : {Case{0x0000, std::nullopt}, Case{0x0001, 0}, Case{0x0002, std::nullopt},
                           Case{0x0400, std::nullopt}, Case{0x0401, 0x0401}, Case{15000, 15000},
                           Case{0xfffe, 0xfffe}, Case{0xffff, std::nullopt}}) {
    const auto disk =
        parse_ata_identity(example_identity().word(217, each.word).checksum().build());
    ASSERT_TRUE(disk.ok());
    EXPECT_EQ(disk->rotation_rate, each.rate) << each.word;
  }
}

TEST(AtaIdentity, WithAWrongChecksumIsRefused) {
  const std::string good = example_identity().build();
  for (size_t at = 0; at < good.size(); ++at) {
    // Without its mark there is no checksum.
    if (at == 510) continue;
    std::string bytes = good;
    bytes[at] = static_cast<char>(bytes[at] + 1);
    EXPECT_TRUE(absl::IsInvalidArgument(parse_ata_identity(bytes).status())) << at;
  }
  EXPECT_TRUE(parse_ata_identity(example_identity().word(255, 0x1200).build()).ok());
}

TEST(AtaIdentity, ThatIsNotWholeIsRefused) {
  const std::string good = example_identity().build();
  for (size_t size = 0; size < good.size(); ++size)
    EXPECT_TRUE(absl::IsInvalidArgument(parse_ata_identity(good.substr(0, size)).status()));
  EXPECT_TRUE(parse_ata_identity(good + "what is behind it in the buffer").ok());
}

TEST(AtaIdentity, WithoutTextsTellsNone) {
  for (const char fill : {'\0', ' '}) {
    const auto disk = parse_ata_identity(std::string(512, fill));
    ASSERT_TRUE(disk.ok());
    EXPECT_EQ(disk->model, "");
    EXPECT_EQ(disk->serial, "");
    EXPECT_EQ(disk->firmware, "");
  }
}

TEST(AtaIdentity, OfAnyBytesIsPrintable) {
  std::mt19937 random(20261123);
  const std::string good = example_identity().word(255, 0).build() + std::string(64, '\0');
  for (int i = 0; i < 3000; ++i) {
    const auto disk = parse_ata_identity(test::damaged(good, random));
    if (disk.ok()) {
      EXPECT_EQ(printable(disk->model), disk->model);
    }
  }
}

}  // namespace
}  // namespace muster::firmware
