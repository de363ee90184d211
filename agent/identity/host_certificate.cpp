#include "agent/identity/host_certificate.h"

#include <fmt/format.h>
#include <openssl/asn1.h>
#include <openssl/obj_mac.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <array>
#include <charconv>
#include <ctime>
#include <memory>
#include <string_view>

#include "agent/launcher/input_fingerprint.h"
#include "common/files.h"
#include "common/openssl.h"

namespace muster::agent {
namespace {

constexpr size_t kPemLimit = 1 << 20;
constexpr Duration kStartsEarly = std::chrono::hours(24);

using GeneralNamesPtr = std::unique_ptr<GENERAL_NAMES, OpensslDeleter<GENERAL_NAMES_free>>;

std::string_view text_of(const ASN1_STRING* string) {
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(string)),
          static_cast<size_t>(ASN1_STRING_length(string))};
}

std::string host_uri_of(const X509* certificate) {
  const GeneralNamesPtr names(static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
  std::string found;
  for (int i = 0; i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type != GEN_URI) continue;
    if (!found.empty()) return {};
    found = text_of(name->d.uniformResourceIdentifier);
  }
  return found;
}

uint64_t generation_of(const X509* certificate) {
  const X509_NAME* subject = X509_get_subject_name(certificate);
  const int index = X509_NAME_get_index_by_NID(subject, NID_generationQualifier, -1);
  if (index < 0) return 0;
  const std::string_view digits =
      text_of(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, index)));
  uint64_t generation = 0;
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), generation);
  return error == std::errc() && end == digits.data() + digits.size() ? generation : 0;
}

std::optional<TimePoint> time_of(const ASN1_TIME* time) {
  std::tm civil{};
  if (ASN1_TIME_to_tm(time, &civil) != 1) return std::nullopt;
  return TimePoint(std::chrono::seconds(::timegm(&civil)));
}

}  // namespace

absl::StatusOr<HostCertificate> parse_host_certificate(const std::string& pem) {
  const BioPtr bio = memory_bio(pem);
  const X509Ptr certificate(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
  if (certificate == nullptr) return openssl_error("reading the certificate");
  const std::optional<TimePoint> begin = time_of(X509_get0_notBefore(certificate.get()));
  const std::optional<TimePoint> end = time_of(X509_get0_notAfter(certificate.get()));
  if (!begin || !end) return openssl_error("reading the certificate's times");
  HostCertificate result;
  result.host_uri = host_uri_of(certificate.get());
  result.generation = generation_of(certificate.get());
  result.issued_at = *end - *begin < kStartsEarly ? *begin : *begin + kStartsEarly;
  result.not_after = *end;
  return result;
}

TimePoint renewal_time(const HostCertificate& certificate, double random) {
  const auto life = static_cast<double>((certificate.not_after - certificate.issued_at).count());
  return certificate.issued_at + Duration(static_cast<Duration::rep>(life * (0.45 + 0.1 * random)));
}

const std::optional<HostCertificate>& HostCertificateFile::read(const std::string& path) {
  const std::array<ProbeInput, 1> file{{{path}}};
  // Before it is read, so that a change meanwhile shows the next time.
  const std::string fingerprint = input_fingerprint("", file).value_or("");
  if (certificate_ && path == path_ && !fingerprint.empty() && fingerprint == fingerprint_) {
    return certificate_;
  }
  path_ = path;
  fingerprint_ = fingerprint;
  certificate_.reset();
  const absl::StatusOr<std::string> pem = read_file(path, kPemLimit);
  if (!pem.ok()) {
    error_ = pem.status();
    return certificate_;
  }
  absl::StatusOr<HostCertificate> certificate = parse_host_certificate(*pem);
  error_ = certificate.ok() ? absl::OkStatus()
                            : absl::DataLossError(fmt::format("{} holds no certificate", path));
  if (certificate.ok()) certificate_ = *std::move(certificate);
  return certificate_;
}

}  // namespace muster::agent
