// What one file holds, whatever its format, and how it is read from bytes. Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/probes/certificates/content_kind.h"
#include "agent/probes/certificates/unlocking.h"
#include "muster/v1/certificate_facts.pb.h"

namespace muster {

struct FileContent {
  // Its certificates, their names, revocation lists, format and error; the path and the times are
  // the caller's.
  v1::CertificateFile file;
  // Its private key by its public half, where it holds one: of several the first, or the one of the
  // first certificate.
  std::optional<v1::KeyFile> key;
  // Other files that it names in place of their content (kubeconfig), as written there: of
  // certificates and of keys, at most kMostReferredPaths together.
  std::vector<std::string> referred_paths;
  std::vector<std::string> referred_keys;
};

inline constexpr size_t kMostReferredPaths = 256;
// Of a name of an entry, in bytes.
inline constexpr size_t kEntryNameLimit = 256;

// `kind` as classify_certificate_content tells of the same bytes. A file that holds nothing of all
// this has an error that says so.
FileContent read_file_content(std::string_view bytes, CertificateContent kind,
                              Unlocking& unlocking);

// Where a key store has its certificates in an order of its own: puts the one of `key` first, as a
// server sends it first, its name with it.
void put_certificate_of_key_first(FileContent& content);

}  // namespace muster
