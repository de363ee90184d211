#include "collector/http/bcrypt.h"

#include <crypt.h>
#include <openssl/crypto.h>

#include <algorithm>
#include <cstring>
#include <memory>

namespace muster::collector::http {
namespace {

// "$2y$", two digits, "$", 22 characters of salt and 31 of hash.
constexpr size_t kHashSize = 60;
constexpr int kLeastCost = 4;
constexpr int kMostCost = 14;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_bcrypt_character(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' || c == '/';
}

}  // namespace

absl::Status check_bcrypt_hash(std::string_view hash) {
  const bool prefixed =
      hash.starts_with("$2y$") || hash.starts_with("$2b$") || hash.starts_with("$2a$");
  if (!prefixed || hash.size() != kHashSize || !is_digit(hash[4]) || !is_digit(hash[5]) ||
      hash[6] != '$' || !std::all_of(hash.begin() + 7, hash.end(), is_bcrypt_character)) {
    return absl::InvalidArgumentError(
        "is not a bcrypt hash; make one with `htpasswd -nBC 10 \"\" | tr -d ':\\n'`");
  }
  const int cost = (hash[4] - '0') * 10 + (hash[5] - '0');
  if (cost < kLeastCost || cost > kMostCost) {
    return absl::InvalidArgumentError("has a bcrypt cost outside 4 to 14; 10 is usual");
  }
  return absl::OkStatus();
}

bool matches_bcrypt(const std::string& password, const std::string& hash) {
  if (password.find('\0') != std::string::npos) return false;
  // 32 KiB: too much for a thread's stack to be sure of.
  const auto data = std::make_unique<crypt_data>();
  const char* result = ::crypt_r(password.c_str(), hash.c_str(), data.get());
  return result != nullptr && std::strlen(result) == hash.size() &&
         CRYPTO_memcmp(result, hash.data(), hash.size()) == 0;
}

}  // namespace muster::collector::http
