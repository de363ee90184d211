#include "agent/probes/firmware/ipmi/completion_code.h"

#include <fmt/format.h>

#include <array>

#include "agent/probes/firmware/little_endian.h"

namespace muster::ipmi {
namespace {

constexpr uint8_t kFirstGeneric = 0xc0;
constexpr std::array<std::string_view, 0x17> kGeneric = {
    "the controller is busy",
    "it does not know the command",
    "it does not know the command at this unit",
    "it took too long",
    "it has no space",
    "the reservation was canceled or is another's",
    "the request was cut short",
    "the request has a wrong length",
    "the request is longer than allowed",
    "a parameter is out of range",
    "it cannot give as many bytes as asked",
    "what was asked for is not there",
    "a field of the request is invalid",
    "the command is not for this sensor or record",
    "it could not respond",
    "the request was a duplicate",
    "the repository of sensors is being updated",
    "its firmware is being updated",
    "it is starting",
    "it cannot reach the destination",
    "the privilege is not enough, or the firmware forbids it",
    "it is not supported in this state",
    "a part of it is turned off",
};

}  // namespace

std::string_view completion_word(uint8_t code) {
  if (code == 0x00) return "it is done";
  if (code <= 0x7e && code >= 0x01) return "a code of the vendor's";
  if (code >= 0x80 && code <= 0xbe) return "a code of the command's";
  if (code >= kFirstGeneric && code - kFirstGeneric < int{kGeneric.size()})
    return kGeneric.at(code - size_t{kFirstGeneric});
  if (code == 0xff) return "an error without a reason";
  return "a code that is reserved";
}

absl::Status check_response(std::string_view response, std::string_view command, size_t least,
                            uint8_t special_code, std::string_view special_word) {
  if (response.empty())
    return absl::InvalidArgumentError(fmt::format("{} has an empty response", command));
  const uint8_t code = firmware::byte_at(response, 0);
  if (code != 0) {
    return absl::UnavailableError(fmt::format(
        "{} was refused: {} ({:02X}h)", command,
        code == special_code && !special_word.empty() ? special_word : completion_word(code),
        code));
  }
  if (response.size() < least) {
    return absl::InvalidArgumentError(
        fmt::format("the response to {} has {} bytes, not {}", command, response.size(), least));
  }
  return absl::OkStatus();
}

}  // namespace muster::ipmi
