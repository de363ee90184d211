// Which sockets are never dialled: those that root's agent.yml lists, and those that only wait for
// a service to be started. Pure; any thread.
#pragma once

#include <absl/status/statusor.h>

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "muster/v1/listener_facts.pb.h"

namespace muster::listeners {

class LeaveAlone {
 public:
  // "25", "192.0.2.1:443", "[2001:db8::7]:443", "program:oracle". InvalidArgument for other texts.
  static absl::StatusOr<LeaveAlone> parse(const std::vector<std::string>& texts);

  struct Reason {
    // LEFT_ALONE; UNKNOWN where it may be one that is listed.
    v1::ListenerState state = v1::LISTENER_STATE_LEFT_ALONE;
    // One sentence.
    std::string words = {};
  };
  // Why it is not dialled; unset if it is. Where programs are listed, nor is a socket of which it
  // is not known whose it is.
  std::optional<Reason> why(const v1::ListeningSocket& socket) const;

 private:
  // The name in programs_; null: none is.
  const std::string* listed_program(const v1::SocketOwner& owner) const;

  std::set<uint32_t> ports_;
  std::set<std::pair<std::string, uint32_t>> places_;
  std::set<std::string, std::less<>> programs_;
};

}  // namespace muster::listeners
