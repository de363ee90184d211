#include "agent/probes/listeners/leave_alone.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>

#include "common/address.h"
#include "common/text.h"

namespace muster::listeners {
namespace {

constexpr std::string_view kProgram = "program:";

bool parse_port(std::string_view text, uint32_t& port) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc() && end == text.data() + text.size() && port > 0 &&
         port <= std::numeric_limits<uint16_t>::max();
}

}  // namespace

absl::StatusOr<LeaveAlone> LeaveAlone::parse(const std::vector<std::string>& texts) {
  LeaveAlone leave_alone;
  for (const std::string& text : texts) {
    uint32_t port = 0;
    if (parse_port(text, port)) {
      leave_alone.ports_.insert(port);
      continue;
    }
    if (text.starts_with(kProgram) && text.size() > kProgram.size()) {
      leave_alone.programs_.insert(text.substr(kProgram.size()));
      continue;
    }
    const absl::StatusOr<Address> place = parse_address(text);
    if (!place.ok()) {
      return absl::InvalidArgumentError(
          fmt::format("leave_alone: '{}' is none of a port (25), an address with its port "
                      "(192.0.2.1:443) and a program (program:oracle)",
                      printable(text, 128)));
    }
    leave_alone.places_.insert({place->host, place->port});
  }
  return leave_alone;
}

std::string LeaveAlone::why(const v1::ListeningSocket& socket) const {
  if (ports_.contains(socket.port())) {
    return fmt::format("leave_alone lists {}", socket.port());
  }
  if (places_.contains({socket.address(), socket.port()})) {
    return fmt::format("leave_alone lists {} with port {}", socket.address(), socket.port());
  }
  if (programs_.contains(socket.owner().program())) {
    return fmt::format("leave_alone lists program:{}", socket.owner().program());
  }
  // A connection would start what an administrator has stopped, or hide that it had died.
  if (socket.owner().program() == "systemd" && socket.owner().processes() == 1) {
    return "systemd holds it, and a connection would start its service";
  }
  return {};
}

}  // namespace muster::listeners
