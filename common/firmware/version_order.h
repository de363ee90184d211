// Which of two versions of firmware is the older. Where that cannot be known, from the texts and
// what is known of their format, there is no order, and the answer is why: what is unknown is never
// taken for older, newer or the same. Pure; any thread.
#pragma once

#include <absl/status/statusor.h>

#include <compare>
#include <string_view>

#include "common/firmware/version_format.h"

namespace muster::firmware {

// less: `a` is older. InvalidArgument, in words: a text is not of the format, the two are of two
// families of firmware, or differ only in what has no order. Of three texts of which each two have
// an order, the three orders agree.
absl::StatusOr<std::strong_ordering> compare_versions(std::string_view a, std::string_view b,
                                                      VersionFormat format);

// Whether both name one version. Two of two families do not. InvalidArgument where a text is not of
// the format, or only one of them says what tells two apart.
absl::StatusOr<bool> is_same_version(std::string_view a, std::string_view b, VersionFormat format);

// InvalidArgument where it is not of the format.
absl::Status check_version(std::string_view text, VersionFormat format);

}  // namespace muster::firmware
