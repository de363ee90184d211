// Passwords against bcrypt hashes, as the web-config files of the Prometheus ecosystem have them;
// by libcrypt. Any thread.
#pragma once

#include <absl/status/status.h>

#include <string>
#include <string_view>

namespace muster::collector::http {

// InvalidArgument if `hash` is not "$2y$", "$2b$" or "$2a$" with a cost from 4 to 14; one step
// doubles the time, and 14 takes about a second.
absl::Status check_bcrypt_hash(std::string_view hash);

// Takes as long as the cost says. False also for what is no hash, and for a password with a NUL.
bool matches_bcrypt(const std::string& password, const std::string& hash);

}  // namespace muster::collector::http
