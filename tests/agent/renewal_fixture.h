// Renewals with real files, and a collector in memory that signs.
#pragma once

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "agent/identity/renewal.h"
#include "common/timestamp.h"
#include "tests/agent/fake_transport.h"
#include "tests/agent/host_identities.h"
#include "tests/common/temporary_directory.h"

namespace muster::agent {

inline constexpr TimePoint kThen{std::chrono::sys_days(std::chrono::year(2026) / 11 / 21) +
                                 std::chrono::hours(12)};

class HandClock : public Clock {
 public:
  TimePoint now() const override { return time + wrong_by; }
  Duration uptime() const override { return time - kThen; }
  TimePoint time = kThen;
  Duration wrong_by{0};
};

class FakeReenrolment : public Reenrolment {
 public:
  explicit FakeReenrolment(boost::asio::io_context& context) : context_(context) {}
  void ask(const v1::ReenrolRequest& request, SyncTransport::RenewDone done) override {
    requests.push_back(request);
    boost::asio::post(context_,
                      [answer = answer(request), done = std::move(done)] { done(answer); });
  }
  std::vector<v1::ReenrolRequest> requests;
  std::function<absl::StatusOr<v1::RenewResponse>(const v1::ReenrolRequest&)> answer;

 private:
  boost::asio::io_context& context_;
};

class RenewalTest : public ::testing::Test {
 protected:
  RenewalTest() {
    config_.collectors = {{"collector.example.org", 8433}};
    config_.enrolment = {"collector.example.org", 8443};
    config_.state_directory = directory_.path();
    config_.identity = identity_in(directory_.path());
    directory_.write("ca.pem", ca_.pem());
    directory_.write("identity.pem", make_host_identity(ca_, {.issued_at = kThen}), 0600);
    collector_.renew = [this](const v1::RenewRequest& request) {
      return give(request.certificate_signing_request(), {.issued_at = clock_.time});
    };
    reenrolment_.answer = [this](const v1::ReenrolRequest& request) {
      return give(request.certificate_signing_request(), {.issued_at = clock_.time});
    };
  }
  ~RenewalTest() override { renewal_.stop(); }

  // As the collector does: the next generation, or for the newest's key the same again.
  v1::RenewResponse give(const std::string& signing_request, HostWish wish) {
    const EvpPkeyPtr key = requested_key(signing_request);
    const std::string pem = public_key_pem(key.get());
    if (pem != newest_key_) ++generation_;
    newest_key_ = pem;
    wish.generation = generation_;
    v1::RenewResponse response;
    response.set_certificate(make_host_certificate(ca_, key.get(), wish));
    response.set_ca_certificates(roots_);
    response.set_generation(static_cast<uint64_t>(generation_));
    return response;
  }
  static std::string public_key_pem(EVP_PKEY* key) {
    const BioPtr bio(BIO_new(BIO_s_mem()));
    PEM_write_bio_PUBKEY(bio.get(), key);
    return bio_content(bio.get());
  }

  void start() { renewal_.start(config_, transport_, &reenrolment_); }
  // All that is asked for at once, answers included; no timer.
  void settle() {
    context_.restart();
    context_.poll();
  }
  void look() {
    renewal_.look();
    settle();
  }
  // Past the wait that follows a failure, which is by the steady clock: 200 ms at most here, for
  // the tests' random number is 0.
  void wait_for(size_t renewals) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (collector_.renewals.size() < renewals) {
      ASSERT_LT(std::chrono::steady_clock::now(), deadline);
      context_.restart();
      context_.run_for(std::chrono::milliseconds(5));
    }
    settle();
  }
  absl::StatusOr<v1::SyncResponse> answer_with(const std::function<void(v1::SyncResponse&)>& edit) {
    v1::SyncResponse response;
    response.set_epoch(1);
    response.set_host("web1");
    *response.mutable_server_time() = to_proto(clock_.time);
    edit(response);
    return response;
  }
  void report(const std::function<void(v1::SyncResponse&)>& edit) {
    renewal_.take_report(answer_with(edit));
    settle();
  }
  uint64_t generation() const { return renewal_.certificate()->generation; }
  bool is_pending() const { return std::filesystem::exists(directory_.file("identity.next.pem")); }

  const TestCertificate ca_ = make_certificate("fleet CA", nullptr, "", 24 * 365 * 10);
  std::string roots_ = ca_.pem();
  int generation_ = 1;
  std::string newest_key_;
  test::TemporaryDirectory directory_;
  HandClock clock_;
  boost::asio::io_context context_{1};
  FakeCollector collector_;
  FakeTransport transport_{context_, collector_};
  FakeReenrolment reenrolment_{context_};
  Config config_;
  int renewed_ = 0;
  int changed_ = 0;
  Renewal renewal_{context_,
                   clock_,
                   [] { return 0.0; },
                   "machine",
                   {.renewed = [this] { ++renewed_; }, .changed = [this] { ++changed_; }}};
};

}  // namespace muster::agent
