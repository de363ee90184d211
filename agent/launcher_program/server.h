// The launcher's loop: takes orders of one agent at a time, starts probes of its fixed list, kills
// them at their limit or when they are ordered to be, and reports their end. One thread; single
// use.
//
// What it needs of text (requests, paths) it gets ready-made through `read_requests`. What is not
// an order ends the connection, and the end of the connection ends every probe.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "agent/launcher/launcher_protocol.h"
#include "agent/launcher_program/child.h"
#include "agent/launcher_program/request_table.h"
#include "agent/looking/probe_list.h"
#include "agent/sandbox/sandbox.h"
#include "agent/sandbox/system_calls.h"
#include "common/notify_socket.h"

namespace muster::agent {

struct ServerOptions {
  std::span<const ProbeRow> rows;
  // Where programs are, unless the configuration says otherwise.
  std::string probe_directory;
  // The directory of who asks the host, where that is started rather than asked over its socket;
  // "": it is not.
  std::string answering_programs = {};
  // What is looked at, for the declared paths: "/", or where an image is mounted.
  std::string root = "/";
  // Whom probes run as; unset, who runs this.
  std::optional<uid_t> user = std::nullopt;
  std::optional<gid_t> group = std::nullopt;
  // Why no user is set, for Hello.
  std::string no_user = {};
  bool privileged = false;
  bool require_sandbox = false;
  // Hello says what is missing, and the log does not.
  bool quiet = false;
  // False with the reason.
  std::function<bool(RequestTable& table, std::string& why)> read_requests;
  // Either a connection, whose end is the end, or a listening socket and who may connect.
  int connection = -1;
  int listener = -1;
  uid_t agent_user = 0;
  // Who is told that it serves, that it ends and, this often, that its loop turns; 0: never.
  NotifySocket manager = {};
  std::chrono::milliseconds life_interval{0};
};

// Exit statuses, of sysexits.h: a mechanism is missing and required; the configuration is not good.
inline constexpr int kSandboxRefused = 77;
inline constexpr int kConfigRefused = 78;

class LauncherServer {
 public:
  // `calls` outlives it.
  LauncherServer(ServerOptions options, SystemCalls& calls);
  ~LauncherServer();
  LauncherServer(const LauncherServer&) = delete;
  LauncherServer& operator=(const LauncherServer&) = delete;

  // Until SIGTERM or SIGINT, or the end of its one connection; SIGHUP reads the requests again.
  // The exit status.
  int serve();

 private:
  struct Run {
    uint64_t id = 0;
    size_t row = 0;
    Child child;
    std::chrono::steady_clock::time_point deadline;
    bool timed_out = false;

    // With its children.
    void kill_group() const;
  };

  bool load_requests();
  void find_missing();
  SandboxPlan plan_of(size_t row, int program) const;
  void show_life();
  bool turn();
  bool handle_signal();
  void accept_agent();
  // False: the connection is over.
  bool handle_orders();
  const char* follow(ReceivedOrder order);
  size_t runs_of(size_t row) const;
  void start(ReceivedOrder order);
  void not_started(uint64_t run, const ChildFailure& failure);
  void kill_overdue();
  // Those that have ended: reaped and reported.
  void finish(Run& run);
  void drop_connection();
  void report(const RunReport& report);
  int milliseconds_to_next_deadline() const;

  ServerOptions options_;
  SystemCalls& calls_;
  RequestTable requests_;
  Hello hello_;
  // Of all network probes, from the first of them on.
  Descriptor pace_;
  Descriptor signals_;
  Descriptor connection_;
  std::vector<Run> runs_;
  std::chrono::steady_clock::time_point next_life_;
};

}  // namespace muster::agent
