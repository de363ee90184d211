// The file `revocations`: who was revoked or removed, a line for each, only ever added to. A store
// is replaced by an older one when a backup is put back; this file is not, and what it says is done
// again at every start, so that nobody gets back in by it. Ids are never reused.
//
//   2026-11-22T04:05:06Z revoked 0123456789abcdef0123456789abcdef stolen from the van
//
// Any thread; calls block.
#pragma once

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <memory>
#include <mutex>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "collector/store/store.h"
#include "common/clock.h"

namespace muster::collector {

// Bytes of a reason, and of the file: some hundred thousand lines.
inline constexpr size_t kRevocationReasonLimit = 200;
inline constexpr size_t kRevocationsLimit = 64 * 1024 * 1024;

struct Revocation {
  enum class Kind { kRevoked, kRemoved };
  Kind kind = Kind::kRevoked;
  std::string host_id;
  // To the second.
  TimePoint at;
  std::string reason = {};
};

// One line, with its end. The reason is made printable and cut to its limit. Pure.
std::string revocation_line(const Revocation& revocation);

// The lines of a file. A last one without its end was never promised to anybody (a kill while it
// was written): it is left out, and `torn` says so. DataLoss names another line that is none. Pure.
struct ParsedRevocations {
  std::vector<Revocation> revocations;
  bool torn = false;
};
absl::StatusOr<ParsedRevocations> parse_revocations(std::string_view text, std::string_view path);

class Revocations {
 public:
  // Reads what is there; no file: nobody. DataLoss: damaged, and what to do; then somebody who must
  // not get in might, so nothing should be served.
  static absl::StatusOr<std::unique_ptr<Revocations>> open(std::string path);

  // Adds a line; it is on disk when this returns OK. One that says what the file says already is
  // not added. ResourceExhausted: the disk or the file is full. On an error the line may yet be
  // there after a power cut.
  absl::Status add(const Revocation& revocation);

  std::vector<Revocation> all() const;

 private:
  Revocations(std::string path, std::vector<Revocation> read);
  absl::Status append(const std::string& line) const;

  const std::string path_;
  mutable std::mutex mutex_;
  // Below: guarded by mutex_, a leaf.
  std::vector<Revocation> all_;
  std::set<std::pair<Revocation::Kind, std::string>> known_;
};

// Does again what the store, being an older one, may have forgotten: removed hosts are taken out of
// `hosts`, revoked ones are revoked. The store is told too; where it cannot write, the file says it
// again at the next start. Returns how many hosts that changed.
size_t apply_revocations(std::span<const Revocation> revocations, std::vector<StoredHost>& hosts,
                         Store& store);

}  // namespace muster::collector
