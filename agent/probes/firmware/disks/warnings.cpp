#include "agent/probes/firmware/disks/warnings.h"

#include <fmt/format.h>

#include "agent/probes/firmware/disks/disk_bytes.h"
#include "agent/probes/firmware/disks/sense_words.h"

namespace muster::firmware {
namespace {

absl::Status broken(const char* why) {
  return absl::InvalidArgumentError(why);
}

DiskWarning warning_of(std::string_view parameter) {
  constexpr uint8_t kPrediction = 0x5d;
  constexpr uint8_t kTest = 0xff;
  constexpr uint8_t kNoReading = 0xff;
  DiskWarning warning;
  warning.code = byte_at(parameter, 0);
  warning.qualifier = byte_at(parameter, 1);
  warning.predicts_failure = warning.code == kPrediction && warning.qualifier != kTest;
  if (warning.code != 0 || warning.qualifier != 0) {
    warning.words = sense_code_words(warning.code, warning.qualifier);
    if (warning.words.empty()) {
      warning.words = fmt::format("{:02x}/{:02x}", warning.code, warning.qualifier);
    }
  }
  // Older disks have two bytes, or 0 for a reading that there is not.
  if (parameter.size() > 2 && byte_at(parameter, 2) != 0 && byte_at(parameter, 2) != kNoReading) {
    warning.temperature = byte_at(parameter, 2);
  }
  return warning;
}

}  // namespace

// SPC-4, log pages: the page's code, whether there is a subpage, a length; parameters with their
// code, a byte of control and a length each.
absl::StatusOr<DiskWarning> parse_disk_warning(std::string_view page) {
  constexpr size_t kHeader = 4;
  constexpr uint8_t kPage = 0x2f;
  constexpr uint8_t kHasSubpage = 0x40;
  constexpr size_t kCodes = 2;
  if (page.size() < kHeader) return broken("a disk's log page is cut off");
  if ((byte_at(page, 0) & 0x3f) != kPage || (byte_at(page, 0) & kHasSubpage) != 0 ||
      byte_at(page, 1) != 0) {
    return broken("another log page of a disk");
  }
  const size_t length = disk_number(page, 2);
  if (length > page.size() - kHeader) return broken("a disk's log page is cut off");
  for (std::string_view rest = page.substr(kHeader, length); !rest.empty();) {
    if (rest.size() < kHeader || byte_at(rest, 3) > rest.size() - kHeader) {
      return broken("a disk's log page has a parameter that is cut off");
    }
    const std::string_view value = rest.substr(kHeader, byte_at(rest, 3));
    if (disk_number(rest, 0) == 0 && value.size() >= kCodes) return warning_of(value);
    rest.remove_prefix(kHeader + value.size());
  }
  return broken("a disk's log page does not tell what it warns of");
}

}  // namespace muster::firmware
