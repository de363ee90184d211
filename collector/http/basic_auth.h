// HTTP basic authentication. A password that was right once is known again by a keyed digest, so
// that a scrape every few seconds costs no bcrypt; others are checked on a thread of their own, few
// at a time, and few per address. Any thread.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

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
  BasicAuth(std::map<std::string, std::string> users, const Clock& clock);

  bool has_users() const { return !users_.empty(); }

  // `authorization` is the header's value; `address` what failures are counted by. `done` is called
  // at once, or from another thread.
  void check(std::string_view authorization, const std::string& address, const Done& done);

 private:
  struct Credentials;
  std::string digest_of(const Credentials& credentials) const;
  bool is_known(const std::string& user, const std::string& digest) const;

  const std::map<std::string, std::string> users_;
  const std::string key_;
  // Checked for an unknown user, so that the answer takes as long as for a known one.
  const std::string decoy_;
  RateLimiter failures_;
  mutable std::mutex mutex_;
  // Guarded by mutex_: user to the digest of the password that was right.
  std::map<std::string, std::string> known_;
  // Last, so that no check runs on members that are gone.
  WorkPool pool_{1, kQueue};
};

}  // namespace muster::collector::http
