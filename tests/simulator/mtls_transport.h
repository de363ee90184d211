// gRPC with mTLS: every host has its own certificate and its own connection, as its agent would.
// The settings of a connection are those of agent/sync/sync_client.cpp; all of them share one
// completion queue on the caller's thread. As there, a host whose collector did not answer gives
// its connection up and tries the next address.
#pragma once

#include <memory>
#include <vector>

#include "common/address.h"
#include "tests/simulator/fleet_transport.h"
#include "tests/simulator/identities.h"

namespace muster::simulator {

class MtlsTransport : public FleetTransport {
 public:
  // Host i begins with the collector i modulo their number; several addresses of one collector
  // share out the ports of this end.
  MtlsTransport(std::vector<Address> collectors, std::vector<Identity> identities,
                std::chrono::milliseconds deadline = std::chrono::seconds(30));
  // Cancels what is under way.
  ~MtlsTransport() override;

  void sync(size_t host, const v1::SyncRequest& request) override;
  std::optional<FleetAnswer> next(Clock::time_point until) override;

 private:
  struct Queue;
  struct Host;
  const std::vector<Address> collectors_;
  const std::chrono::milliseconds deadline_;
  std::unique_ptr<Queue> queue_;
  std::vector<Host> hosts_;
};

}  // namespace muster::simulator
