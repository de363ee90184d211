#include "agent/probes/netlink_messages.h"

#include <linux/netlink.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "common/files.h"

namespace muster::netlink {
namespace {

absl::Status broken(const char* why) {
  return absl::InvalidArgumentError(why);
}

// What follows something of `length` bytes, which the kernel aligns to four. The last may end
// without its padding.
void skip(std::string_view& bytes, size_t length) {
  bytes.remove_prefix(std::min<size_t>(NLMSG_ALIGN(length), bytes.size()));
}

}  // namespace

absl::StatusOr<Message> take_message(std::string_view& datagram) {
  nlmsghdr header{};
  if (datagram.size() < sizeof header) return broken("a message is cut off");
  std::memcpy(&header, datagram.data(), sizeof header);
  if (header.nlmsg_len < sizeof header || header.nlmsg_len > datagram.size()) {
    return broken("a message has a wrong length");
  }
  const Message message{
      .type = header.nlmsg_type,
      .flags = header.nlmsg_flags,
      .payload = datagram.substr(sizeof header, header.nlmsg_len - sizeof header)};
  skip(datagram, header.nlmsg_len);
  return message;
}

absl::Status status_of(const Message& message, std::string_view refused) {
  int32_t number = 0;
  if (message.payload.size() < sizeof number) {
    // Only an error must have one.
    return message.type == NLMSG_DONE ? absl::OkStatus() : broken("an error is cut off");
  }
  std::memcpy(&number, message.payload.data(), sizeof number);
  // What a dump ends with may be a count of bytes.
  if (number == 0 || (message.type == NLMSG_DONE && number > 0)) return absl::OkStatus();
  constexpr int kMostErrno = 4095;
  return errno_status(number < 0 && number >= -kMostErrno ? -number : EPROTO, refused);
}

absl::StatusOr<Attribute> take_attribute(std::string_view& attributes) {
  nlattr header{};
  if (attributes.size() < sizeof header) return broken("an attribute is cut off");
  std::memcpy(&header, attributes.data(), sizeof header);
  if (header.nla_len < sizeof header || header.nla_len > attributes.size()) {
    return broken("an attribute has a wrong length");
  }
  const Attribute attribute{
      .type = static_cast<uint16_t>(header.nla_type & NLA_TYPE_MASK),
      .value = attributes.substr(sizeof header, header.nla_len - sizeof header)};
  skip(attributes, header.nla_len);
  return attribute;
}

std::string_view text_of(std::string_view value) {
  return value.substr(0, value.find('\0'));
}

}  // namespace muster::netlink
