#include "collector/http/known_passwords.h"

#include <openssl/crypto.h>

#include "common/digest.h"

namespace muster::collector::http {

KnownPasswords::KnownPasswords() : key_(random_bytes(32)) {}

std::string KnownPasswords::digest(const std::string& user, const std::string& password,
                                   const std::string& hash) const {
  return hmac_sha256(key_, sha256(user) + sha256(password) + sha256(hash));
}

bool KnownPasswords::knows(const std::string& user, const std::string& password,
                           const std::string& hash) const {
  // Before the look-up, so that an unknown user takes as long as a known one.
  const std::string asked = digest(user, password, hash);
  const std::lock_guard lock(mutex_);
  const auto known = digests_.find(user);
  return known != digests_.end() &&
         CRYPTO_memcmp(known->second.data(), asked.data(), asked.size()) == 0;
}

void KnownPasswords::remember(const std::string& user, const std::string& password,
                              const std::string& hash) {
  std::string right = digest(user, password, hash);
  const std::lock_guard lock(mutex_);
  digests_[user] = std::move(right);
}

size_t KnownPasswords::choose(const std::string& user, size_t count) const {
  const std::string bytes = hmac_sha256(key_, user);
  size_t number = 0;
  for (size_t i = 0; i < sizeof number; ++i)
    number = number << 8U | static_cast<unsigned char>(bytes[i]);
  return number % count;
}

}  // namespace muster::collector::http
