#include "agent/probes/certificates/private_key.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>

#include "agent/probes/certificates/content_kind.h"
#include "agent/probes/certificates/encryption_rounds.h"
#include "agent/probes/certificates/legacy_ciphers.h"
#include "agent/probes/certificates/pem_blocks.h"
#include "agent/probes/certificates/problem_list.h"
#include "agent/probes/certificates/public_key.h"
#include "common/openssl.h"

namespace muster {
namespace {

using Pkcs8Ptr = std::unique_ptr<PKCS8_PRIV_KEY_INFO, OpensslDeleter<PKCS8_PRIV_KEY_INFO_free>>;
using EncryptedPtr = std::unique_ptr<X509_SIG, OpensslDeleter<X509_SIG_free>>;

v1::KeyFile unreadable(std::string_view doing) {
  v1::KeyFile key;
  key.set_error(reason_text(openssl_error(doing)));
  return key;
}

v1::KeyFile locked(std::string_view error) {
  v1::KeyFile key;
  key.set_encrypted(true);
  key.set_error(std::string(error));
  return key;
}

v1::KeyFile facts_of(const EVP_PKEY* key) {
  if (key == nullptr) return unreadable("it cannot be decoded");
  PublicKeyFacts facts = public_key_facts(key);
  v1::KeyFile out;
  out.set_key_type(std::move(facts.type));
  out.set_key_bits(facts.bits);
  if (facts.sha256.empty()) out.set_error("its public half cannot be told");
  out.set_public_key_sha256(std::move(facts.sha256));
  return out;
}

// Those whose public half takes no long computation, whatever numbers they hold: DSA's and
// Diffie-Hellman's would be a power of any size.
bool is_known_type(const PKCS8_PRIV_KEY_INFO* key) {
  const ASN1_OBJECT* type = nullptr;
  if (PKCS8_pkey_get0(&type, nullptr, nullptr, nullptr, key) != 1) return false;
  switch (OBJ_obj2nid(type)) {
    case NID_rsaEncryption:
    case NID_rsassaPss:
    case NID_X9_62_id_ecPublicKey:
    case NID_ED25519:
    case NID_ED448:
      return true;
    default:
      return false;
  }
}

// Of the label of a key in a form older than PKCS #8.
bool is_known_label(std::string_view label) {
  return label == PEM_STRING_RSA || label == PEM_STRING_ECPRIVATEKEY;
}

constexpr std::string_view kUnknownType =
    "its type is not one that certificates of servers have: it was not read";

int give_password(char* buffer, int size, int /*for_writing*/, void* password) {
  const auto& text = *static_cast<const std::string_view*>(password);
  if (size < 0 || text.size() > static_cast<size_t>(size)) return -1;
  std::copy(text.begin(), text.end(), buffer);
  return static_cast<int>(text.size());
}

int give_none(char* /*buffer*/, int /*size*/, int /*for_writing*/, void* /*unused*/) {
  return -1;
}

// "Proc-Type: 4,ENCRYPTED" of RFC 1421: one round of MD5, so nothing to count.
v1::KeyFile read_old_form(const PemBlock& block, const Unlocking& unlocking) {
  if (block.text.find("ENCRYPTED") == std::string_view::npos) {
    const BioPtr text = memory_bio(block.text);
    return facts_of(
        EvpPkeyPtr(PEM_read_bio_PrivateKey(text.get(), nullptr, &give_none, nullptr)).get());
  }
  for (std::string_view password : unlocking.passwords) {
    const BioPtr text = memory_bio(block.text);
    const EvpPkeyPtr key(PEM_read_bio_PrivateKey(text.get(), nullptr, &give_password, &password));
    if (key != nullptr) return facts_of(key.get());
  }
  ERR_clear_error();
  return locked(unlocking.passwords.empty() ? "" : kWrongPassword);
}

v1::KeyFile read_block(const PemBlock& block, Unlocking& unlocking) {
  if (block.text.find("-----END ") == std::string_view::npos) {
    v1::KeyFile cut;
    cut.set_error("its END line is missing, it seems to be cut off");
    return cut;
  }
  const BioPtr text = memory_bio(block.text);
  if (block.label == PEM_STRING_PKCS8INF) {
    const Pkcs8Ptr key(PEM_read_bio_PKCS8_PRIV_KEY_INFO(text.get(), nullptr, &give_none, nullptr));
    return key == nullptr ? unreadable("it cannot be decoded") : describe_key(key.get());
  }
  if (block.label == PEM_STRING_PKCS8) {
    const EncryptedPtr key(PEM_read_bio_PKCS8(text.get(), nullptr, &give_none, nullptr));
    return key == nullptr ? unreadable("it cannot be decoded") : describe_key(key.get(), unlocking);
  }
  if (is_known_label(block.label)) return read_old_form(block, unlocking);
  v1::KeyFile other;
  other.set_error(std::string(kUnknownType));
  return other;
}

// SEQUENCE { INTEGER, OCTET STRING … }: EC's own form (RFC 5915); RSA's has a second INTEGER.
v1::KeyFile read_old_der(std::string_view der) {
  for (const int type : {EVP_PKEY_RSA, EVP_PKEY_EC}) {
    const auto* cursor = reinterpret_cast<const unsigned char*>(der.data());
    const EvpPkeyPtr key(d2i_PrivateKey(type, nullptr, &cursor, static_cast<long>(der.size())));
    if (key != nullptr) return facts_of(key.get());
  }
  return unreadable("it cannot be decoded");
}

}  // namespace

v1::KeyFile describe_key(const PKCS8_PRIV_KEY_INFO* key) {
  if (key == nullptr) return unreadable("it cannot be decoded");
  if (!is_known_type(key)) {
    v1::KeyFile other;
    other.set_error(std::string(kUnknownType));
    return other;
  }
  return facts_of(EvpPkeyPtr(EVP_PKCS82PKEY(key)).get());
}

v1::KeyFile describe_key(const X509_SIG* encrypted, Unlocking& unlocking) {
  if (encrypted == nullptr) return unreadable("it cannot be decoded");
  if (unlocking.passwords.empty()) return locked("");
  const X509_ALGOR* algorithm = nullptr;
  X509_SIG_get0(encrypted, &algorithm, nullptr);
  const std::optional<uint64_t> rounds = encryption_rounds(algorithm);
  need_ciphers_of(algorithm);
  for (const std::string_view password : unlocking.passwords) {
    if (!rounds.has_value() || !unlocking.take(*rounds)) return locked(kTooMuchWork);
    const Pkcs8Ptr key(
        PKCS8_decrypt(encrypted, password.data(), static_cast<int>(password.size())));
    if (key != nullptr) return describe_key(key.get());
  }
  ERR_clear_error();
  return locked(kWrongPassword);
}

v1::KeyFile read_pem_key(std::string_view text, Unlocking& unlocking) {
  ERR_clear_error();
  for (const PemBlock& block : find_pem_blocks(text)) {
    if (is_private_key_label(block.label)) return read_block(block, unlocking);
  }
  v1::KeyFile none;
  none.set_error("it holds no private key");
  return none;
}

v1::KeyFile read_der_key(std::string_view der, Unlocking& unlocking) {
  ERR_clear_error();
  const auto* cursor = reinterpret_cast<const unsigned char*>(der.data());
  const auto size = static_cast<long>(der.size());
  if (const Pkcs8Ptr key(d2i_PKCS8_PRIV_KEY_INFO(nullptr, &cursor, size)); key != nullptr) {
    return describe_key(key.get());
  }
  cursor = reinterpret_cast<const unsigned char*>(der.data());
  if (const EncryptedPtr key(d2i_X509_SIG(nullptr, &cursor, size)); key != nullptr) {
    return describe_key(key.get(), unlocking);
  }
  ERR_clear_error();
  return read_old_der(der);
}

}  // namespace muster
