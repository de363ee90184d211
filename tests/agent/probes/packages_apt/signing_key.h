// A key that signs Release files, made by librnp: another hand than the probe's own reader, and
// what it says of the key is what the reader is held to.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace muster::test {

class SigningKey {
 public:
  struct Options {
    std::string user_id = "Test Archive <test@example.org>";
    // Seconds since 1970.
    uint32_t made_at = 1'700'000'000;
    // Seconds; 0: for ever.
    uint32_t lasts = 0;
    // A subkey signs, and the primary key only certifies.
    bool with_subkey = false;
    uint32_t subkey_lasts = 0;
  };
  explicit SigningKey(const Options& options);
  ~SigningKey();
  SigningKey(SigningKey&&) noexcept;
  SigningKey& operator=(SigningKey&&) = delete;

  // Upper-case hex, of the key that signs and of the primary key.
  std::string fingerprint() const;
  std::string primary_fingerprint() const;
  // The public key as it is now; armor with plain line ends, as GnuPG's.
  std::string armored() const;
  std::string binary() const;
  // Gives it another end, by a newer signature of its own.
  void extend(uint32_t lasts);
  void revoke();

  // As InRelease and as Release.gpg.
  std::string signed_inline(const std::string& text) const;
  std::string detached_signature(const std::string& text) const;

 private:
  struct Handles;
  std::unique_ptr<Handles> handles_;
};

// What librnp reads in a keyring.
struct RnpKey {
  std::string fingerprint;
  // Seconds since 1970; unset: never.
  std::optional<uint64_t> ends_at;
  // It or its primary key.
  bool is_revoked = false;
};
std::vector<RnpKey> keys_as_rnp_reads_them(const std::string& keyring);

}  // namespace muster::test
