// The sockets of the gRPC port: accepts connections and hands them on. gRPC 1.51 could do so
// itself, but it stops listening for good at the first error of accept(2): a fleet that had once
// used up the process's descriptors would never be let in again. Here some descriptors are left for
// the rest of the process, who comes beyond that is closed at once (agents come again by their
// back-off), and an error is waited out.
//
// Owned by the server; one thread of its own from start to stop.
#pragma once

#include <absl/status/statusor.h>

#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace muster::collector {

class SyncListener {
 public:
  // Takes over the descriptor of a connection: non-blocking, closed on exec.
  using Accept = std::function<void(int descriptor)>;

  // As in collector.yml: "[::]:8433" (IPv4 too), port 0 for any. Unavailable, and what to do, if
  // one cannot be had. They listen, and nobody is accepted before start.
  static absl::StatusOr<std::unique_ptr<SyncListener>> listen(
      const std::vector<std::string>& addresses);
  ~SyncListener();
  SyncListener(const SyncListener&) = delete;
  SyncListener& operator=(const SyncListener&) = delete;

  // The port of each address, in their order.
  const std::vector<int>& ports() const { return ports_; }

  // `refused` is told of each connection that was closed for want of descriptors. On its thread.
  void start(
      Accept accept, std::function<void()> refused = [] {});
  // Nobody is accepted after it; may be called twice.
  void stop();

 private:
  SyncListener() = default;
  absl::Status add(const std::string& address);
  void work();
  // Some of those that wait, so that a flood of them does not keep stop() waiting. False: there is
  // an error to wait out.
  bool accept_some(int listening);

  std::vector<int> listening_;
  std::vector<int> ports_;
  // Written to by stop().
  int wake_ = -1;
  Accept accept_;
  std::function<void()> refused_;
  std::thread thread_;
};

}  // namespace muster::collector
