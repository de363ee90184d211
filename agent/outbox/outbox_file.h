// The two kinds of file in the outbox's directory, as bytes: a version, and the cursor. Each is a
// line that says what it is, the SHA-256 of the rest, and the rest: a serialized message. Any byte
// that changes is noticed. Pure; any thread.
#pragma once

#include <absl/status/statusor.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "muster/v1/reporting.pb.h"

namespace muster::agent {

// One version with its facts, and the epoch that its sequence belongs to.
struct StoredVersion {
  uint64_t epoch = 0;
  v1::SectionVersion version;
};
std::string seal_version(const StoredVersion& stored);
// DataLoss if the bytes are not exactly what seal_version gave.
absl::StatusOr<StoredVersion> unseal_version(std::string_view bytes);

// The epoch, and what the collector has committed in it.
std::string seal_cursor(const v1::SyncResponse& cursor);
absl::StatusOr<v1::SyncResponse> unseal_cursor(std::string_view bytes);

// "00000000000000000042-packages-apt.version": numbers order the files of all probes.
struct VersionFileName {
  uint64_t number = 0;
  std::string probe;

  std::string text() const;
  static std::optional<VersionFileName> parse(std::string_view text);
};

// Whether the text can be part of a file name: a-z, 0-9 and dashes, at most 64.
bool is_probe_name(std::string_view text);

}  // namespace muster::agent
