#include "collector/identity/signing_request.h"

#include <fmt/format.h>
#include <openssl/pem.h>

#include <array>
#include <string>

namespace muster::collector {
namespace {

constexpr size_t kRequestLimit = 16 * 1024;
constexpr int kLeastRsaBits = 2048;
// Verifying costs grow with the size, and this is before any token was checked.
constexpr int kMostRsaBits = 8192;

bool is_accepted(const EVP_PKEY* key) {
  switch (EVP_PKEY_get_base_id(key)) {
    case EVP_PKEY_ED25519:
      return true;
    case EVP_PKEY_RSA:
      return EVP_PKEY_get_bits(key) >= kLeastRsaBits && EVP_PKEY_get_bits(key) <= kMostRsaBits;
    case EVP_PKEY_EC: {
      std::array<char, 64> group{};
      if (EVP_PKEY_get_group_name(key, group.data(), group.size(), nullptr) != 1) return false;
      const std::string_view name(group.data());
      return name == "prime256v1" || name == "P-256" || name == "secp384r1" || name == "P-384";
    }
    default:
      return false;
  }
}

}  // namespace

absl::StatusOr<EvpPkeyPtr> read_signing_request(std::string_view pem) {
  if (pem.size() > kRequestLimit) {
    return absl::InvalidArgumentError(
        fmt::format("the certificate signing request is larger than {} bytes", kRequestLimit));
  }
  const BioPtr bio = memory_bio(pem);
  char no_passphrase[] = "";
  const X509ReqPtr request(PEM_read_bio_X509_REQ(bio.get(), nullptr, nullptr, no_passphrase));
  if (request == nullptr) return openssl_error("reading the certificate signing request");
  EvpPkeyPtr key(X509_REQ_get_pubkey(request.get()));
  if (key == nullptr) return openssl_error("reading the key of the certificate signing request");
  if (!is_accepted(key.get())) {
    return absl::InvalidArgumentError(
        "the key of the certificate signing request must be EC P-256 or P-384, Ed25519, or RSA of "
        "2048 to 8192 bits");
  }
  if (X509_REQ_verify(request.get(), key.get()) != 1) {
    return openssl_error("checking the signature of the certificate signing request");
  }
  return key;
}

}  // namespace muster::collector
