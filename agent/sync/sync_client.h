// Reports by gRPC with mTLS. It keeps one connection, to one of the collectors; when that does not
// answer, it tries the others in turn before it gives up. The identity's files are read again
// whenever a connection is made or the files have changed, so a renewed certificate needs no
// restart; what is on its way then ends on the old connection.
//
// One thread owns it, the one that runs the io_context; gRPC's own threads never leave this class.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "agent/config/config.h"
#include "agent/sync/sync_transport.h"

namespace boost::asio {
class io_context;
}

namespace muster::agent {

struct SyncClientOptions {
  // In order of preference; not empty.
  std::vector<Address> collectors = {};
  IdentityFiles identity = {};
  // An empty host for none. The environment's proxies are never used.
  Address proxy = {};
  // For each collector that is tried.
  Duration deadline = std::chrono::seconds(30);
  // While a report waits on a connection that is silent for `keepalive_time`, the collector is
  // asked for a sign of life; after `keepalive_timeout` without one the connection is given up.
  Duration keepalive_time = std::chrono::seconds(20);
  Duration keepalive_timeout = std::chrono::seconds(10);
};

class SyncClient : public SyncTransport {
 public:
  // `context` outlives it.
  SyncClient(boost::asio::io_context& context, SyncClientOptions options);
  // Cancels what is on its way; its `done` is not called.
  ~SyncClient() override;

  // An error is the last collector's, in gRPC's codes; FailedPrecondition where the identity's
  // files cannot be read.
  void sync(const v1::SyncRequest& request, Done done) override;
  void renew(const v1::RenewRequest& request, RenewDone done) override;
  void get_trust_bundle(TrustBundleDone done) override;
  std::string address() const override;

 private:
  class Connection;
  std::unique_ptr<Connection> connection_;
};

}  // namespace muster::agent
