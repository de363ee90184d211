#include "agent/probes/firmware/disks/sense.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <string_view>

#include "agent/probes/firmware/disks/sense_words.h"
#include "tests/agent/probes/firmware/disks/disk_builder.h"
#include "tests/common/damaged_bytes.h"

namespace muster::firmware {
namespace {

using namespace std::string_literals;
using namespace std::string_view_literals;

// Fixed (SPC-4 4.5.3): key in byte 2, length in 7, codes in 12 and 13.
constexpr std::string_view kFixed = "\x70\0\x05\0\0\0\0\x0a\0\0\0\0\x20\0\0\0\0\0"sv;

TEST(Sense, IsReadInBothFormats) {
  struct Case {
    std::string_view bytes;
    bool deferred, has_descriptors;
    uint8_t key, code, qualifier;
  };
  for (const Case& each : {
           Case{kFixed, false, false, 5, 0x20, 0x00},
           Case{"\xf1\0\xe3\0\0\0\0\x06\0\0\0\0\x31\x01"sv, true, false, 3, 0x31, 0x01},
           // Shorter than its codes, by itself or by what it says.
           Case{"\x70\0\x02\0\0\0\0\x00"sv, false, false, 2, 0, 0},
           Case{"\x70\0\x02\0\0\0\0\x05\0\0\0\0\x04\x01"sv, false, false, 2, 0x04, 0},
           // Of descriptors (4.5.2): key, codes, length in 7.
           Case{"\x72\x06\x29\x00\0\0\0\0"sv, false, true, 6, 0x29, 0x00},
           Case{"\x73\x04\x5d\x10\0\0\0\0"sv, true, true, 4, 0x5d, 0x10},
       }) {
    const auto sense = parse_sense(each.bytes);
    ASSERT_TRUE(sense.ok()) << sense.status();
    EXPECT_EQ(sense->deferred, each.deferred);
    EXPECT_EQ(sense->has_descriptors, each.has_descriptors);
    EXPECT_EQ(sense->key, each.key);
    EXPECT_EQ(sense->code, each.code);
    EXPECT_EQ(sense->qualifier, each.qualifier);
  }
}

TEST(Sense, ThatIsNoneIsRefused) {
  for (const std::string_view bytes :
       {""sv, "\x70\0\x05\0\0\0\0"sv, "\x72\x05\x20\0\0\0\0"sv, "\0\0\0\0\0\0\0\0\0\0"sv,
        "\x6f\0\x05\0\0\0\0\x0a"sv, "\x74\0\x05\0\0\0\0\x0a"sv,
        "\xff\xff\xff\xff\xff\xff\xff\xff"sv}) {
    EXPECT_TRUE(absl::IsInvalidArgument(parse_sense(bytes).status())) << bytes.size();
  }
}

TEST(Sense, HasDescriptorsOneAfterAnother) {
  // One of a field that is replaceable (3), one of a command's information (1).
  const std::string bytes("\x72\x01\x00\x1d\0\0\0\x08\x03\x02\0\x07\x01\x02\0\x09", 16);
  EXPECT_EQ(sense_descriptor(bytes, 3), "\x03\x02\0\x07"sv);
  EXPECT_EQ(sense_descriptor(bytes, 1), "\x01\x02\0\x09"sv);
  EXPECT_EQ(sense_descriptor(bytes, 9), "");
  // Behind what it says is its length nothing is its.
  std::string shorter = bytes;
  shorter[7] = 4;
  EXPECT_EQ(sense_descriptor(shorter, 1), "");
  // One that says that it is longer than what is left, cut off at each byte.
  for (size_t size = 8; size < 12; ++size)
    EXPECT_EQ(sense_descriptor(bytes.substr(0, size), 3), "") << size;
  EXPECT_EQ(sense_descriptor("\x72\0\0\0\0\0\0\x04\x03\xff\0\x07"sv, 3), "");
  // Fixed sense data has none.
  EXPECT_EQ(sense_descriptor(kFixed, 0), "");
}

TEST(Sense, OfAnyBytesHasDescriptorsInside) {
  std::mt19937 random(20261123);
  const std::string good = test::registers_sense(0x50, 0, 0x4f, 0xc2) + std::string(240, '\0');
  for (int i = 0; i < 5000; ++i) {
    const std::string bytes = test::damaged(good, random);
    for (const int type : {0, 3, 9, 255}) {
      EXPECT_LE(sense_descriptor(bytes, static_cast<uint8_t>(type)).size(), 252U - 8);
    }
  }
}

TEST(SenseText, IsOfWordsWithTheNumbersBehind) {
  struct Case {
    uint8_t key, code, qualifier;
    const char* text;
  };
  for (const Case& each : {
           Case{5, 0x20, 0x00, "illegal request: the disk has no such command (20/00)"},
           Case{2, 0x04, 0x02, "not ready: the disk waits to be started (04/02)"},
           Case{3, 0x11, 0x04, "medium error (11/04)"},
           Case{6, 0x3f, 0x01, "unit attention: the disk has other firmware now (3f/01)"},
           Case{15, 0, 0, "completed (00/00)"},
           Case{12, 0, 0, "unknown (00/00)"},
           Case{16, 0xff, 0xff, "unknown (ff/ff)"},
       }) {
    EXPECT_EQ(sense_text({.key = each.key, .code = each.code, .qualifier = each.qualifier}),
              each.text);
  }
}

// Annex of SPC-4 on additional sense codes.
TEST(SenseWords, OfAPredictionSayWhatWillFailAndByWhatItIsKnown) {
  struct Case {
    uint8_t qualifier;
    const char* text;
  };
  for (const Case& each : {
           Case{0x00, "a failure is predicted"},
           Case{0x10, "a failure of its hardware is predicted: the drive as a whole"},
           Case{0x14, "a failure of its hardware is predicted: too many blocks reassigned"},
           Case{0x1d, "a failure of its protection against loss of power is predicted"},
           Case{0x32, "a failure of its data channel is predicted: too many errors in data"},
           Case{0x43, "a failure of its servo is predicted: too many errors of seeking"},
           Case{0x5b, "a failure of its spindle is predicted: too many tries to spin up"},
           Case{0x6c, "a failure of its firmware is predicted: too many tries to calibrate"},
           Case{0x73, "its medium has been written as often as it endures"},
           // Of a maker, and those that nobody has.
           Case{0x04, "a failure is predicted"},
           Case{0x2d, "a failure is predicted"},
           Case{0x70, "a failure is predicted"},
           Case{0x80, "a failure is predicted"},
           Case{0xff, "a prediction that is only a test"},
       }) {
    EXPECT_EQ(sense_code_words(0x5d, each.qualifier), each.text) << int{each.qualifier};
  }
}

TEST(SenseWords, OfOthersAreNone) {
  EXPECT_EQ(sense_code_words(0x00, 0x00), "");
  EXPECT_EQ(sense_code_words(0x5c, 0x14), "");
  EXPECT_EQ(sense_code_words(0xff, 0xff), "");
}

}  // namespace
}  // namespace muster::firmware
