#include "collector/http/basic_auth.h"

#include <absl/strings/escaping.h>
#include <absl/strings/match.h>

#include <cstddef>
#include <iterator>
#include <optional>
#include <utility>

#include "collector/http/bcrypt.h"

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

BasicAuth::BasicAuth(std::map<std::string, std::string> users, const Clock& clock,
                     std::shared_ptr<KnownPasswords> known)
    : users_(std::move(users)),
      known_(known != nullptr ? std::move(known) : std::make_shared<KnownPasswords>()),
      failures_(clock, kFailures, kFailureForgotten) {}

const std::string& BasicAuth::hash_for(const std::string& user) const {
  const size_t chosen = known_->choose(user, users_.size());
  const auto found = users_.find(user);
  return found != users_.end() ? found->second
                               : std::next(users_.begin(), static_cast<ptrdiff_t>(chosen))->second;
}

void BasicAuth::check(std::string_view authorization, const std::string& address,
                      const Done& done) {
  std::optional<Credentials> credentials = Credentials::parse(authorization);
  if (!credentials || users_.empty()) return done(Answer::kDenied);
  if (known_->knows(credentials->user, credentials->password, hash_for(credentials->user)) &&
      users_.contains(credentials->user)) {
    return done(Answer::kGranted);
  }
  // Taken before the check and given back after a right one, so that many at once do not slip by.
  if (!failures_.take(address)) return done(Answer::kThrottled);
  const bool queued = pool_.post([this, credentials = *std::move(credentials), address, done] {
    const std::string& hash = hash_for(credentials.user);
    const bool matches = matches_bcrypt(credentials.password, hash);
    if (!matches || !users_.contains(credentials.user)) return done(Answer::kDenied);
    failures_.give_back(address);
    known_->remember(credentials.user, credentials.password, hash);
    done(Answer::kGranted);
  });
  if (!queued) {
    failures_.give_back(address);
    done(Answer::kThrottled);
  }
}

}  // namespace muster::collector::http
