// Passwords and private keys in memory: overwritten before the memory is given back. Any thread.
#pragma once

#include <openssl/crypto.h>

#include <string>
#include <string_view>
#include <vector>

namespace muster {

// Overwrites a text that somebody else owns when its scope ends. The text must outlive it.
class WipeAtEnd {
 public:
  explicit WipeAtEnd(std::string& text) : text_(text) {}
  ~WipeAtEnd() { OPENSSL_cleanse(text_.data(), text_.size()); }
  WipeAtEnd(const WipeAtEnd&) = delete;
  WipeAtEnd& operator=(const WipeAtEnd&) = delete;

 private:
  std::string& text_;
};

// A password. Not in a std::string, which leaves a short text behind where it was moved from.
class SecretText {
 public:
  explicit SecretText(std::string_view text) : bytes_(text.begin(), text.end()) {}
  ~SecretText() { OPENSSL_cleanse(bytes_.data(), bytes_.size()); }
  SecretText(SecretText&&) noexcept = default;
  SecretText& operator=(SecretText&&) = delete;

  std::string_view view() const { return {bytes_.data(), bytes_.size()}; }

 private:
  std::vector<char> bytes_;
};

}  // namespace muster
