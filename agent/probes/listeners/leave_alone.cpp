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
// The kernel cuts the names of processes there (TASK_COMM_LEN).
constexpr size_t kLongestComm = 15;

bool parse_port(std::string_view text, uint32_t& port) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc() && end == text.data() + text.size() && port > 0 &&
         port <= std::numeric_limits<uint16_t>::max();
}

bool is_known(const v1::SocketOwner& owner) {
  return owner.processes() > 0 && owner.error().empty() && !owner.program().empty();
}

// By what it is and not by its name, which a process gives itself. Who may not see what process 1
// executes goes by its name, which only root has chosen.
bool is_service_manager(const v1::SocketOwner& owner) {
  if (!owner.is_first_process()) return false;
  return owner.executable().empty() ? owner.program() == "systemd"
                                    : owner.executable().ends_with("/systemd/systemd");
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

const std::string* LeaveAlone::listed_program(const v1::SocketOwner& owner) const {
  const std::string_view executable = owner.executable();
  const std::string_view file = executable.substr(executable.rfind('/') + 1);
  const auto found =
      std::find_if(programs_.begin(), programs_.end(), [&](const std::string& listed) {
        return owner.program() == std::string_view(listed).substr(0, kLongestComm) ||
               file == listed;
      });
  return found == programs_.end() ? nullptr : &*found;
}

std::optional<LeaveAlone::Reason> LeaveAlone::why(const v1::ListeningSocket& socket) const {
  const v1::SocketOwner& owner = socket.owner();
  if (ports_.contains(socket.port())) {
    return Reason{.words = fmt::format("leave_alone lists {}", socket.port())};
  }
  if (places_.contains({socket.address(), socket.port()})) {
    return Reason{.words = fmt::format("leave_alone lists {} with port {}",
                                       printable(socket.address(), 64), socket.port())};
  }
  if (const std::string* const program = listed_program(owner)) {
    return Reason{.words = fmt::format("leave_alone lists program:{}", printable(*program, 128))};
  }
  if (!programs_.empty() && !is_known(owner)) {
    const std::string why = printable(owner.error(), 128);
    return Reason{.state = v1::LISTENER_STATE_UNKNOWN,
                  .words = fmt::format("it is not dialled: leave_alone lists programs, and whose "
                                       "it is is not known{}{}",
                                       why.empty() ? "" : ": ", why)};
  }
  // A connection would start what an administrator has stopped, or hide that it had died.
  if (is_service_manager(owner) && owner.processes() == 1) {
    return Reason{.words = "systemd holds it, and a connection would start its service"};
  }
  return std::nullopt;
}

}  // namespace muster::listeners
