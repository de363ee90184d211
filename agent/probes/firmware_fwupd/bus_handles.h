// Who frees what of sd-bus. For the files that link it.
#pragma once

#include <systemd/sd-bus.h>

#include <memory>

namespace muster::fwupd {

// Closes the connection without sending what still waits.
struct CloseBus {
  void operator()(sd_bus* bus) const { ::sd_bus_close_unref(bus); }
};
using BusPointer = std::unique_ptr<sd_bus, CloseBus>;

struct FreeMessage {
  void operator()(sd_bus_message* message) const { ::sd_bus_message_unref(message); }
};
using MessagePointer = std::unique_ptr<sd_bus_message, FreeMessage>;

// The error that a call fills in.
class BusError {
 public:
  BusError() = default;
  BusError(const BusError&) = delete;
  BusError& operator=(const BusError&) = delete;
  ~BusError() { ::sd_bus_error_free(&error_); }
  sd_bus_error* get() { return &error_; }

 private:
  sd_bus_error error_{};
};

}  // namespace muster::fwupd
