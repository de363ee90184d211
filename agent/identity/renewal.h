// Keeps this host's identity good: a new certificate with a new key at half the life of the old
// one, or earlier where the collector asks for it; over HTTPS once the old one has expired; and the
// roots that the collector names. Whatever dies at whatever moment, no second identity comes of it:
// the new key is on disk before it is asked for, the same key is asked for again, and identity.pem
// is replaced as a whole.
//
// What cannot be done is tried again with the reporter's back-off, so that a collector that asks
// for more, or answers nonsense, does not make it run in circles. It judges ends by its own clock
// and by the collector's, as far as that is known: a host whose clock is wrong still reports, so
// that somebody learns of it.
//
// One thread owns it, the one that runs the io_context.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "agent/config/config.h"
#include "agent/identity/host_certificate.h"
#include "agent/identity/trust_bundle.h"
#include "agent/sync/retry.h"
#include "agent/sync/sync_transport.h"
#include "common/clock.h"
#include "muster/v1/agent_facts.pb.h"

namespace boost::asio {
class io_context;
}

namespace muster::agent {

// Asks over HTTPS, where mTLS does not take the certificate any more.
class Reenrolment {
 public:
  virtual ~Reenrolment() = default;
  // One at a time; `done` as in SyncTransport. PermissionDenied: the collector says no.
  virtual void ask(const v1::ReenrolRequest& request, SyncTransport::RenewDone done) = 0;
};

class Renewal {
 public:
  struct Hooks {
    // Another certificate is in place, by whomever.
    std::function<void()> renewed;
    // What describe() tells has changed.
    std::function<void()> changed;
  };

  // All references outlive it. `random` gives numbers in [0, 1).
  Renewal(boost::asio::io_context& context, const Clock& clock, std::function<double()> random,
          std::string machine_id_hash, Hooks hooks);
  ~Renewal();

  // Begins, or goes on in another way; what was asked is forgotten. Both ways outlive it, or the
  // next start. Without `reenrolment` an expired identity needs a token.
  void start(const Config& config, SyncTransport& transport, Reenrolment* reenrolment);
  void stop();
  // The name that the collector gave, where it is known before a report: for what is said.
  void assume_host(std::string name) { host_ = std::move(name); }

  // Before every report, beside its own timer: a host may have slept.
  void look();
  // Says in a report which roots are trusted, or why it must stay here: its certificate has
  // expired.
  absl::Status prepare(v1::SyncRequest& request);
  // What came of a report.
  void take_report(const absl::StatusOr<v1::SyncResponse>& response);

  // As of the last look. Unset if it could not be read.
  const std::optional<HostCertificate>& certificate() const { return certificate_; }
  // Empty if nothing is wrong.
  const std::string& error() const { return error_.empty() ? roots_error_ : error_; }
  // Fills in what it knows: the certificate, when it is renewed and why not.
  void describe(v1::AgentStatus& status) const;

 private:
  struct Timer;
  TimePoint collector_time() const;
  bool has_expired() const;
  bool is_due() const;
  void take_certificate();
  void wait();
  void ask();
  void take_answer(const absl::StatusOr<v1::RenewResponse>& answer);
  absl::Status adopt(const v1::RenewResponse& answer);
  absl::Status check_end(const HostCertificate& next);
  absl::Status keep_roots(const std::string& pem);
  void fail(const absl::Status& error);
  std::string explain(const absl::Status& error) const;
  void ask_for_roots(const std::string& wanted);

  const Clock& clock_;
  std::function<double()> random_;
  const std::string machine_id_hash_;
  Hooks hooks_;
  std::unique_ptr<Timer> timer_;
  Config config_;
  SyncTransport* transport_ = nullptr;
  Reenrolment* reenrolment_ = nullptr;
  std::string host_;

  HostCertificateFile file_;
  std::optional<HostCertificate> certificate_;
  TimePoint renewal_at_;
  TrustBundleFile roots_;
  // The collector's clock when it was last seen; unset before that, and once a report got nowhere.
  struct SeenClock {
    TimePoint time;
    Duration uptime;
  };
  std::optional<SeenClock> collector_clock_;

  bool is_asking_ = false;
  std::string asked_key_;
  // The collector wants it before its time.
  bool is_wanted_early_ = false;
  bool report_was_refused_ = false;
  Retry retry_;
  // Why it is not renewed, as it was logged.
  std::string error_;

  bool is_asking_for_roots_ = false;
  Retry roots_retry_;
  std::string roots_error_;
};

}  // namespace muster::agent
