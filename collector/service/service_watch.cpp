#include "collector/service/service_watch.h"

#include <fmt/format.h>

#include <cstring>
#include <utility>

#include "common/log.h"

namespace muster::collector {
namespace {

// A line in `systemctl status` needs to be no fresher, and each wakes process 1.
constexpr std::chrono::seconds kStatusEvery(10);
constexpr int kBeatsWithinTheWatchdog = 4;

}  // namespace

std::string status_line(const ServiceStanding& standing) {
  std::string line = fmt::format("serving {} host{}, {} of them reporting", standing.hosts,
                                 standing.hosts == 1 ? "" : "s", standing.reporting);
  if (!standing.store_writable) {
    line += "; the store takes no writes (is the disk full?): agents keep what they see";
  }
  if (!standing.silent.empty()) {
    line += fmt::format("; no answer from {}", fmt::join(standing.silent, " and "));
  }
  if (!standing.reload_error.empty()) {
    line += fmt::format("; the last reload: {}", standing.reload_error);
  }
  return line;
}

ServiceWatch::ServiceWatch(const ServiceEnvironment& environment, Heartbeat heartbeat)
    : notify_(environment.notify_socket),
      watchdog_(environment.watchdog),
      heartbeat_(std::move(heartbeat)) {}

void ServiceWatch::ready(const ServiceStanding& standing) {
  const std::lock_guard guard(mutex_);
  is_ready_ = true;
  last_status_ = status_line(standing);
  const int error = notify_.ready(last_status_);
  if (error == 0) return;
  log_error(
      "cannot tell systemd that the collector serves; it will end it as one that did not "
      "start",
      {{"error", std::strerror(error)}});
}

void ServiceWatch::reloading() {
  const std::lock_guard guard(mutex_);
  notify_.reloading();
}

void ServiceWatch::reloaded(const std::string& error) {
  const std::lock_guard guard(mutex_);
  reload_error_ = error;
  // The line follows at the next look.
  notify_.ready("");
}

void ServiceWatch::stopping() {
  const std::lock_guard guard(mutex_);
  is_ready_ = false;
  notify_.stopping("answering what is under way");
}

void ServiceWatch::look(std::chrono::steady_clock::time_point now, ServiceStanding standing) {
  if (!notify_.is_told()) return;
  if (watchdog_ > Duration(0) && now >= next_beat_) beat(now);
  if (now < next_status_) return;
  next_status_ = now + kStatusEvery;
  const std::lock_guard guard(mutex_);
  if (!is_ready_) return;
  standing.silent = silent_;
  standing.reload_error = reload_error_;
  std::string line = status_line(standing);
  if (line == last_status_) return;
  notify_.status(line);
  last_status_ = std::move(line);
}

void ServiceWatch::beat(std::chrono::steady_clock::time_point now) {
  next_beat_ = now + watchdog_ / kBeatsWithinTheWatchdog;
  std::vector<std::string> silent = heartbeat_.silent();
  if (silent.empty()) notify_.alive();
  for (const std::string& name : silent) {
    log_warning("a thread does not answer; unless it does, systemd restarts the collector",
                {{"thread", name}});
  }
  const std::lock_guard guard(mutex_);
  // At once: it may be the last line that is read.
  if (silent != silent_) next_status_ = now;
  silent_ = std::move(silent);
}

}  // namespace muster::collector
