#include "collector/http/basic_auth.h"

#include <absl/strings/escaping.h>
#include <absl/strings/match.h>
#include <openssl/crypto.h>

#include <memory>
#include <optional>

#include "collector/http/bcrypt.h"
#include "common/digest.h"

namespace muster::collector::http {

struct BasicAuth::Credentials {
  std::string user;
  std::string password;

  // RFC 7617: "Basic " and base64 of user:password.
  static std::optional<Credentials> parse(std::string_view authorization) {
    constexpr std::string_view kScheme = "Basic ";
    const absl::string_view header(authorization.data(), authorization.size());
    std::string decoded;
    if (!absl::StartsWithIgnoreCase(header, absl::string_view(kScheme.data(), kScheme.size())) ||
        !absl::Base64Unescape(header.substr(kScheme.size()), &decoded)) {
      return std::nullopt;
    }
    const size_t colon = decoded.find(':');
    if (colon == std::string::npos) return std::nullopt;
    return Credentials{decoded.substr(0, colon), decoded.substr(colon + 1)};
  }
};

BasicAuth::BasicAuth(std::map<std::string, std::string> users, const Clock& clock)
    : users_(std::move(users)),
      key_(random_bytes(32)),
      decoy_(users_.empty() ? std::string() : users_.begin()->second),
      failures_(clock, kFailures, kFailureForgotten) {}

std::string BasicAuth::digest_of(const Credentials& credentials) const {
  return hmac_sha256(key_, sha256(credentials.user) + sha256(credentials.password));
}

bool BasicAuth::is_known(const std::string& user, const std::string& digest) const {
  const std::lock_guard lock(mutex_);
  const auto known = known_.find(user);
  return known != known_.end() &&
         CRYPTO_memcmp(known->second.data(), digest.data(), digest.size()) == 0;
}

void BasicAuth::check(std::string_view authorization, const std::string& address,
                      const Done& done) {
  std::optional<Credentials> credentials = Credentials::parse(authorization);
  if (!credentials) return done(Answer::kDenied);
  std::string digest = digest_of(*credentials);
  if (is_known(credentials->user, digest)) return done(Answer::kGranted);
  // Taken before the check and given back after a right one, so that many at once do not slip by.
  if (!failures_.take(address)) return done(Answer::kThrottled);
  const bool queued = pool_.post(
      [this, credentials = *std::move(credentials), digest = std::move(digest), address, done] {
        const auto user = users_.find(credentials.user);
        const bool is_user = user != users_.end();
        const bool matches =
            matches_bcrypt(credentials.password, is_user ? user->second : decoy_) && is_user;
        if (!matches) return done(Answer::kDenied);
        failures_.give_back(address);
        {
          const std::lock_guard lock(mutex_);
          known_[credentials.user] = digest;
        }
        done(Answer::kGranted);
      });
  if (!queued) {
    failures_.give_back(address);
    done(Answer::kThrottled);
  }
}

}  // namespace muster::collector::http
