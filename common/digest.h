// SHA-256, HMAC and random bytes, by OpenSSL. Any thread.
#pragma once

#include <string>
#include <string_view>

namespace muster {

// 32 bytes.
std::string sha256(std::string_view data);

// HMAC-SHA-256, 32 bytes.
std::string hmac_sha256(std::string_view key, std::string_view data);

// `count` bytes from the system's generator. Ends the process if there is no randomness: no key or
// token may be made without.
std::string random_bytes(size_t count);

}  // namespace muster
