#include "agent/probes/certificates/public_key.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/x509.h>

#include <algorithm>
#include <string_view>

#include "common/digest.h"
#include "common/openssl.h"
#include "common/text.h"

namespace muster {
namespace {

std::string encoding_of(const EVP_PKEY* key) {
  unsigned char* der = nullptr;
  const int size = i2d_PUBKEY(key, &der);
  if (size <= 0) return {};
  std::string encoding(reinterpret_cast<const char*>(der), static_cast<size_t>(size));
  OPENSSL_free(der);
  return encoding;
}

// OpenSSL writes a point as it was read. A copy, since who gave the key may still use it.
std::string uncompressed_encoding_of(EVP_PKEY* key) {
  const EvpPkeyPtr copy(EVP_PKEY_dup(key));
  if (copy == nullptr ||
      EVP_PKEY_set_utf8_string_param(copy.get(), OSSL_PKEY_PARAM_EC_POINT_CONVERSION_FORMAT,
                                     "uncompressed") != 1) {
    return encoding_of(key);
  }
  return encoding_of(copy.get());
}

}  // namespace

PublicKeyFacts public_key_facts(const EVP_PKEY* key) {
  PublicKeyFacts facts;
  const char* type = EVP_PKEY_get0_type_name(key);
  if (type != nullptr) facts.type = type;
  facts.bits = static_cast<uint32_t>(std::max(0, EVP_PKEY_get_bits(key)));
  // OpenSSL 3.0 declares neither as const, and changes nothing that can be seen.
  auto* mutable_key = const_cast<EVP_PKEY*>(key);
  const std::string encoding =
      facts.type == "EC" ? uncompressed_encoding_of(mutable_key) : encoding_of(key);
  if (!encoding.empty()) facts.sha256 = to_hex(sha256(encoding));
  ERR_clear_error();
  return facts;
}

}  // namespace muster
