// Passwords that were right once, by a keyed digest: a scrape every few seconds costs no bcrypt,
// and neither a reload nor somebody who guesses at the same address stops a Prometheus that is
// known. One for each user of the configuration. Any thread.
#pragma once

#include <map>
#include <mutex>
#include <string>

namespace muster::collector::http {

class KnownPasswords {
 public:
  KnownPasswords();

  // `hash` is the user's in the configuration: with another one nothing is known.
  bool knows(const std::string& user, const std::string& password, const std::string& hash) const;
  void remember(const std::string& user, const std::string& password, const std::string& hash);
  // A number from 0 to below `count`, always the same for a user, and not to be foretold.
  size_t choose(const std::string& user, size_t count) const;

 private:
  std::string digest(const std::string& user, const std::string& password,
                     const std::string& hash) const;

  const std::string key_;
  mutable std::mutex mutex_;
  // Guarded by mutex_: user to digest.
  std::map<std::string, std::string> digests_;
};

}  // namespace muster::collector::http
