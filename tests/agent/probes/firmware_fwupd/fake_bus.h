// A bus with a daemon on it that answers what a test says: a fake, made with sd-bus itself, for
// what the real fwupd does not do (real_fwupd_test.py has that): too much, too late, the wrong
// type. One thread of its own; what it answers is set before it starts.
#pragma once

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <systemd/sd-bus.h>

#include <array>
#include <cstdlib>
#include <functional>
#include <map>
#include <string>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

#include "agent/probes/firmware_fwupd/bus_handles.h"
#include "common/descriptor.h"

namespace muster::test {

using FakeValue =
    std::variant<const char*, std::string, uint32_t, uint64_t, bool, std::vector<std::string>>;
using FakeDictionary = std::vector<std::pair<std::string, FakeValue>>;

inline void append(sd_bus_message* reply, const FakeDictionary& dictionary) {
  ::sd_bus_message_open_container(reply, 'a', "{sv}");
  for (const auto& [key, value] : dictionary) {
    ::sd_bus_message_open_container(reply, 'e', "sv");
    ::sd_bus_message_append(reply, "s", key.c_str());
    if (const auto* literal = std::get_if<const char*>(&value)) {
      ::sd_bus_message_append(reply, "v", "s", *literal);
    } else if (const auto* text = std::get_if<std::string>(&value)) {
      ::sd_bus_message_append(reply, "v", "s", text->c_str());
    } else if (const auto* small = std::get_if<uint32_t>(&value)) {
      ::sd_bus_message_append(reply, "v", "u", *small);
    } else if (const auto* number = std::get_if<uint64_t>(&value)) {
      ::sd_bus_message_append(reply, "v", "t", *number);
    } else if (const auto* flag = std::get_if<bool>(&value)) {
      ::sd_bus_message_append(reply, "v", "b", *flag ? 1 : 0);
    } else {
      ::sd_bus_message_open_container(reply, 'v', "as");
      ::sd_bus_message_open_container(reply, 'a', "s");
      for (const std::string& each : std::get<std::vector<std::string>>(value))
        ::sd_bus_message_append(reply, "s", each.c_str());
      ::sd_bus_message_close_container(reply);
      ::sd_bus_message_close_container(reply);
    }
    ::sd_bus_message_close_container(reply);
  }
  ::sd_bus_message_close_container(reply);
}

inline void append(sd_bus_message* reply, const std::vector<FakeDictionary>& dictionaries) {
  ::sd_bus_message_open_container(reply, 'a', "a{sv}");
  for (const FakeDictionary& each : dictionaries)
    append(reply, each);
  ::sd_bus_message_close_container(reply);
}

class FakeBus {
 public:
  // Fills in the reply to a method.
  using Answer = std::function<void(sd_bus_message*)>;

  // A fwupd without devices, attributes and remotes.
  FakeBus() {
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) std::abort();
    probes_.reset(ends[0]);
    own_.reset(ends[1]);
    stop_.reset(::eventfd(0, EFD_CLOEXEC));
    on("Hello", [](sd_bus_message* reply) { ::sd_bus_message_append(reply, "s", ":1.1"); });
    on("NameHasOwner", [](sd_bus_message* reply) { ::sd_bus_message_append(reply, "b", 1); });
    on("GetAll", FakeDictionary{{"DaemonVersion", "2.0.20"}});
    for (const char* const member :
         {"GetDevices", "GetHistory", "GetHostSecurityAttrs", "GetRemotes"})
      on(member, std::vector<FakeDictionary>{});
  }
  ~FakeBus() {
    const uint64_t one = 1;
    if (::write(stop_.get(), &one, sizeof one) < 0) std::abort();
    if (thread_.joinable()) thread_.join();
  }
  FakeBus(const FakeBus&) = delete;
  FakeBus& operator=(const FakeBus&) = delete;

  void on(const std::string& member, Answer answer) { answers_[member] = std::move(answer); }
  template <typename Values>
  requires(!std::is_convertible_v<Values, Answer>) void on(const std::string& member,
                                                           Values values) {
    on(member, [values = std::move(values)](sd_bus_message* reply) { append(reply, values); });
  }
  // The error in the place of an answer, or (an empty name) none at all.
  void refuse(const std::string& member, const std::string& name) {
    answers_.erase(member);
    refusals_[member] = name;
  }

  // The probe's end of the connection; the bus begins to answer.
  Descriptor start() {
    thread_ = std::thread([this] { serve(); });
    return std::move(probes_);
  }

 private:
  static int take(sd_bus_message* message, void* self, sd_bus_error* /*error*/) {
    uint8_t type = 0;
    ::sd_bus_message_get_type(message, &type);
    if (type == SD_BUS_MESSAGE_METHOD_CALL) static_cast<FakeBus*>(self)->answer(message);
    return 1;
  }

  void answer(sd_bus_message* call) {
    const std::string member = ::sd_bus_message_get_member(call);
    const auto found = answers_.find(member);
    if (found != answers_.end()) {
      sd_bus_message* reply = nullptr;
      ::sd_bus_message_new_method_return(call, &reply);
      found->second(reply);
      ::sd_bus_send(nullptr, reply, nullptr);
      ::sd_bus_message_unref(reply);
      return;
    }
    const std::string& name = refusals_[member];
    if (!name.empty()) ::sd_bus_reply_method_errorf(call, name.c_str(), "the test said so");
  }

  void serve() {
    sd_bus* made = nullptr;
    ::sd_bus_new(&made);
    const fwupd::BusPointer bus(made);
    const int socket = own_.release();
    ::sd_bus_set_fd(made, socket, socket);
    ::sd_bus_set_server(made, 1, sd_id128_t{{1}});
    ::sd_bus_set_trusted(made, 1);
    ::sd_bus_add_filter(made, nullptr, &FakeBus::take, this);
    ::sd_bus_start(made);
    for (;;) {
      const int worked = ::sd_bus_process(made, nullptr);
      if (worked < 0) return;
      if (worked > 0) continue;
      std::array<pollfd, 2> polled{{{::sd_bus_get_fd(made), 0, 0}, {stop_.get(), POLLIN, 0}}};
      polled[0].events = static_cast<short>(::sd_bus_get_events(made));
      ::poll(polled.data(), polled.size(), -1);
      if (polled[1].revents != 0) return;
    }
  }

  Descriptor probes_;
  Descriptor own_;
  Descriptor stop_;
  std::map<std::string, Answer> answers_;
  std::map<std::string, std::string> refusals_;
  std::thread thread_;
};

}  // namespace muster::test
