#include "agent/probes/firmware/network/generic_netlink.h"

#include <fmt/format.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>

#include <cstring>
#include <optional>

#include "agent/probes/netlink_messages.h"

namespace muster::firmware {
namespace {

absl::Status broken(const char* why) {
  return absl::InvalidArgumentError(why);
}

template <typename Struct>
void append(std::string& bytes, const Struct& value) {
  bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
}

std::string request(uint16_t type, uint16_t flags, uint8_t command, std::string_view attributes) {
  nlmsghdr header{};
  header.nlmsg_len = static_cast<uint32_t>(NLMSG_LENGTH(GENL_HDRLEN) + attributes.size());
  header.nlmsg_type = type;
  header.nlmsg_flags = static_cast<uint16_t>(NLM_F_REQUEST | flags);
  genlmsghdr generic{};
  generic.cmd = command;
  generic.version = 1;
  std::string bytes;
  append(bytes, header);
  append(bytes, generic);
  bytes += attributes;
  return bytes;
}

struct Family {
  std::optional<uint16_t> number;
  std::string_view name;
};

absl::StatusOr<Family> read_family(std::string_view attributes) {
  Family family;
  while (!attributes.empty()) {
    const absl::StatusOr<netlink::Attribute> attribute = netlink::take_attribute(attributes);
    if (!attribute.ok()) return attribute.status();
    uint16_t number = 0;
    if (attribute->type == CTRL_ATTR_FAMILY_ID && attribute->value.size() == sizeof number) {
      std::memcpy(&number, attribute->value.data(), sizeof number);
      family.number = number;
    } else if (attribute->type == CTRL_ATTR_FAMILY_NAME) {
      family.name = netlink::text_of(attribute->value);
    }
  }
  return family;
}

}  // namespace

std::string family_request(std::string_view name) {
  nlattr header{};
  // With its NUL.
  header.nla_len = static_cast<uint16_t>(sizeof header + name.size() + 1);
  header.nla_type = CTRL_ATTR_FAMILY_NAME;
  std::string attribute;
  append(attribute, header);
  attribute += name;
  attribute.resize(NLA_ALIGN(header.nla_len), '\0');
  return request(GENL_ID_CTRL, 0, CTRL_CMD_GETFAMILY, attribute);
}

absl::StatusOr<uint16_t> parse_family(std::string_view datagram, std::string_view name) {
  const absl::StatusOr<netlink::Message> message = netlink::take_message(datagram);
  if (!message.ok()) return message.status();
  if (message->type == NLMSG_ERROR) {
    const absl::Status said = netlink::status_of(
        *message, fmt::format("asking the kernel for its family of netlink \"{}\"", name));
    if (!said.ok()) return said;
    return broken("an acknowledgement instead of a family of netlink");
  }
  if (message->type != GENL_ID_CTRL) return broken("a message of another kind");
  std::string_view payload = message->payload;
  const absl::StatusOr<uint8_t> command = take_command(payload);
  if (!command.ok()) return command.status();
  if (*command != CTRL_CMD_NEWFAMILY) return broken("an answer to another question");
  const absl::StatusOr<Family> family = read_family(payload);
  if (!family.ok()) return family.status();
  // Lower numbers are netlink's own messages, NLMSG_ERROR among them.
  if (!family->number || *family->number < GENL_MIN_ID || family->name != name) {
    return broken("an answer about another family of netlink");
  }
  return *family->number;
}

std::string dump_request(uint16_t family, uint8_t command) {
  return request(family, NLM_F_DUMP, command, {});
}

absl::StatusOr<uint8_t> take_command(std::string_view& payload) {
  genlmsghdr header{};
  if (payload.size() < sizeof header) return broken("a message of generic netlink is cut off");
  std::memcpy(&header, payload.data(), sizeof header);
  payload.remove_prefix(sizeof header);
  return header.cmd;
}

}  // namespace muster::firmware
