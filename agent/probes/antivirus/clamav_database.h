// ClamAV's databases as they lie on disk. The header of a CVD, CLD or CUD file is 512 bytes of
// fields between colons ("The CVD File Format" in ClamAV's manual for signature writers).
#pragma once

#include <absl/status/statusor.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "agent/probes/protection/product.h"

namespace muster::antivirus {

inline constexpr size_t kCvdHeaderSize = 512;
inline constexpr size_t kMostDatabaseFiles = 2000;

struct CvdHeader {
  uint32_t version = 0;
  uint64_t signatures = 0;
  // The lowest level of functions that the engine must have.
  uint32_t level = 0;
  std::string builder;
  TimePoint built_at;
};

// Of a file's first bytes. InvalidArgument, and what is wrong, for anything else. Pure.
absl::StatusOr<CvdHeader> parse_cvd_header(std::string_view bytes);

// The signatures in `directory`: version and time of the newest "daily", when its file was written,
// and the count of all that have a header. Where all are local (*.ndb, *.hdb, ...) they have no
// version, and the youngest file tells when; that there are none is a complaint, as a broken header
// is. Sets disk_signatures, or has it unread. What local files take back (*.ign2, *.fp) are
// exclusions.
void add_disk_signatures(const protection::ProductLook& look, const std::string& directory,
                         v1::ProtectionProduct& product);

}  // namespace muster::antivirus
