// What systemd is told of the agent: that it serves, how it stands, and that it lives. The sign of
// life comes from a timer of the io_context that does all the agent's work, so an agent whose loop
// hangs is not vouched for and is restarted. Does nothing for an agent that systemd did not start.
//
// One thread owns it: the one that runs the io_context.
#pragma once

#include <memory>
#include <string>

#include "common/notify_socket.h"
#include "common/service_environment.h"
#include "muster/v1/agent_facts.pb.h"

namespace boost::asio {
class io_context;
}

namespace muster::agent {

// The line in `systemctl status`: "web1: last report at 2026-11-22 04:00:00 UTC to …". Pure.
std::string service_status_line(const v1::AgentStatus& status);

class ServiceReport {
 public:
  // `context` outlives it. Tells nothing before ready().
  ServiceReport(boost::asio::io_context& context, const ServiceEnvironment& environment);
  ~ServiceReport();
  ServiceReport(const ServiceReport&) = delete;
  ServiceReport& operator=(const ServiceReport&) = delete;

  // The agent serves; the signs of life begin. Once.
  void ready();
  // How it stands now; kept until ready().
  void tell(const v1::AgentStatus& status);
  // Around the reading of a configuration; `error` is why it was not taken, empty if it was.
  void reloading();
  void reloaded(const std::string& error);
  // It ends: nothing is told after this.
  void stopping();

 private:
  struct Pulse;
  void tell_line();

  const NotifySocket notify_;
  const std::unique_ptr<Pulse> pulse_;
  std::string status_;
  std::string reload_error_;
  std::string last_line_;
  bool is_ready_ = false;
};

}  // namespace muster::agent
