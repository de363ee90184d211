// Any bytes to what reads a host's identity: nobody becomes a host without its key, and a host id
// is always one. The first byte says which reader.
#include <openssl/pem.h>

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "collector/identity/certificate_authority.h"
#include "collector/identity/certificate_builder.h"
#include "collector/identity/certificate_generation.h"
#include "collector/identity/client_certificate.h"
#include "collector/identity/reenrolment_proof.h"
#include "collector/identity/signing_request.h"

namespace {

using namespace muster::collector;

constexpr muster::TimePoint kNow{std::chrono::seconds(1'800'000'000)};

void require(bool holds) {
  if (!holds) std::abort();
}

// A CA, and a host's certificate whose key nobody has.
struct Fleet {
  std::string ca;
  std::string certificate;
};

Fleet make_fleet() {
  const KeyPair pair = *CertificateAuthority::generate("muster.test", kNow);
  const CertificateAuthority authority = *CertificateAuthority::load(pair, "muster.test");
  const muster::EvpPkeyPtr key = *generate_key();
  const muster::X509ReqPtr request(X509_REQ_new());
  X509_REQ_set_pubkey(request.get(), key.get());
  X509_REQ_sign(request.get(), key.get(), EVP_sha256());
  const muster::BioPtr bio(BIO_new(BIO_s_mem()));
  PEM_write_bio_X509_REQ(bio.get(), request.get());
  return {.ca = pair.certificate,
          .certificate = *authority.issue_client(
              muster::bio_content(bio.get()), std::string(32, 'a'), 7, kNow, std::chrono::days(7))};
}

void check_host(const absl::StatusOr<ClientCertificate>& host) {
  if (!host.ok()) return;
  require(host->host_id.size() == 32 && host->identity.key_sha256.size() == 32);
  require(host->host_id.find_first_not_of("0123456789abcdef") == std::string::npos);
}

void check_proof(const muster::v1::ReenrolRequest& request) {
  static const Fleet fleet = make_fleet();
  muster::v1::ReenrolRequest asked = request;
  if (asked.certificate().empty()) asked.set_certificate(fleet.certificate);
  const auto host = check_reenrolment(
      asked,
      {.ca_certificates = fleet.ca, .trust_domain = "muster.test", .grace = std::chrono::days(30)},
      kNow);
  require(absl::IsInvalidArgument(host.status()) || absl::IsPermissionDenied(host.status()));
}

void read_certificate(std::string_view text) {
  const absl::StatusOr<muster::X509Ptr> certificate = parse_certificate(text);
  if (certificate.ok()) check_host(read_client_certificate(certificate->get(), "muster.test"));
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer gives the name.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  muster::v1::ReenrolRequest request;
  switch (data[0]) {
    case 'g':
      (void)generation_of_subject(text);
      break;
    case 'c':
      read_certificate(text);
      request.set_certificate(text.empty() ? "x" : std::string(text));
      check_proof(request);
      break;
    case 's':
      request.set_certificate_signing_request("any");
      request.set_signature(std::string(text));
      check_proof(request);
      break;
    case 'r':
      (void)read_signing_request(text);
      break;
    default:
      break;
  }
  return 0;
}
