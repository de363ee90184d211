#include "agent/identity/renewal_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "agent/identity/identity.h"
#include "agent/identity/trust_bundle.h"
#include "agent/output/status_text.h"
#include "common/superseded.h"
#include "common/text.h"

namespace muster::agent {
namespace {

constexpr size_t kCertificateLimit = 64 << 10;
constexpr size_t kHostNameLimit = 255;
constexpr int64_t kYear2000 = 946'684'800;
constexpr int64_t kYear2200 = 7'258'118'400;

// As collectors give them; nothing that a shell would understand.
bool is_host_name(std::string_view name) {
  return !name.empty() && name.size() <= kHostNameLimit && name.front() != '-' &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '.' || c == '-' ||
                  c == '_';
         });
}

}  // namespace

absl::StatusOr<HostCertificate> check_successor(const std::string& pem,
                                                const HostCertificate& current) {
  if (pem.size() > kCertificateLimit) {
    return absl::InvalidArgumentError(fmt::format("the new certificate has {} bytes, more than {}",
                                                  pem.size(), kCertificateLimit));
  }
  absl::StatusOr<HostCertificate> next = parse_host_certificate(pem);
  if (!next.ok()) return next;
  if (next->host_uri != current.host_uri) {
    return absl::InvalidArgumentError(
        fmt::format("the new certificate is for '{}', not for this host, '{}'",
                    printable(next->host_uri, 256), printable(current.host_uri, 256)));
  }
  if (next->generation < current.generation) {
    return absl::InvalidArgumentError(
        fmt::format("the new certificate is of generation {}, older than the one in use, {}",
                    next->generation, current.generation));
  }
  if (next->not_after <= next->issued_at) {
    return absl::InvalidArgumentError("the new certificate ends before it begins");
  }
  return next;
}

absl::StatusOr<v1::ReenrolRequest> make_reenrolment(const std::string& identity,
                                                    const std::string& signing_request,
                                                    const std::string& machine_id_hash) {
  const absl::StatusOr<std::string> certificate = certificate_of(identity);
  if (!certificate.ok()) return certificate.status();
  const absl::StatusOr<std::string> signature = sign(identity, signing_request);
  if (!signature.ok()) return signature.status();
  v1::ReenrolRequest request;
  request.set_certificate_signing_request(signing_request);
  request.set_machine_id_hash(machine_id_hash);
  request.set_certificate(*certificate);
  request.set_signature(*signature);
  return request;
}

bool is_superseded(const absl::Status& status) {
  return absl::IsPermissionDenied(status) &&
         text_of(status).find(kSupersededWords) != std::string_view::npos;
}

bool differs_in_numbers_only(std::string_view left, std::string_view right) {
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  const auto skip_number = [&is_digit](std::string_view& text) {
    const size_t size = text.size();
    while (!text.empty() && is_digit(text.front()))
      text.remove_prefix(1);
    return text.size() < size;
  };
  while (!left.empty() && !right.empty()) {
    const bool left_is_number = skip_number(left);
    if (left_is_number != skip_number(right)) return false;
    if (left_is_number) continue;
    if (left.front() != right.front()) return false;
    left.remove_prefix(1);
    right.remove_prefix(1);
  }
  return left.empty() && right.empty();
}

bool is_plausible(const google::protobuf::Timestamp& time) {
  return time.seconds() >= kYear2000 && time.seconds() < kYear2200;
}

std::string way_by_token(const Config& config, std::string_view host, const std::string& roots) {
  const std::string pin = first_fingerprint(roots);
  return fmt::format(
      "get a token with `muster-collector token create --host {}` at the collector, then here "
      "`muster-agent enroll --force --collector https://{} --token-file - --ca-sha256 {}{}`",
      is_host_name(host) ? host : "NAME",
      config.enrolment.host.empty() ? "COLLECTOR:8443" : config.enrolment.text(),
      pin.empty() ? "FINGERPRINT" : pin,
      config.state_directory == kDefaultStateDirectory
          ? std::string()
          : fmt::format(" --state-directory {}", config.state_directory));
}

}  // namespace muster::agent
