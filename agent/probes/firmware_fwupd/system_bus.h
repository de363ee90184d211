// The system bus, asked as a client by a socket that somebody else has connected: this opens
// nothing and takes no descriptors. One thread; calls block until the deadline at most.
#pragma once

#include <absl/status/statusor.h>

#include <chrono>
#include <string>

#include "agent/probes/firmware_fwupd/bus_handles.h"
#include "common/descriptor.h"

namespace muster::fwupd {

// A method and the one text that it takes, or none.
struct Question {
  const char* destination;
  const char* path;
  const char* interface;
  const char* member;
  const char* argument = nullptr;
};

// What came back: a message, or why none did.
struct Reply {
  MessagePointer message;
  // "org.freedesktop.fwupd.NothingToDo"; of this side's own troubles the name that sd-bus has.
  std::string error_name;
  // In words, at most 256 bytes.
  std::string error;
};

class SystemBus {
 public:
  using Clock = std::chrono::steady_clock;

  // Says who it is and waits to be let in. `socket` is a connected stream; everything asked of it
  // later also ends at `deadline`.
  static absl::StatusOr<SystemBus> create(Descriptor socket, Clock::time_point deadline);

  Reply ask(const Question& question);
  bool is_late() const { return Clock::now() >= deadline_; }

 private:
  SystemBus(BusPointer bus, Clock::time_point deadline);

  BusPointer bus_;
  Clock::time_point deadline_;
};

}  // namespace muster::fwupd
