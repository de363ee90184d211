#include "agent/probes/firmware/network/devlink.h"

#include <linux/devlink.h>
#include <linux/netlink.h>

#include <utility>

#include "agent/probes/firmware/network/generic_netlink.h"
#include "common/text.h"

namespace muster::firmware {
namespace {

absl::Status broken(const char* why) {
  return absl::InvalidArgumentError(why);
}

std::string text_of(std::string_view value) {
  return printable(trim(netlink::text_of(value)), kLongestDevlinkText);
}

// A version is a nest of its own, of a name and a value.
absl::Status add_version(std::string_view nest, std::vector<DevlinkVersion>& versions) {
  DevlinkVersion version;
  while (!nest.empty()) {
    const absl::StatusOr<netlink::Attribute> attribute = netlink::take_attribute(nest);
    if (!attribute.ok()) return attribute.status();
    if (attribute->type == DEVLINK_ATTR_INFO_VERSION_NAME) version.name = text_of(attribute->value);
    if (attribute->type == DEVLINK_ATTR_INFO_VERSION_VALUE) {
      version.value = text_of(attribute->value);
    }
  }
  if (version.name.empty() || version.value.empty()) return absl::OkStatus();
  if (versions.size() < kMostDevlinkVersions) versions.push_back(std::move(version));
  return absl::OkStatus();
}

absl::StatusOr<DevlinkDevice> read_device(std::string_view attributes) {
  DevlinkDevice device;
  absl::Status added;
  while (!attributes.empty() && added.ok()) {
    const absl::StatusOr<netlink::Attribute> attribute = netlink::take_attribute(attributes);
    if (!attribute.ok()) return attribute.status();
    const std::string_view value = attribute->value;
    switch (attribute->type) {
      case DEVLINK_ATTR_BUS_NAME:
        device.bus = text_of(value);
        break;
      case DEVLINK_ATTR_DEV_NAME:
        device.name = text_of(value);
        break;
      case DEVLINK_ATTR_INFO_DRIVER_NAME:
        device.driver = text_of(value);
        break;
      case DEVLINK_ATTR_INFO_SERIAL_NUMBER:
        device.serial_number = text_of(value);
        break;
      case DEVLINK_ATTR_INFO_BOARD_SERIAL_NUMBER:
        device.board_serial_number = text_of(value);
        break;
      case DEVLINK_ATTR_INFO_VERSION_FIXED:
        added = add_version(value, device.fixed);
        break;
      case DEVLINK_ATTR_INFO_VERSION_RUNNING:
        added = add_version(value, device.running);
        break;
      case DEVLINK_ATTR_INFO_VERSION_STORED:
        added = add_version(value, device.stored);
        break;
      default:
        break;
    }
  }
  if (!added.ok()) return added;
  if (device.bus.empty() || device.name.empty()) return broken("a device without a name");
  return device;
}

}  // namespace

std::string devlink_request(uint16_t family) {
  return dump_request(family, DEVLINK_CMD_INFO_GET);
}

absl::StatusOr<netlink::Step> parse_devlink_dump(std::string_view datagram, uint16_t family,
                                                 DevlinkDump& dump) {
  constexpr const char* kRefused = "the kernel lists no devices of devlink";
  while (!datagram.empty()) {
    const absl::StatusOr<netlink::Message> message = netlink::take_message(datagram);
    if (!message.ok()) return message.status();
    dump.interrupted = dump.interrupted || (message->flags & NLM_F_DUMP_INTR) != 0;
    if (message->type == NLMSG_DONE || message->type == NLMSG_ERROR) {
      if (absl::Status said = netlink::status_of(*message, kRefused); !said.ok()) return said;
      if (message->type == NLMSG_DONE) return netlink::Step::kDone;
      // The acknowledgement of a request that asked for one.
      continue;
    }
    if (message->type != family) return broken("a message of another kind");
    std::string_view payload = message->payload;
    const absl::StatusOr<uint8_t> command = take_command(payload);
    if (!command.ok()) return command.status();
    if (*command != DEVLINK_CMD_INFO_GET) return broken("an answer to another question");
    absl::StatusOr<DevlinkDevice> device = read_device(payload);
    if (!device.ok()) return device.status();
    if (dump.devices.size() < kMostDevlinkDevices) {
      dump.devices.push_back(*std::move(device));
    } else {
      ++dump.omitted;
    }
  }
  return netlink::Step::kMore;
}

}  // namespace muster::firmware
