// A version's text taken apart, so that two of one format can be compared. Pure; any thread.
#pragma once

#include <absl/status/statusor.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/firmware/version_format.h"

namespace muster::firmware {

// Longer texts are no versions.
inline constexpr size_t kLongestVersion = 128;

struct VersionKey {
  // What it is a version of, where the text says: "U30", "VDV1". Two families have no order; who
  // names none may be compared with any.
  std::string family = {};
  // How the numbers are to be read, where a format has several: "a date". Two forms have no order.
  std::string form = {};
  // What decides, the first first; absent ones are zero.
  std::vector<uint64_t> numbers = {};
  // What decides where these are the same, if both have it of one form.
  std::string tail_form = {};
  std::vector<uint64_t> tail = {};
  // Other numbers in the same text, which must not say the contrary: a build and its version.
  std::vector<uint64_t> witness = {};
  // What has no order and yet tells two of the same numbers apart: a date, a board's id.
  std::string remark = {};
};

// InvalidArgument, with an example, where the text is not of the format. White space at its ends
// says nothing.
absl::StatusOr<VersionKey> read_version(std::string_view text, VersionFormat format);

}  // namespace muster::firmware
