#include "collector/enrolment.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <utility>

#include "collector/signing_request.h"
#include "collector/token_refusal.h"
#include "common/digest.h"
#include "common/failpoint.h"
#include "common/text.h"
#include "common/timestamp.h"

namespace muster::collector {
namespace {

constexpr size_t kHostNameLimit = 253;
constexpr size_t kTokenLimit = 128;
constexpr size_t kMachineIdHashLimit = 64;
// Hosts that wish for one name; more is a loop, not a fleet.
constexpr size_t kMostSuffix = 10'000;
constexpr uint32_t kLongestTokenLifetime = 30 * 24 * 3600;
constexpr uint32_t kMostTokenUses = 100'000;
constexpr int kMostLabels = 32;
constexpr size_t kLabelValueLimit = 1024;
// 160 bits: nobody guesses it.
constexpr size_t kTokenBytes = 20;
constexpr size_t kTokenIdDigits = 8;

// Letters, digits, '.', '-' and '_'; whatever else it has becomes '-'. Empty if nothing remains.
std::string sanitize_host_name(std::string_view wish) {
  std::string name;
  for (const char c : wish.substr(0, kHostNameLimit)) {
    const bool allowed =
        std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '.' || c == '-' || c == '_';
    name += allowed ? c : '-';
  }
  const size_t first = name.find_first_not_of("-.");
  if (first == std::string::npos) return {};
  return name.substr(first, name.find_last_not_of("-.") - first + 1);
}

bool is_label_name(std::string_view name) {
  if (name.empty() || name.size() > 64 || name.starts_with("__")) return false;
  if (std::isdigit(static_cast<unsigned char>(name.front())) != 0) return false;
  return std::all_of(name.begin(), name.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
  });
}

absl::Status check_token_request(const v1::CreateTokenRequest& request) {
  if (request.lifetime_seconds() < 1 || request.lifetime_seconds() > kLongestTokenLifetime) {
    return absl::InvalidArgumentError("a token lives from 1 second to 30 days");
  }
  if (request.uses() < 1 || request.uses() > kMostTokenUses) {
    return absl::InvalidArgumentError(fmt::format("a token has from 1 to {} uses", kMostTokenUses));
  }
  if (request.labels_size() > kMostLabels) {
    return absl::InvalidArgumentError(fmt::format("a token has at most {} labels", kMostLabels));
  }
  for (const auto& [name, value] : request.labels()) {
    if (!is_label_name(name)) {
      return absl::InvalidArgumentError(
          fmt::format("\"{}\" is not a label name: letters, digits and '_', not beginning with a "
                      "digit or two '_', at most 64",
                      printable(name, 100)));
    }
    if (value.size() > kLabelValueLimit || !is_valid_utf8(value)) {
      return absl::InvalidArgumentError(fmt::format(
          "the value of the label {} must be UTF-8 of at most {} bytes", name, kLabelValueLimit));
    }
  }
  return absl::OkStatus();
}

absl::Status check_enrol_request(const v1::EnrolRequest& request) {
  if (request.token().empty() || request.token().size() > kTokenLimit) {
    return refused_token(TokenRefusal::kUnknown,
                         "a join token is needed: `muster-collector token create`");
  }
  if (request.machine_id_hash().size() > kMachineIdHashLimit) {
    return absl::InvalidArgumentError(
        fmt::format("the machine id hash is longer than {} bytes", kMachineIdHashLimit));
  }
  if (request.hostname().size() > kHostNameLimit ||
      sanitize_host_name(request.hostname()).empty()) {
    return absl::InvalidArgumentError(fmt::format("\"{}\" is not a host name of at most {} bytes",
                                                  printable(request.hostname(), 100),
                                                  kHostNameLimit));
  }
  return read_signing_request(request.certificate_signing_request()).status();
}

v1::TokenSummary summarize(const TokenRecord& token) {
  v1::TokenSummary summary;
  summary.set_id(token.sha256.substr(0, kTokenIdDigits));
  *summary.mutable_created_at() = to_proto(token.created_at);
  *summary.mutable_expires_at() = to_proto(token.expires_at);
  summary.set_uses_left(token.uses_left);
  summary.mutable_labels()->insert(token.labels.begin(), token.labels.end());
  return summary;
}

// A stranger is told the same of every token that cannot be taken; the operator is told why.
absl::Status refusal_of(const absl::Status& status) {
  TokenRefusal why = TokenRefusal::kUnknown;
  if (absl::IsDeadlineExceeded(status)) {
    why = TokenRefusal::kExpired;
  } else if (absl::IsFailedPrecondition(status)) {
    why = TokenRefusal::kUsed;
  } else if (!absl::IsNotFound(status)) {
    return status;
  }
  return refused_token(
      why,
      "the join token is not valid: it is unknown, used up or expired. Make a new one at the "
      "collector: `muster-collector token create`");
}

}  // namespace

Enrolment::Enrolment(const Clock& clock, Store& store, Fleet& fleet, const Authorities& authorities,
                     std::vector<std::string> collectors, std::string enrol_url,
                     Duration certificate_lifetime)
    : clock_(clock),
      store_(store),
      fleet_(fleet),
      authorities_(authorities),
      collectors_(std::move(collectors)),
      enrol_url_(std::move(enrol_url)),
      certificate_lifetime_(certificate_lifetime) {}

void Enrolment::enrol(v1::EnrolRequest request, Done done) {
  // Before the token is taken: a mistake in the request must not cost a use.
  if (absl::Status status = check_enrol_request(request); !status.ok()) return done(status);
  const TimePoint now = clock_.now();
  const std::string digest = to_hex(sha256(request.token()));
  store_.take_token(digest, now,
                    [this, now, request = std::move(request),
                     done = std::move(done)](const absl::StatusOr<TokenRecord>& token) {
                      if (!token.ok()) return done(refusal_of(token.status()));
                      failpoint::pass("enrolment.token_taken");
                      absl::StatusOr<std::string> name = reserve_name(request.hostname());
                      if (!name.ok()) return done(name.status());
                      HostRecord host;
                      host.id = to_hex(random_bytes(16));
                      host.name = *std::move(name);
                      host.labels = token->labels;
                      host.machine_id_hash = repair_utf8(request.machine_id_hash());
                      host.enrolled_at = now;
                      add_host(host, request.certificate_signing_request(), done);
                    });
}

void Enrolment::add_host(const HostRecord& host, const std::string& signing_request, Done done) {
  store_.add_host(
      host, [this, host, signing_request, done = std::move(done)](const absl::Status& status) {
        if (!status.ok()) {
          release_name(host.name);
          return done(status);
        }
        fleet_.add_host(host);
        release_name(host.name);
        failpoint::pass("enrolment.host_added");
        const absl::StatusOr<v1::EnrolResponse> issued = issue(host, signing_request);
        failpoint::pass("enrolment.certificate_issued");
        done(issued);
      });
}

absl::StatusOr<v1::EnrolResponse> Enrolment::issue(const HostRecord& host,
                                                   const std::string& signing_request) const {
  absl::StatusOr<std::string> certificate = authorities_.signing()->issue_client(
      signing_request, host.id, 1, host.enrolled_at, certificate_lifetime_);
  if (!certificate.ok()) return certificate.status();
  v1::EnrolResponse response;
  response.set_host_id(host.id);
  response.set_host(host.name);
  response.set_certificate(*std::move(certificate));
  response.set_ca_certificates(authorities_.bundle()->pem);
  for (const std::string& collector : collectors_)
    response.add_collectors(collector);
  return response;
}

absl::StatusOr<std::string> Enrolment::reserve_name(const std::string& wish) {
  const std::string base = sanitize_host_name(wish);
  const std::lock_guard guard(mutex_);
  for (size_t number = 1; number <= kMostSuffix; ++number) {
    const std::string suffix = number == 1 ? "" : fmt::format("-{}", number);
    std::string name = base.substr(0, kHostNameLimit - suffix.size()) + suffix;
    if (reserved_names_.contains(name) || fleet_.id_of(name).has_value()) continue;
    reserved_names_.insert(name);
    return name;
  }
  return absl::ResourceExhaustedError(fmt::format(
      "{} hosts are called {} already: give this one a name of its own", kMostSuffix, base));
}

void Enrolment::release_name(const std::string& name) {
  const std::lock_guard guard(mutex_);
  reserved_names_.erase(name);
}

void Enrolment::create_token(const v1::CreateTokenRequest& request, TokenDone done) {
  if (absl::Status status = check_token_request(request); !status.ok()) return done(status);
  const std::string token = "muster-" + to_hex(random_bytes(kTokenBytes));
  TokenRecord record;
  record.sha256 = to_hex(sha256(token));
  record.created_at = clock_.now();
  record.expires_at = record.created_at + std::chrono::seconds(request.lifetime_seconds());
  record.uses_left = request.uses();
  record.labels.insert(request.labels().begin(), request.labels().end());

  v1::CreateTokenResponse response;
  response.set_token(token);
  *response.mutable_summary() = summarize(record);
  response.set_ca_sha256(authorities_.signing()->sha256());
  response.set_enrol_url(enrol_url_);
  store_.put_token(std::move(record), [response = std::move(response),
                                       done = std::move(done)](const absl::Status& status) {
    if (!status.ok()) return done(status);
    done(response);
  });
}

void Enrolment::list_tokens(TokensDone done) {
  store_.list_tokens([now = clock_.now(), done = std::move(done)](
                         const absl::StatusOr<std::vector<TokenRecord>>& tokens) {
    if (!tokens.ok()) return done(tokens.status());
    v1::TokenList list;
    for (const TokenRecord& token : *tokens) {
      if (token.uses_left > 0 && now < token.expires_at) *list.add_tokens() = summarize(token);
    }
    done(std::move(list));
  });
}

}  // namespace muster::collector
