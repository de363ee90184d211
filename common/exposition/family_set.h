// The families about one sort of thing, hosts or targets, as the writer of samples and the
// exposition need to know them. A plain value; any thread.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "common/exposition/text_format.h"

namespace muster::exposition {

struct FamilySet {
  // The label that says which one a sample is of: "host".
  std::string_view label;
  // In the order in which they are written.
  std::span<const Family> families;
  // Whether a family is in the part that every report moves; see host_metrics.h.
  bool (*is_moving)(size_t family);
  // So many of them, from the first on, are written however many series there are.
  size_t always_written;
};

}  // namespace muster::exposition
