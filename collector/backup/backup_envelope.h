// The envelope of a backup: CMS (RFC 5652) with a password recipient, authenticated (RFC 5083,
// AES-256-GCM), DER. `openssl cms -decrypt -inform DER -pwri_password …` opens it too, so a backup
// can be read without Muster. docs/adr says why this one. Calls block.
#pragma once

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <cstdint>
#include <string>

namespace muster::collector {

// What OpenSSL can read again in one piece.
inline constexpr uint64_t kBackupLimit = uint64_t{1024} * 1024 * 1024;

// Of PBKDF2 with HMAC-SHA-1, which is what OpenSSL's CMS has: OWASP's 1.3 million and some more. A
// second on a small machine.
inline constexpr int kBackupIterations = 2'000'000;

// Encrypts what `descriptor` reads into the new file `path`, 0600, which is there complete and
// synced or not at all. AlreadyExists: it is there already.
absl::Status seal_backup(int descriptor, const std::string& path, const std::string& passphrase,
                         int iterations = kBackupIterations);

// Decrypts `path` into the new file `target`, 0600. Only OK means that what is in it is whole and
// untouched. PermissionDenied: another passphrase. InvalidArgument: not a backup. DataLoss: cut
// short, damaged or changed.
absl::Status open_backup(const std::string& path, const std::string& target,
                         const std::string& passphrase);

// The first line of a file (or of stdin, for "-"), 8 to 1024 bytes.
absl::StatusOr<std::string> read_passphrase(const std::string& path);

}  // namespace muster::collector
