// A collector's renewals over a store that answers when a test wants it to, and hosts that ask.
#pragma once

#include <gtest/gtest.h>

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "collector/identity/certificate_generation.h"
#include "collector/identity/renewal.h"
#include "tests/collector/fakes.h"
#include "tests/collector/reenrolments.h"
#include "tests/collector/signing_requests.h"

namespace muster::collector {

inline const std::string web1_id = "0123456789abcdef0123456789abcdef";

// Answers when told, and in the order in which it was asked.
class SlowStore : public FakeStore {
 public:
  void put_identity(std::string host_id, IdentityRecord identity, Done done) override {
    if (!slow) return FakeStore::put_identity(std::move(host_id), std::move(identity), done);
    waiting.push_back(
        [this, host_id, identity, done] { FakeStore::put_identity(host_id, identity, done); });
  }
  void answer_one() {
    const auto next = std::move(waiting.front());
    waiting.pop_front();
    next();
  }
  bool slow = false;
  std::deque<std::function<void()>> waiting;
};

// What an agent has in hand.
struct Identity {
  SigningRequest key;
  std::string certificate;
};

using Answer = std::optional<absl::StatusOr<v1::RenewResponse>>;

class RenewalTest : public testing::Test {
 protected:
  RenewalTest()
      : authorities_(*CertificateAuthority::load(
            *CertificateAuthority::generate("muster.test", clock_.now()), "muster.test")),
        fleet_(clock_, store_, std::make_shared<policy::Policy>()),
        renewal_({.clock = clock_,
                  .store = store_,
                  .fleet = fleet_,
                  .authorities = authorities_,
                  .turns = turns_,
                  .log = log_}) {}

  // A host of generation 1, as enrolment makes it.
  Identity enrolled(const std::string& host_id = web1_id) {
    const SigningRequest key = make_signing_request();
    HostRecord host;
    host.id = host_id;
    host.name = "web-" + host_id.substr(0, 2);
    host.machine_id_hash = "machine-1";
    host.enrolled_at = clock_.now();
    host.identity.generation = 1;
    host.identity.key_sha256 = public_key_sha256(key_from_pem(key.key_pem).get());
    store_.identities[host_id] = host.identity;
    fleet_.add_host(host);
    return {key, *authorities_.signing()->issue_client(key.pem, host_id, 1, clock_.now(),
                                                       std::chrono::days(7))};
  }

  Answer ask(const Identity& with, const SigningRequest& wanted,
             const std::string& address = "ipv4:192.0.2.1:4711") {
    v1::RenewRequest request;
    request.set_certificate_signing_request(wanted.pem);
    request.set_machine_id_hash("machine-1");
    const auto answer = std::make_shared<Answer>();
    renewal_.renew(with.certificate, request, address,
                   [answer](const absl::StatusOr<v1::RenewResponse>& result) { *answer = result; });
    last_ = answer;
    return *answer;
  }

  Answer ask_again(const v1::ReenrolRequest& request) {
    const auto answer = std::make_shared<Answer>();
    renewal_.reenrol(
        request, "192.0.2.1",
        [answer](const absl::StatusOr<v1::RenewResponse>& result) { *answer = result; });
    return *answer;
  }

  // The next identity of a host whose renewal goes well.
  Identity renewed(const Identity& with) {
    const SigningRequest wanted = make_signing_request();
    const Answer answer = ask(with, wanted);
    EXPECT_TRUE(answer.has_value() && answer->ok());
    return {wanted, (*answer)->certificate()};
  }

  uint64_t generation_in(const std::string& certificate) {
    return generation_of(parse_certificate(certificate)->get());
  }

  double counted(const std::string& result, const std::string& what = "renewals") {
    for (const auto& family : registry_.Collect()) {
      if (family.name != "muster_collector_" + what + "_total") continue;
      for (const auto& metric : family.metric) {
        if (metric.label.front().value == result) return metric.counter.value;
      }
    }
    return -1;
  }

  FakeClock clock_;
  SlowStore store_;
  prometheus::Registry registry_;
  CollectorMetrics metrics_{registry_};
  RenewalLog log_{clock_, metrics_};
  HostTurns turns_;
  Authorities authorities_;
  Fleet fleet_;
  Renewal renewal_;
  std::shared_ptr<Answer> last_;
};

}  // namespace muster::collector
