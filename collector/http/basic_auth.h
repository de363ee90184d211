// HTTP basic authentication. A password that was right once is known again by a keyed digest, so
// that a scrape every few seconds costs no bcrypt; others are checked on a thread of their own, few
// at a time, and few per address. Any thread.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "collector/http/known_passwords.h"
#include "collector/http/rate_limiter.h"
#include "collector/http/work_pool.h"
#include "common/clock.h"

namespace muster::collector::http {

class BasicAuth {
 public:
  // Wrong passwords at once per address, and after how long each is forgotten.
  static constexpr double kFailures = 10;
  static constexpr Duration kFailureForgotten = std::chrono::seconds(10);
  // Passwords that wait for their check.
  static constexpr size_t kQueue = 32;

  enum class Answer {
    kGranted,
    kDenied,
    // Too many wrong ones from this address, or too many at once: 429.
    kThrottled,
  };
  using Done = std::function<void(Answer)>;

  // User name to bcrypt hash.
  BasicAuth(std::map<std::string, std::string> users, const Clock& clock,
            std::shared_ptr<KnownPasswords> known = nullptr);

  bool has_users() const { return !users_.empty(); }

  // `authorization` is the header's value; `address` what failures are counted by. `done` is called
  // at once, or from another thread.
  void check(std::string_view authorization, const std::string& address, const Done& done);

 private:
  struct Credentials;
  // What the password is checked against: for an unknown user a known one's, always the same, so
  // that the answer takes as long.
  const std::string& hash_for(const std::string& user) const;

  const std::map<std::string, std::string> users_;
  // Shared with what a reload puts in this one's place.
  const std::shared_ptr<KnownPasswords> known_;
  RateLimiter failures_;
  // Last, so that no check runs on members that are gone.
  WorkPool pool_{1, kQueue};
};

}  // namespace muster::collector::http
