#include "agent/output/service_report.h"

#include <fmt/format.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstring>

#include "common/log.h"
#include "common/text.h"
#include "common/timestamp.h"

namespace muster::agent {
namespace {

// Of the watchdog's time: one may come late.
constexpr int kSignsOfLife = 2;
constexpr size_t kErrorLimit = 200;

}  // namespace

std::string service_status_line(const v1::AgentStatus& status) {
  // A host's name comes from the collector, an error from wherever.
  std::string line = status.host().empty() ? "" : printable(status.host(), 100) + ": ";
  if (status.has_last_sync_success_at()) {
    line += fmt::format("last report at {} to {}",
                        to_iso8601(from_proto(status.last_sync_success_at())),
                        printable(status.collector(), 100));
  } else {
    line += "no report has got through since the start";
  }
  if (!status.last_sync_error().empty()) {
    line +=
        fmt::format("; the newest failed: {}", printable(status.last_sync_error(), kErrorLimit));
  }
  if (status.outbox_entries() > 0) {
    line += fmt::format("; {} change{} not reported yet", status.outbox_entries(),
                        status.outbox_entries() == 1 ? "" : "s");
  }
  return line;
}

struct ServiceReport::Pulse {
  Pulse(boost::asio::io_context& context, Duration watchdog)
      : timer(context), every(watchdog / kSignsOfLife) {}

  void beat(const NotifySocket& notify) {
    notify.alive();
    timer.expires_after(every);
    timer.async_wait([this, &notify](const boost::system::error_code& error) {
      if (!error) beat(notify);
    });
  }

  boost::asio::steady_timer timer;
  const Duration every;
};

ServiceReport::ServiceReport(boost::asio::io_context& context,
                             const ServiceEnvironment& environment)
    : notify_(environment.notify_socket),
      pulse_(std::make_unique<Pulse>(context, environment.watchdog)) {}

ServiceReport::~ServiceReport() = default;

void ServiceReport::ready() {
  is_ready_ = true;
  const int error = notify_.ready(status_);
  last_line_ = status_;
  if (error != 0) {
    log_error("cannot tell systemd that the agent serves; it will end it as one that did not start",
              {{"error", std::strerror(error)}});
  }
  if (notify_.is_told() && pulse_->every > Duration(0)) pulse_->beat(notify_);
}

void ServiceReport::tell(const v1::AgentStatus& status) {
  if (!notify_.is_told()) return;
  status_ = service_status_line(status);
  tell_line();
}

void ServiceReport::tell_line() {
  if (!is_ready_) return;
  std::string line = status_;
  if (!reload_error_.empty()) {
    line += fmt::format("; the last reload was refused: {}", printable(reload_error_, kErrorLimit));
  }
  if (line == last_line_) return;
  notify_.status(line);
  last_line_ = std::move(line);
}

void ServiceReport::reloading() {
  if (is_ready_) notify_.reloading();
}

void ServiceReport::reloaded(const std::string& error) {
  reload_error_ = error;
  if (!is_ready_) return;
  notify_.ready("");
  tell_line();
}

void ServiceReport::stopping() {
  if (is_ready_) notify_.stopping("");
  is_ready_ = false;
  pulse_->timer.cancel();
}

}  // namespace muster::agent
