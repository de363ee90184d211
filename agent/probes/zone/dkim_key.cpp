#include "agent/probes/zone/dkim_key.h"

#include <absl/strings/ascii.h>
#include <absl/strings/escaping.h>
#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <memory>
#include <optional>

#include "agent/probes/zone/tag_list.h"
#include "common/text.h"

namespace muster::zone {
namespace {

constexpr size_t kEd25519Size = 32;
constexpr size_t kLongestType = 32;

struct FreeKey {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
using Key = std::unique_ptr<EVP_PKEY, FreeKey>;

v1::DkimKey invalid(v1::DkimKey key, std::string_view detail) {
  key.set_state(v1::RECORD_STATE_INVALID);
  key.set_detail(std::string(detail));
  return key;
}

std::optional<std::string> decoded(std::string written) {
  std::erase_if(written, [](char c) { return absl::ascii_isspace(static_cast<unsigned char>(c)); });
  std::string bytes;
  if (!absl::Base64Unescape(written, &bytes)) return std::nullopt;
  return bytes;
}

// Records have a SubjectPublicKeyInfo, and some the RSAPublicKey that RFC 6376 writes of.
Key read_rsa(const std::string& bytes) {
  const auto size = static_cast<long>(bytes.size());
  const auto* at = reinterpret_cast<const unsigned char*>(bytes.data());
  Key key(d2i_PUBKEY(nullptr, &at, size));
  if (key == nullptr) {
    at = reinterpret_cast<const unsigned char*>(bytes.data());
    key.reset(d2i_PublicKey(EVP_PKEY_RSA, nullptr, &at, size));
  }
  if (key != nullptr && EVP_PKEY_get_base_id(key.get()) != EVP_PKEY_RSA) key.reset();
  return key;
}

}  // namespace

v1::DkimKey parse_dkim_key(std::string_view text) {
  v1::DkimKey key;
  const std::optional<TagList> tags = parse_tag_list(text);
  if (!tags) return invalid(key, "it is no list of tags");
  const std::string* version = find_tag(*tags, "v");
  if (version != nullptr && (*version != "DKIM1" || tags->front().first != "v"))
    return invalid(key, "it is of another version than DKIM1");
  const std::string* type = find_tag(*tags, "k");
  key.set_key_type(type == nullptr ? "rsa" : printable(absl::AsciiStrToLower(*type), kLongestType));
  const std::string* data = find_tag(*tags, "p");
  if (data == nullptr) return invalid(key, "it has no key (p=)");
  if (data->empty()) return invalid(key, "the key was revoked (its p= is empty)");
  const std::optional<std::string> bytes = decoded(*data);
  if (!bytes) return invalid(key, "its key is no Base64");
  if (key.key_type() == "rsa") {
    const Key rsa = read_rsa(*bytes);
    if (rsa == nullptr) return invalid(key, "its key is none of RSA");
    key.set_key_bits(static_cast<uint32_t>(EVP_PKEY_get_bits(rsa.get())));
  } else if (key.key_type() != "ed25519") {
    return invalid(key, "its kind of key is not known");
  } else if (bytes->size() != kEd25519Size) {
    return invalid(key, "its key is none of Ed25519");
  }
  key.set_state(v1::RECORD_STATE_PRESENT);
  return key;
}

}  // namespace muster::zone
