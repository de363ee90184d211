#include "agent/probes/netlink_messages.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/netlink.h>

#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "tests/common/damaged_bytes.h"

namespace muster::netlink {
namespace {

using namespace std::string_view_literals;
using ::testing::HasSubstr;

// The end of a dump, as Linux 6.18 sends one on a little-endian machine: a header of 16 bytes and
// the number 0.
constexpr std::string_view kEnd =
    "\x14\0\0\0\x03\0\x02\0\x07\0\0\0\x5c\x2f\0\0"
    "\0\0\0\0"sv;

Message message_of(uint16_t type, std::string_view payload) {
  return {.type = type, .flags = 0, .payload = payload};
}

TEST(NetlinkMessages, AreTakenOffOneAfterAnother) {
  // The first has five bytes of payload, and three of padding behind them.
  const std::string first("\x15\0\0\0\x14\0\x10\0\0\0\0\0\0\0\0\0abcde\0\0\0", 24);
  const std::string both = first + std::string(kEnd);
  std::string_view rest = both;
  const auto one = take_message(rest);
  ASSERT_TRUE(one.ok()) << one.status();
  EXPECT_EQ(one->type, 0x14);
  EXPECT_EQ(one->flags, NLM_F_DUMP_INTR);
  EXPECT_EQ(one->payload, "abcde");
  const auto other = take_message(rest);
  ASSERT_TRUE(other.ok()) << other.status();
  EXPECT_EQ(other->type, NLMSG_DONE);
  EXPECT_EQ(other->payload, "\0\0\0\0"sv);
  EXPECT_EQ(rest, "");
}

TEST(NetlinkMessages, MayEndWithoutTheirPadding) {
  std::string_view rest = "\x11\0\0\0\x14\0\0\0\0\0\0\0\0\0\0\0a"sv;
  ASSERT_TRUE(take_message(rest).ok());
  EXPECT_EQ(rest, "");
}

TEST(NetlinkMessages, ThatAreNotWholeAreRefused) {
  for (size_t size = 1; size < kEnd.size(); ++size) {
    std::string_view rest = kEnd.substr(0, size);
    EXPECT_TRUE(absl::IsInvalidArgument(take_message(rest).status())) << size;
  }
  // Shorter than their own header, and as long as can be said.
  for (const std::string_view length : {"\0\0\0\0"sv, "\x0f\0\0\0"sv, "\xff\xff\xff\xff"sv}) {
    const std::string bytes = std::string(length) + std::string(kEnd.substr(4));
    std::string_view rest = bytes;
    EXPECT_TRUE(absl::IsInvalidArgument(take_message(rest).status()));
  }
}

TEST(NetlinkMessages, SayHowTheKernelEnded) {
  EXPECT_TRUE(status_of(message_of(NLMSG_ERROR, "\0\0\0\0"sv), "refused").ok());
  EXPECT_TRUE(status_of(message_of(NLMSG_DONE, "\0\0\0\0"sv), "refused").ok());
  EXPECT_TRUE(status_of(message_of(NLMSG_DONE, ""), "refused").ok());
  EXPECT_TRUE(status_of(message_of(NLMSG_DONE, "\x10\0\0\0"sv), "refused").ok());
  struct Case {
    uint16_t type;
    std::string_view payload;
    absl::StatusCode code;
    const char* text;
  };
  for (const Case& each : {
           Case{NLMSG_ERROR, "\xfe\xff\xff\xff"sv, absl::StatusCode::kNotFound, "No such file"},
           Case{NLMSG_ERROR, "\xff\xff\xff\xff"sv, absl::StatusCode::kPermissionDenied,
                "not permitted"},
           Case{NLMSG_DONE, "\xff\xff\xff\xff"sv, absl::StatusCode::kPermissionDenied,
                "not permitted"},
           Case{NLMSG_ERROR, "\x01\0\0\0"sv, absl::StatusCode::kUnavailable, "Protocol error"},
           Case{NLMSG_ERROR, "\0\0\0\x80"sv, absl::StatusCode::kUnavailable, "Protocol error"},
           Case{NLMSG_ERROR, "\0\0\0"sv, absl::StatusCode::kInvalidArgument, "cut off"},
       }) {
    const absl::Status status = status_of(message_of(each.type, each.payload), "refused");
    EXPECT_EQ(status.code(), each.code) << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr(each.text));
  }
}

TEST(NetlinkAttributes, AreTakenOffWithTheirTypeAlone) {
  // A text of three bytes with its NUL; a nested one, which says so in its type.
  std::string_view rest =
      "\x07\0\x01\0"
      "ab\0\0"
      "\x0c\0\x02\x80\x08\0\x03\x40wxyz"sv;
  const auto text = take_attribute(rest);
  ASSERT_TRUE(text.ok());
  EXPECT_EQ(text->type, 1);
  EXPECT_EQ(text->value, "ab\0"sv);
  EXPECT_EQ(text_of(text->value), "ab");
  const auto nest = take_attribute(rest);
  ASSERT_TRUE(nest.ok());
  EXPECT_EQ(nest->type, 2);
  EXPECT_EQ(rest, "");
  std::string_view inside = nest->value;
  const auto number = take_attribute(inside);
  ASSERT_TRUE(number.ok());
  EXPECT_EQ(number->type, 3);
  EXPECT_EQ(number->value, "wxyz");
}

TEST(NetlinkAttributes, ThatAreNotWholeAreRefused) {
  for (const std::string_view bytes :
       {"\x05"sv, "\x05\0\x01"sv, "\x05\0\x01\0"sv, "\x03\0\x01\0"sv, "\0\0\0\0"sv,
        "\xff\xff\x01\0abcd"sv, "\x09\0\x01\0abcd"sv}) {
    std::string_view rest = bytes;
    EXPECT_TRUE(absl::IsInvalidArgument(take_attribute(rest).status()));
  }
}

TEST(NetlinkAttributes, OfTextNeedNoNul) {
  EXPECT_EQ(text_of(""), "");
  EXPECT_EQ(text_of("ab"), "ab");
  EXPECT_EQ(text_of("a\0b\0"sv), "a");
}

// Each take makes what is left shorter, so that a reader comes to an end.
TEST(NetlinkMessages, OfAnyBytesEnd) {
  std::mt19937 random(20261123);
  const std::string good = std::string(kEnd) + std::string(kEnd) + std::string(kEnd);
  for (int i = 0; i < 5000; ++i) {
    const std::string bytes = test::damaged(good, random);
    for (std::string_view rest = bytes; !rest.empty();) {
      const size_t before = rest.size();
      if (!take_message(rest).ok()) break;
      ASSERT_LT(rest.size(), before);
    }
    for (std::string_view rest = bytes; !rest.empty();) {
      const size_t before = rest.size();
      if (!take_attribute(rest).ok()) break;
      ASSERT_LT(rest.size(), before);
    }
  }
}

}  // namespace
}  // namespace muster::netlink
