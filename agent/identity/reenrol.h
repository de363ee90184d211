// A new certificate for an identity that has expired: posted to the collector's HTTPS port, from a
// thread that lives for as long as that takes, because it blocks.
#pragma once

#include <memory>
#include <string>

#include "agent/identity/renewal.h"
#include "common/address.h"

namespace muster::agent {

struct ReenrolOptions {
  // The collector's HTTPS port.
  Address collector;
  // An empty host for none.
  Address proxy;
  // The file of the CA certificates that the collector is trusted by.
  std::string roots_path;
  Duration timeout = std::chrono::seconds(30);
};

class HttpsReenrolment : public Reenrolment {
 public:
  // `context` outlives it.
  HttpsReenrolment(boost::asio::io_context& context, ReenrolOptions options);
  // Gives up what is on its way; its `done` is not called.
  ~HttpsReenrolment() override;

  // PermissionDenied: the collector says no. Unauthenticated: the server is not the collector, and
  // was sent nothing.
  void ask(const v1::ReenrolRequest& request, SyncTransport::RenewDone done) override;

 private:
  class Asked;
  boost::asio::io_context& context_;
  const ReenrolOptions options_;
  std::unique_ptr<Asked> asked_;
};

}  // namespace muster::agent
