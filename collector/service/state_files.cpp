#include "collector/service/state_files.h"

#include <fmt/format.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <ctime>

#include "common/files.h"

namespace muster::collector {
namespace {

constexpr size_t kFileLimit = 1 << 20;
constexpr Duration kServerLifetime = std::chrono::days(365);
constexpr Duration kReissueBefore = std::chrono::days(30);

X509Ptr parse_certificate(const std::string& pem) {
  const BioPtr bio = memory_bio(pem);
  return X509Ptr(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
}

bool has_name(X509* certificate, const std::string& name) {
  return X509_check_ip_asc(certificate, name.c_str(), 0) == 1 ||
         X509_check_host(certificate, name.c_str(), name.size(), 0, nullptr) == 1;
}

std::optional<TimePoint> end_of(const X509* certificate) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &parts) != 1) return std::nullopt;
  return TimePoint(std::chrono::seconds(::timegm(&parts)));
}

bool key_fits(X509* certificate, const std::string& key_pem) {
  const BioPtr bio = memory_bio(key_pem);
  char no_passphrase[] = "";
  const EvpPkeyPtr key(PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, no_passphrase));
  return key != nullptr && X509_check_private_key(certificate, key.get()) == 1;
}

}  // namespace

StateFiles::StateFiles(const std::string& state_directory)
    : directory(state_directory),
      ca_certificate(directory + "/ca.pem"),
      ca_key(directory + "/ca.key"),
      ca_active(directory + "/ca.active"),
      server_certificate(directory + "/server.pem"),
      server_key(directory + "/server.key"),
      store(directory + "/store.db"),
      revocations(directory + "/revocations"),
      administration_socket(directory + "/admin.sock") {}

std::string StateFiles::ca_key_of(const std::string& ca_sha256) const {
  constexpr size_t kDigits = 16;
  return fmt::format("{}/ca-{}.key", directory, ca_sha256.substr(0, kDigits));
}

void remove_temporary_files(const StateFiles& files) {
  for (const std::string& file :
       {files.ca_certificate, files.ca_key, files.server_certificate, files.server_key}) {
    muster::remove_temporary_files(file);
  }
}

bool is_key_pair(const KeyPair& pair) {
  const X509Ptr certificate = parse_certificate(pair.certificate);
  return certificate != nullptr && key_fits(certificate.get(), pair.key);
}

std::optional<TimePoint> usable_until(const KeyPair& pair, const CertificateAuthority& authority,
                                      const std::vector<std::string>& names, TimePoint now) {
  const X509Ptr certificate = parse_certificate(pair.certificate);
  const X509Ptr issuer = parse_certificate(authority.certificate_pem());
  if (certificate == nullptr || issuer == nullptr || !key_fits(certificate.get(), pair.key)) {
    return std::nullopt;
  }
  if (X509_verify(certificate.get(), X509_get0_pubkey(issuer.get())) != 1) return std::nullopt;
  const bool has_names = std::all_of(names.begin(), names.end(), [&certificate](const auto& name) {
    return has_name(certificate.get(), name);
  });
  const std::optional<TimePoint> end = end_of(certificate.get());
  if (!has_names || !end || *end - now < kReissueBefore) return std::nullopt;
  return end;
}

absl::StatusOr<ServerCertificate> ensure_server_certificate(const StateFiles& files,
                                                            const CertificateAuthority& authority,
                                                            const std::vector<std::string>& names,
                                                            TimePoint now) {
  ServerCertificate result;
  const X509Ptr issuer = parse_certificate(authority.certificate_pem());
  if (issuer != nullptr) result.authority_not_after = end_of(issuer.get()).value_or(TimePoint());
  const absl::StatusOr<std::string> certificate = read_file(files.server_certificate, kFileLimit);
  const absl::StatusOr<std::string> key = read_file(files.server_key, kFileLimit);
  if (certificate.ok() && key.ok()) {
    result.pair = {.certificate = *certificate, .key = *key};
    const std::optional<TimePoint> end = usable_until(result.pair, authority, names, now);
    if (end) {
      result.not_after = *end;
      return result;
    }
  }
  absl::StatusOr<KeyPair> pair = authority.issue_server(names, now, kServerLifetime);
  if (!pair.ok()) return pair.status();
  result.pair = {.certificate = pair->certificate + authority.certificate_pem(), .key = pair->key};
  result.not_after = now + kServerLifetime;
  result.reissued = true;
  // The key first: whoever watches these files (gRPC does) takes them together when both fit.
  absl::Status status = write_file_atomically(files.server_key, result.pair.key, 0600);
  if (status.ok()) {
    status = write_file_atomically(files.server_certificate, result.pair.certificate, 0644);
  }
  if (!status.ok()) return status;
  return result;
}

}  // namespace muster::collector
