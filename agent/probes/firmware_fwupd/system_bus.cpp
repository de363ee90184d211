#include "agent/probes/firmware_fwupd/system_bus.h"

#include <fmt/format.h>

#include <cstring>
#include <utility>

#include "agent/probes/firmware_fwupd/dictionaries.h"
#include "common/text.h"

namespace muster::fwupd {
namespace {

using Clock = SystemBus::Clock;

// 0: there is none left.
uint64_t microseconds_until(Clock::time_point deadline) {
  const auto left =
      std::chrono::duration_cast<std::chrono::microseconds>(deadline - Clock::now()).count();
  return left < 0 ? 0 : static_cast<uint64_t>(left);
}

absl::Status failed(const char* what, int error) {
  return absl::UnavailableError(fmt::format("{}: {}", what, std::strerror(-error)));
}

absl::Status wait_until_let_in(sd_bus* bus, Clock::time_point deadline) {
  for (;;) {
    const int ready = ::sd_bus_is_ready(bus);
    if (ready < 0) return failed("the system bus did not let the probe in", ready);
    if (ready > 0) return absl::OkStatus();
    const int worked = ::sd_bus_process(bus, nullptr);
    if (worked < 0) return failed("the system bus did not let the probe in", worked);
    if (worked > 0) continue;
    const uint64_t left = microseconds_until(deadline);
    if (left == 0) return absl::DeadlineExceededError("the system bus did not let the probe in");
    const int waited = ::sd_bus_wait(bus, left);
    if (waited < 0 && waited != -EINTR) return failed("waiting for the system bus", waited);
  }
}

// Null where sd-bus cannot make it.
MessagePointer message_of(sd_bus* bus, const Question& question) {
  sd_bus_message* made = nullptr;
  if (::sd_bus_message_new_method_call(bus, &made, question.destination, question.path,
                                       question.interface, question.member) < 0) {
    return nullptr;
  }
  MessagePointer message(made);
  if (question.argument != nullptr &&
      ::sd_bus_message_append_basic(message.get(), 's', question.argument) < 0) {
    return nullptr;
  }
  return message;
}

}  // namespace

SystemBus::SystemBus(BusPointer bus, Clock::time_point deadline)
    : bus_(std::move(bus)), deadline_(deadline) {}

absl::StatusOr<SystemBus> SystemBus::create(Descriptor socket, Clock::time_point deadline) {
  sd_bus* made = nullptr;
  if (const int error = ::sd_bus_new(&made); error < 0) return failed("sd-bus", error);
  BusPointer bus(made);
  int error = ::sd_bus_set_fd(bus.get(), socket.get(), socket.get());
  if (error < 0) return failed("the connection to the system bus", error);
  // It is the bus's from here on.
  socket.release();
  error = ::sd_bus_set_bus_client(bus.get(), 1);
  // It takes no descriptors.
  if (error >= 0) error = ::sd_bus_negotiate_fds(bus.get(), 0);
  if (error >= 0) error = ::sd_bus_start(bus.get());
  if (error < 0) return failed("the connection to the system bus", error);
  if (absl::Status status = wait_until_let_in(bus.get(), deadline); !status.ok()) return status;
  return SystemBus(std::move(bus), deadline);
}

Reply SystemBus::ask(const Question& question) {
  const uint64_t left = microseconds_until(deadline_);
  // 0 would stand for sd-bus's own time-out.
  if (left == 0) return {nullptr, SD_BUS_ERROR_TIMEOUT, "no time was left to ask"};
  const MessagePointer message = message_of(bus_.get(), question);
  if (message == nullptr) return {nullptr, SD_BUS_ERROR_INVALID_ARGS, "it cannot be asked"};
  BusError error;
  sd_bus_message* answer = nullptr;
  const int returned = ::sd_bus_call(bus_.get(), message.get(), left, error.get(), &answer);
  if (returned >= 0) return {MessagePointer(answer), {}, {}};
  const sd_bus_error& told = *error.get();
  const char* const words = told.message == nullptr ? std::strerror(-returned) : told.message;
  return {nullptr, told.name == nullptr ? "" : truncate_utf8(repair_utf8(told.name), kLongestText),
          truncate_utf8(repair_utf8(words), kLongestText)};
}

}  // namespace muster::fwupd
