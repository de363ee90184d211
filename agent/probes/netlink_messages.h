// Messages of netlink(7) and the attributes inside, as the kernel writes them: numbers are in the
// machine's own order. Views into what was received. Pure; any thread.
#pragma once

#include <absl/status/statusor.h>

#include <cstdint>
#include <string_view>

namespace muster::netlink {

// Whether more messages of an answer follow.
enum class Step { kMore, kDone };

struct Message {
  uint16_t type = 0;
  uint16_t flags = 0;
  std::string_view payload;
};

// Takes the first one off a datagram that is not empty. InvalidArgument where it is not whole.
absl::StatusOr<Message> take_message(std::string_view& datagram);

// What NLMSG_ERROR or NLMSG_DONE says: OK for an acknowledgement, and for an end without a number;
// else the kernel's error after `refused` ("the kernel lists no sockets"), by its number as
// errno_status has it. InvalidArgument where the number is cut off.
absl::Status status_of(const Message& message, std::string_view refused);

struct Attribute {
  // Without the bits that say whether it is nested and in which order its number is.
  uint16_t type = 0;
  std::string_view value;
};

// Takes the first one off attributes that are not empty. InvalidArgument where it is not whole.
absl::StatusOr<Attribute> take_attribute(std::string_view& attributes);

// Of a value that is a text: up to its NUL.
std::string_view text_of(std::string_view value);

}  // namespace muster::netlink
