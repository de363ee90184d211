#include "agent/probes/firmware/disks/disk_bytes.h"

#include "common/text.h"

namespace muster::firmware {

std::string disk_text(std::string_view field) {
  constexpr std::string_view kFill(" \0", 2);
  const size_t begin = field.find_first_not_of(kFill);
  if (begin == std::string_view::npos) return {};
  return printable(field.substr(begin, field.find_last_not_of(kFill) - begin + 1),
                   kLongestDiskText);
}

}  // namespace muster::firmware
