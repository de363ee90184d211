#include "agent/probes/host/machine_id.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "common/text.h"

namespace muster {
namespace {

TEST(MachineId, ReadsThirtyTwoHexadecimalDigits) {
  const absl::StatusOr<std::string> id = parse_machine_id("0123456789abcdefABCDEF0011223344\n");
  ASSERT_TRUE(id.ok());
  EXPECT_EQ(to_hex(*id), "0123456789abcdefabcdef0011223344");
}

TEST(MachineId, TellsNotSetYetFromBroken) {
  for (const std::string_view text : {"", "\n", "uninitialized\n"})
    EXPECT_TRUE(absl::IsNotFound(parse_machine_id(text).status())) << text;
  for (const std::string_view text :
       {"0123", "0123456789abcdef0123456789abcdeg", "0123456789abcdef0123456789abcdef0",
        "00000000000000000000000000000000", "01234567-89ab-cdef-0123-456789abcdef",
        "+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(parse_machine_id(text).status())) << text;
  }
}

// By systemd 252: `systemd-id128 machine-id -a <application>` on a machine with that id.
TEST(MachineId, GivesWhatSystemdGives) {
  const std::string machine = *parse_machine_id("0123456789abcdeffedcba9876543210");
  const std::string application = *parse_machine_id("c273277323db454ea63bb96e79b53e97");
  EXPECT_EQ(application_specific_id(machine, application), "37f230f097814a03aa9d62b9ec08ce09");
  EXPECT_EQ(application_specific_id(machine, muster_application_id()),
            "e9864456706645ad8f7b1dff567fd0ba");
}

TEST(MachineId, NeverChangesItsApplicationId) {
  EXPECT_EQ(to_hex(muster_application_id()), "36220731761a48578c9477d479654d97");
}

}  // namespace
}  // namespace muster
