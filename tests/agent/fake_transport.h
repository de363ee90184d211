// A collector in memory, for tests of the loop: it answers from the io_context, as the real one
// does.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "agent/sync/sync_transport.h"

namespace muster::agent {

// What it got and how it answers; outlives the transports.
struct FakeCollector {
  std::vector<v1::SyncRequest> requests;
  std::function<absl::StatusOr<v1::SyncResponse>(const v1::SyncRequest&)> answer = commit;

  static absl::StatusOr<v1::SyncResponse> commit(const v1::SyncRequest& request) {
    v1::SyncResponse response;
    response.set_epoch(request.epoch());
    response.set_host("web1");
    for (const v1::SectionVersion& version : request.versions()) {
      v1::CommittedSection& committed = *response.add_committed();
      committed.set_entity(version.entity());
      committed.set_probe(version.probe());
      committed.set_sequence(version.sequence());
    }
    return response;
  }

  std::vector<v1::RenewRequest> renewals;
  std::function<absl::StatusOr<v1::RenewResponse>(const v1::RenewRequest&)> renew =
      [](const v1::RenewRequest&) { return absl::UnimplementedError("no renewals here"); };
  size_t trust_bundles_asked = 0;
  absl::StatusOr<v1::GetTrustBundleResponse> trust_bundle =
      absl::UnimplementedError("no trust bundle here");
};

class FakeTransport : public SyncTransport {
 public:
  FakeTransport(boost::asio::io_context& context, FakeCollector& collector)
      : context_(context), collector_(collector) {}

  void sync(const v1::SyncRequest& request, Done done) override {
    collector_.requests.push_back(request);
    boost::asio::post(
        context_, [answer = collector_.answer(request), done = std::move(done)] { done(answer); });
  }
  void renew(const v1::RenewRequest& request, RenewDone done) override {
    collector_.renewals.push_back(request);
    boost::asio::post(
        context_, [answer = collector_.renew(request), done = std::move(done)] { done(answer); });
  }
  void get_trust_bundle(TrustBundleDone done) override {
    ++collector_.trust_bundles_asked;
    boost::asio::post(context_,
                      [answer = collector_.trust_bundle, done = std::move(done)] { done(answer); });
  }
  std::string address() const override { return "collector.example.org:8433"; }

 private:
  boost::asio::io_context& context_;
  FakeCollector& collector_;
};

}  // namespace muster::agent
