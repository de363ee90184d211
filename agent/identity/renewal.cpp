#include "agent/identity/renewal.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <utility>

#include "agent/identity/identity.h"
#include "agent/identity/renewal_rules.h"
#include "agent/output/status_text.h"
#include "agent/sync/report_plan.h"
#include "common/digest.h"
#include "common/failpoint.h"
#include "common/files.h"
#include "common/log.h"
#include "common/timestamp.h"

namespace muster::agent {
namespace {

using namespace std::chrono_literals;

constexpr size_t kPemLimit = 1 << 20;
constexpr size_t kDigestSize = 32;
// A host that slept, or whose clock was set, is seen that soon where nothing else wakes it.
constexpr Duration kLongestWait = 1h;
// And so soon what an operator enrols where nothing else helps.
constexpr Duration kWaitForOperator = 5s;

}  // namespace

struct Renewal::Timer {
  boost::asio::steady_timer next;
};

Renewal::Renewal(boost::asio::io_context& context, const Clock& clock,
                 std::function<double()> random, std::string machine_id_hash, Hooks hooks)
    : clock_(clock),
      random_(std::move(random)),
      machine_id_hash_(std::move(machine_id_hash)),
      hooks_(std::move(hooks)),
      timer_(new Timer{boost::asio::steady_timer(context)}) {}

Renewal::~Renewal() = default;

void Renewal::start(const Config& config, SyncTransport& transport, Reenrolment* reenrolment) {
  config_ = config;
  transport_ = &transport;
  reenrolment_ = reenrolment;
  is_asking_ = false;
  is_asking_for_roots_ = false;
  retry_.settle();
  roots_retry_.settle();
  look();
}

void Renewal::stop() {
  timer_->next.cancel();
  transport_ = nullptr;
}

TimePoint Renewal::collector_time() const {
  if (!collector_clock_) return clock_.now();
  return collector_clock_->time + (clock_.uptime() - collector_clock_->uptime);
}

bool Renewal::has_expired() const {
  return certificate_ && clock_.now() >= certificate_->not_after &&
         collector_time() >= certificate_->not_after;
}

void Renewal::look() {
  if (transport_ == nullptr) return;
  if (file_.read(config_.identity.certificate) != certificate_) {
    take_certificate();
    retry_.settle();
    error_.clear();
    if (certificate_) hooks_.renewed();
  }
  if (!config_.identity.renewed_by_agent || !certificate_) return;
  if (is_due() && !is_asking_ && retry_.is_due()) ask();
  wait();
}

void Renewal::take_certificate() {
  certificate_ = file_.read(config_.identity.certificate);
  if (certificate_) renewal_at_ = renewal_time(*certificate_, random_());
}

bool Renewal::is_due() const {
  return is_wanted_early_ || has_expired() || collector_time() >= renewal_at_;
}

void Renewal::wait() {
  const auto now = std::chrono::steady_clock::now();
  auto next = now + (has_expired() ? kWaitForOperator : kLongestWait);
  if (!is_asking_) {
    const Duration left = is_due() ? Duration(0) : renewal_at_ - collector_time();
    next = std::min(next, std::max(now + std::min(left, kLongestWait), retry_.next()));
  }
  timer_->next.expires_at(next);
  timer_->next.async_wait([this](const boost::system::error_code& error) {
    if (!error) look();
  });
}

void Renewal::ask() {
  const std::string& identity = config_.identity.certificate;
  if (has_expired() && reenrolment_ == nullptr) {
    return fail(
        absl::PermissionDeniedError("agent.yml names no `enrolment:` that gives it another"));
  }
  const absl::StatusOr<std::string> key = pending_key(identity);
  if (!key.ok()) return fail(while_doing("keeping the next key", key.status()));
  failpoint::pass("renewal.key_written", pending_path(identity));
  const absl::StatusOr<std::string> signing_request = make_signing_request(*key, "host");
  if (!signing_request.ok()) return fail(signing_request.status());
  asked_key_ = *key;
  const auto done = [this](const absl::StatusOr<v1::RenewResponse>& answer) {
    if (is_asking_) take_answer(answer);
  };
  if (!has_expired()) {
    v1::RenewRequest request;
    request.set_certificate_signing_request(*signing_request);
    request.set_machine_id_hash(machine_id_hash_);
    is_asking_ = true;
    return transport_->renew(request, done);
  }
  const absl::StatusOr<std::string> held = read_file(identity, kPemLimit);
  if (!held.ok()) return fail(held.status());
  const absl::StatusOr<v1::ReenrolRequest> request =
      make_reenrolment(*held, *signing_request, machine_id_hash_);
  if (!request.ok()) return fail(request.status());
  is_asking_ = true;
  reenrolment_->ask(*request, done);
}

void Renewal::take_answer(const absl::StatusOr<v1::RenewResponse>& answer) {
  failpoint::pass("renewal.answered", config_.identity.certificate);
  const absl::Status adopted = answer.ok() ? adopt(*answer) : answer.status();
  is_asking_ = false;
  if (!adopted.ok()) return fail(adopted);
  is_wanted_early_ = false;
  error_.clear();
  // Until a report is content with it; so a collector that always wants another waits.
  retry_.put_off(random_());
  log_info("the certificate was renewed", {{"generation", certificate_->generation},
                                           {"until", to_iso8601(certificate_->not_after)}});
  wait();
  hooks_.renewed();
  hooks_.changed();
}

absl::Status Renewal::adopt(const v1::RenewResponse& answer) {
  const std::string& path = config_.identity.certificate;
  // An operator has enrolled this host meanwhile: that counts.
  if (!certificate_ || file_.read(path) != certificate_) {
    return absl::AbortedError("the identity was replaced while another certificate was asked for");
  }
  if (absl::Status fit = check_trust_bundle(answer.ca_certificates(), collector_time());
      !fit.ok()) {
    return fit;
  }
  if (absl::Status fit = check_identity(asked_key_, answer.certificate(), answer.ca_certificates());
      !fit.ok()) {
    return fit;
  }
  const absl::StatusOr<HostCertificate> next = check_successor(answer.certificate(), *certificate_);
  if (!next.ok()) return next.status();
  if (absl::Status fit = check_end(*next); !fit.ok()) return fit;
  if (absl::Status kept = keep_roots(answer.ca_certificates()); !kept.ok()) return kept;
  remove_temporary_files(path);
  const std::string content = asked_key_ + answer.certificate();
  if (absl::Status written = write_file_atomically(path, content, 0600); !written.ok()) {
    return written;
  }
  failpoint::pass("renewal.certificate_written", path);
  // One that stays is replaced, because it is in use.
  const std::string pending = pending_path(path);
  if (!failpoint::fails("renewal.remove_pending", pending)) ::unlink(pending.c_str());
  take_certificate();
  return absl::OkStatus();
}

absl::Status Renewal::check_end(const HostCertificate& next) {
  if (next.not_after > collector_time()) return absl::OkStatus();
  if (collector_clock_ || !has_expired()) {
    return absl::InvalidArgumentError(
        fmt::format("the new certificate has expired already, on {}", to_iso8601(next.not_after)));
  }
  // By our clock all have, the old and the new, which was made just now by the collector's: so ours
  // is ahead.
  collector_clock_ = {next.issued_at, clock_.uptime()};
  return absl::OkStatus();
}

absl::Status Renewal::keep_roots(const std::string& pem) {
  const std::string& path = config_.identity.ca;
  if (roots_.sha256_of(path) == sha256(pem)) return absl::OkStatus();
  remove_temporary_files(path);
  if (absl::Status written = write_file_atomically(path, pem, 0644); !written.ok()) return written;
  failpoint::pass("renewal.bundle_written", path);
  log_info("the CA certificates to trust are others now", {{"file", path}});
  return absl::OkStatus();
}

void Renewal::fail(const absl::Status& error) {
  retry_.put_off(random_());
  const std::string text = explain(error);
  // One that tells how long it has been so is the same each time, here and in what is reported.
  const bool is_known = differs_in_numbers_only(text, error_);
  log(is_known ? LogLevel::kDebug : LogLevel::kWarning,
      "the certificate could not be renewed, trying again",
      {{"error", text},
       {"in", fmt::format("{:.1f}s", std::chrono::duration<double>(retry_.delay()).count())}});
  if (!is_known) error_ = text;
  wait();
  if (!is_known) hooks_.changed();
}

std::string Renewal::explain(const absl::Status& error) const {
  if (!has_expired()) return std::string(text_of(error));
  const std::string expired =
      fmt::format("this host's certificate expired on {}", to_iso8601(certificate_->not_after));
  if (!is_refusal(error)) {
    return fmt::format("{}; asking for another: {}", expired, text_of(error));
  }
  const absl::StatusOr<std::string> roots = read_file(config_.identity.ca, kTrustBundleLimit);
  return fmt::format("{}, and {}: {}", expired, text_of(error),
                     way_by_token(config_, host_, roots.value_or(std::string())));
}

absl::Status Renewal::prepare(v1::SyncRequest& request) {
  if (!config_.identity.renewed_by_agent) return absl::OkStatus();
  if (has_expired()) {
    return absl::FailedPreconditionError(
        fmt::format("this host's certificate expired on {}: nothing is reported before there is "
                    "another",
                    to_iso8601(certificate_->not_after)));
  }
  request.set_trust_bundle_sha256(roots_.sha256_of(config_.identity.ca));
  return absl::OkStatus();
}

void Renewal::take_report(const absl::StatusOr<v1::SyncResponse>& response) {
  if (!config_.identity.renewed_by_agent) return;
  if (!response.ok()) {
    report_was_refused_ = is_refusal(response.status());
    // A machine that was stopped from outside does not know for how long. What has ended by its
    // own clock then goes by HTTPS.
    if (!report_was_refused_) collector_clock_.reset();
    is_wanted_early_ = is_wanted_early_ || is_superseded(response.status());
    return look();
  }
  host_ = response->host();
  if (is_plausible(response->server_time())) {
    collector_clock_ = {from_proto(response->server_time()), clock_.uptime()};
  }
  is_wanted_early_ = response->renew_certificate();
  const bool is_content = error_.empty() && !is_due();
  // A host that was released need not wait for what its quarantine has added up to.
  if (!is_asking_ && (is_content || report_was_refused_)) retry_.settle();
  report_was_refused_ = false;
  ask_for_roots(response->trust_bundle_sha256());
  look();
}

void Renewal::ask_for_roots(const std::string& wanted) {
  if (wanted.size() != kDigestSize || is_asking_for_roots_) return;
  if (wanted == roots_.sha256_of(config_.identity.ca)) {
    roots_retry_.settle();
    roots_error_.clear();
    return;
  }
  if (!roots_retry_.is_due()) return;
  roots_retry_.put_off(random_());
  is_asking_for_roots_ = true;
  transport_->get_trust_bundle([this](const absl::StatusOr<v1::GetTrustBundleResponse>& answer) {
    is_asking_for_roots_ = false;
    absl::Status kept = answer.status();
    if (kept.ok()) kept = check_trust_bundle(answer->ca_certificates(), collector_time());
    if (kept.ok()) kept = keep_roots(answer->ca_certificates());
    const std::string text(text_of(kept));
    if (!kept.ok() && text != roots_error_) {
      log_warning("the new CA certificates could not be taken, trying again", {{"error", text}});
    }
    roots_error_ = text;
  });
}

void Renewal::describe(v1::AgentStatus& status) const {
  status.set_renewed_by_others(!config_.identity.renewed_by_agent);
  status.set_renewal_error(error());
  if (!certificate_) return;
  status.set_certificate_generation(certificate_->generation);
  *status.mutable_certificate_not_after() = to_proto(certificate_->not_after);
  if (config_.identity.renewed_by_agent) *status.mutable_renewal_at() = to_proto(renewal_at_);
}

}  // namespace muster::agent
