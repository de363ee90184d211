// One file of the host: read, understood, and made an entry where it is one. Calls block; one
// thread.
#pragma once

#include <absl/status/status.h>

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/probes/certificates/content_kind.h"
#include "agent/probes/certificates/key_rights.h"
#include "agent/probes/certificates/password_table.h"
#include "agent/probes/root_files.h"
#include "muster/v1/certificate_facts.pb.h"

namespace muster {

// Where what was found goes.
struct CertificateSinks {
  // A file with certificates or lists, with an error, or both.
  std::function<void(v1::CertificateFile)> file;
  // A private key, by its public half.
  std::function<void(v1::KeyFile)> key;
  // A directory that could not be listed, a limit that was hit.
  std::function<void(v1::CertificateFile)> problem;
};

// Why a file is looked at.
enum class Asked {
  // The setting paths names it.
  kByName,
  // A file or a server's configuration names it.
  kReferred,
  // The same, as a private key: what it may not be read for is no missing certificate.
  kReferredKey,
  // It lies below what the setting names.
  kByPlace,
  // It lies in a usual place.
  kUsual,
};

// Whether it itself was named, so that it is an entry whatever it is.
constexpr bool is_asked_for(Asked asked) {
  return asked == Asked::kByName || asked == Asked::kReferred || asked == Asked::kReferredKey;
}

// Why it cannot be read, and what to do about it.
std::string why_not(const absl::Status& status);
// As a path is reported: valid UTF-8, at most 4,096 bytes.
std::string shown_path(std::string_view path);

class CertificateEntries {
 public:
  // `rounds`: of key derivation, for all files together. `passwords` outlives it.
  CertificateEntries(std::string root, size_t file_limit, uint64_t rounds,
                     const PasswordTable& passwords, CertificateSinks sinks);

  struct Taken {
    bool is_entry = false;
    // Files that this one names, absolute: of certificates and of keys.
    std::vector<std::string> referred_paths = {};
    std::vector<std::string> referred_keys = {};
  };
  // Looks at one file, which may be missing.
  Taken take(const std::string& path, Asked asked);

 private:
  struct Place;
  Taken take_unreadable(const Place& place, const absl::Status& why);
  Taken take_content(const Place& place, std::string_view bytes, CertificateContent kind);
  void give_file(const Place& place, v1::CertificateFile file);
  void give_key(const Place& place, v1::KeyFile key);

  const std::string root_;
  const size_t file_limit_;
  const PasswordTable& passwords_;
  const CertificateSinks sinks_;
  const KeyRights rights_;
  uint64_t rounds_left_;
};

}  // namespace muster
