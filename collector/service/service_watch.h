// What systemd is told of the collector: that it serves, how it stands, and that it lives. A sign
// of life is sent only when every part of the heartbeat has answered since the last look, so that
// systemd restarts a collector of which a thread hangs. Does nothing for a collector that systemd
// did not start.
//
// Any thread may tell of a start, a reload or the end; look() is one thread's.
#pragma once

#include <chrono>
#include <mutex>
#include <string>

#include "collector/service/heartbeat.h"
#include "common/notify_socket.h"
#include "common/service_environment.h"

namespace muster::collector {

// What the line in `systemctl status` is made of.
struct ServiceStanding {
  size_t hosts = 0;
  size_t reporting = 0;
  bool store_writable = true;
  // What the last reload left as it was, and why; empty if it took everything.
  std::string reload_error = {};
  // Parts that do not answer.
  std::vector<std::string> silent = {};
};

// "serving 120 hosts, 118 of them reporting"; pure.
std::string status_line(const ServiceStanding& standing);

class ServiceWatch {
 public:
  ServiceWatch(const ServiceEnvironment& environment, Heartbeat heartbeat);

  void ready(const ServiceStanding& standing);
  void reloading();
  // After a reload; empty: it was taken.
  void reloaded(const std::string& error);
  void stopping();

  // Often, about every second: asks the parts four times within the watchdog's time, tells that all
  // answered, and how the collector stands where that has changed. `standing` is without the reload
  // and the parts, which are known here.
  void look(std::chrono::steady_clock::time_point now, ServiceStanding standing);

 private:
  void beat(std::chrono::steady_clock::time_point now);

  const NotifySocket notify_;
  const Duration watchdog_;
  // Of look()'s thread.
  Heartbeat heartbeat_;
  std::chrono::steady_clock::time_point next_beat_;
  std::chrono::steady_clock::time_point next_status_;

  std::mutex mutex_;
  // Guarded by mutex_, a leaf.
  std::vector<std::string> silent_;
  std::string reload_error_;
  std::string last_status_;
  bool is_ready_ = false;
};

}  // namespace muster::collector
