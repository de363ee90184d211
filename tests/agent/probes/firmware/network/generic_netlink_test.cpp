#include "agent/probes/firmware/network/generic_netlink.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <string_view>

#include "tests/agent/probes/firmware/network/netlink_builder.h"
#include "tests/common/damaged_bytes.h"

namespace muster::firmware {
namespace {

using namespace std::string_literals;
using namespace std::string_view_literals;

// As Linux 6.18 answered for "nlctrl": the name, the number 16, its version, the size of its
// header, its highest attribute; then its operations and groups in nests.
constexpr std::string_view kRecorded =
    "\x88\0\0\0\x10\0\0\0\x07\0\0\0\x5c\x2f\0\0\x01\x02\0\0"
    "\x0b\0\x02\0nlctrl\0\0\x06\0\x01\0\x10\0\0\0\x08\0\x03\0\x02\0\0\0\x08\0\x04\0\0\0\0\0"
    "\x08\0\x05\0\0\0\0\0\x2c\0\x06\0\x14\0\x01\0\x08\0\x01\0\x03\0\0\0\x08\0\x02\0\x0e\0\0\0"
    "\x14\0\x02\0\x08\0\x01\0\x0a\0\0\0\x08\0\x02\0\x0c\0\0\0\x1c\0\x07\0\x18\0\x01\0"
    "\x08\0\x02\0\x10\0\0\0\x0b\0\x01\0notify\0\0"sv;

// And for "devlink", which it was built without: ENOENT, and the request.
constexpr std::string_view kRecordedRefusal =
    "\x34\0\0\0\x02\0\0\0\x07\0\0\0\x5c\x2f\0\0\xfe\xff\xff\xff"
    "\x20\0\0\0\x10\0\x01\0\x07\0\0\0\0\0\0\0\x03\x01\0\0\x0c\0\x02\0devlink\0"sv;

TEST(NetlinkFamily, IsAskedForByItsName) {
  EXPECT_EQ(family_request("devlink"),
            "\x20\0\0\0\x10\0\x01\0\0\0\0\0\0\0\0\0\x03\x01\0\0\x0c\0\x02\0devlink\0"sv);
  // Six letters and their NUL are padded by one byte, which the attribute does not count.
  EXPECT_EQ(family_request("nlctrl"),
            "\x20\0\0\0\x10\0\x01\0\0\0\0\0\0\0\0\0\x03\x01\0\0\x0b\0\x02\0nlctrl\0\0"sv);
}

TEST(NetlinkFamily, IsANumberOfTheMachine) {
  const auto number = parse_family(kRecorded, "nlctrl");
  ASSERT_TRUE(number.ok()) << number.status();
  EXPECT_EQ(*number, 16);
}

TEST(NetlinkFamily, IsNotThereInAKernelWithoutIt) {
  const absl::Status status = parse_family(kRecordedRefusal, "devlink").status();
  EXPECT_TRUE(absl::IsNotFound(status)) << status;
  EXPECT_THAT(std::string(status.message()), ::testing::HasSubstr("devlink"));
  EXPECT_TRUE(absl::IsPermissionDenied(parse_family(test::error_message(1), "devlink").status()));
}

TEST(NetlinkFamily, IsNotTakenFromAnotherAnswer) {
  using test::attribute;
  using test::generic_message;
  const std::string name = test::text_attribute(2, "devlink");
  const std::string number = attribute(1, test::little_endian(20, 2));
  ASSERT_TRUE(parse_family(generic_message(16, 1, name + number), "devlink").ok());
  for (const std::string& bytes : {
           std::string(),
           // Of another family, without a name, without a number, with one that is none.
           generic_message(16, 1, test::text_attribute(2, "ethtool") + number),
           generic_message(16, 1, number),
           generic_message(16, 1, name),
           generic_message(16, 1, name + attribute(1, "\x14"sv)),
           generic_message(16, 1, name + attribute(1, test::little_endian(20, 4))),
           // A number that is netlink's own.
           generic_message(16, 1, name + attribute(1, test::little_endian(2, 2))),
           // Another command, another kind of message, an acknowledgement, no header.
           generic_message(16, 2, name + number),
           generic_message(17, 1, name + number),
           test::error_message(0),
           test::message(16, "\1\2\0"sv),
           // An attribute that is longer than the message.
           generic_message(16, 1, name + "\x20\0\x01\0\x14\0\0\0"),
           generic_message(16, 1, std::string(name + number + "\xff\xff\x01\0"s)),
       }) {
    EXPECT_TRUE(absl::IsInvalidArgument(parse_family(bytes, "devlink").status())) << bytes.size();
  }
}

TEST(NetlinkFamily, IsNotTakenFromAnAnswerThatIsNotWhole) {
  for (size_t size = 0; size < kRecorded.size(); ++size)
    EXPECT_FALSE(parse_family(kRecorded.substr(0, size), "nlctrl").ok()) << size;
}

TEST(NetlinkFamily, OfAnyBytesIsANumberOrAComplaint) {
  std::mt19937 random(20261123);
  for (int i = 0; i < 5000; ++i) {
    const auto number = parse_family(test::damaged(std::string(kRecorded), random), "nlctrl");
    if (number.ok()) {
      EXPECT_GE(*number, 16);
    }
  }
}

TEST(DumpRequest, AsksForAllThereIs) {
  // NLM_F_REQUEST and NLM_F_DUMP: 301h.
  EXPECT_EQ(dump_request(20, 51), "\x14\0\0\0\x14\0\x01\x03\0\0\0\0\0\0\0\0\x33\x01\0\0"sv);
}

}  // namespace
}  // namespace muster::firmware
