// Which number a family of generic netlink has on this machine, and requests to one
// (linux/genetlink.h, Documentation/networking/generic_netlink_howto.rst). Pure; any thread.
#pragma once

#include <absl/status/statusor.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace muster::firmware {

// CTRL_CMD_GETFAMILY for the family of that name ("devlink"), as it is sent.
std::string family_request(std::string_view name);

// Of the datagram that answers it. NotFound where the kernel has no such family, the kernel's error
// where it has another, InvalidArgument where it is no such answer.
absl::StatusOr<uint16_t> parse_family(std::string_view datagram, std::string_view name);

// A request without attributes that dumps all there is, as it is sent.
std::string dump_request(uint16_t family, uint8_t command);

// Takes the header of generic netlink off a message's payload: its command. InvalidArgument where
// it is cut off.
absl::StatusOr<uint8_t> take_command(std::string_view& payload);

}  // namespace muster::firmware
