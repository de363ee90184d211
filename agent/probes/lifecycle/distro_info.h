// distro-info-data's tables of the releases of Debian and of Ubuntu:
// /usr/share/distro-info/{debian,ubuntu}.csv. A line is a release, its columns are named by the
// first line: version,codename,series,created,release,eol and what else there is. The ends are last
// days with support. Pure; any thread.
#pragma once

#include <absl/status/statusor.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "common/clock.h"

namespace muster::lifecycle {

// Each is a few dozen lines.
inline constexpr size_t kLargestDistroInfo = 1 << 20;
inline constexpr size_t kMostReleases = 2000;

struct ReleaseEnds {
  struct End {
    // "standard", "lts", "elts", "esm", "legacy".
    std::string programme;
    TimePoint last_day;
  };
  // None: it is known and has no end yet, as a testing branch.
  std::vector<End> ends;
  // Whether the table has it.
  bool is_known = false;
};

// Of the release with this version, or where that is empty, this codename ("bookworm").
// InvalidArgument if the text is no such table.
absl::StatusOr<ReleaseEnds> find_release(std::string_view csv, std::string_view version,
                                         std::string_view codename);

}  // namespace muster::lifecycle
