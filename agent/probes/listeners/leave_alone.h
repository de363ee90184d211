// Which sockets are never dialled: those that root's agent.yml lists, and those that only wait for
// a service to be started. Pure; any thread.
#pragma once

#include <absl/status/statusor.h>

#include <cstdint>
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

  // Why it is not dialled, one sentence; empty if it is.
  std::string why(const v1::ListeningSocket& socket) const;

 private:
  std::set<uint32_t> ports_;
  std::set<std::pair<std::string, uint32_t>> places_;
  std::set<std::string, std::less<>> programs_;
};

}  // namespace muster::listeners
