#include "agent/probes/firmware/ipmi/completion_code.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace muster::ipmi {
namespace {

TEST(CompletionCode, IsInWords) {
  const std::pair<uint8_t, std::string_view> cases[] = {
      {0x00, "it is done"},
      {0x01, "a code of the vendor's"},
      {0x7e, "a code of the vendor's"},
      {0x7f, "a code that is reserved"},
      {0x80, "a code of the command's"},
      {0xbe, "a code of the command's"},
      {0xbf, "a code that is reserved"},
      {0xc0, "the controller is busy"},
      {0xc1, "it does not know the command"},
      {0xc3, "it took too long"},
      {0xcb, "what was asked for is not there"},
      {0xd1, "its firmware is being updated"},
      {0xd4, "the privilege is not enough, or the firmware forbids it"},
      {0xd6, "a part of it is turned off"},
      {0xd7, "a code that is reserved"},
      {0xfe, "a code that is reserved"},
      {0xff, "an error without a reason"},
  };
  for (const auto& [code, word] : cases)
    EXPECT_EQ(completion_word(code), word) << int{code};
  std::set<std::string_view> generic;
  for (int code = 0xc0; code <= 0xd6; ++code)
    generic.insert(completion_word(static_cast<uint8_t>(code)));
  EXPECT_EQ(generic.size(), 0x17u);
}

TEST(Response, IsCheckedForItsCodeBeforeItsLength) {
  EXPECT_TRUE(check_response(std::string(3, '\0'), "Get X", 3).ok());
  EXPECT_TRUE(check_response(std::string(4, '\0'), "Get X", 3).ok());
  EXPECT_EQ(check_response("", "Get X", 3),
            absl::InvalidArgumentError("Get X has an empty response"));
  EXPECT_EQ(check_response(std::string(2, '\0'), "Get X", 3),
            absl::InvalidArgumentError("the response to Get X has 2 bytes, not 3"));
  EXPECT_EQ(check_response("\xc1", "Get X", 3),
            absl::UnavailableError("Get X was refused: it does not know the command (C1h)"));
  EXPECT_EQ(check_response("\x81", "Get X", 3),
            absl::UnavailableError("Get X was refused: a code of the command's (81h)"));
  EXPECT_EQ(check_response("\x81", "Get X", 3, 0x81, "it is shut"),
            absl::UnavailableError("Get X was refused: it is shut (81h)"));
}

}  // namespace
}  // namespace muster::ipmi
