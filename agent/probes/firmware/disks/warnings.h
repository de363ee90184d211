// What a SCSI disk warns of: its log page 2Fh, Informational Exceptions (SPC-4). Pure; any thread.
#pragma once

#include <absl/status/statusor.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace muster::firmware {

struct DiskWarning {
  // The additional sense code and its qualifier; 0 and 0: it warns of nothing.
  uint8_t code = 0;
  uint8_t qualifier = 0;
  // Whether it predicts that it fails (code 5Dh, but for the qualifier of a test).
  bool predicts_failure = false;
  // "a failure of its servo is predicted: too many errors of seeking"; "5e/01" where we have no
  // words. Empty where it warns of nothing.
  std::string words;
  // Of the last reading, in degrees Celsius; unset where the disk has none.
  std::optional<uint8_t> temperature;
};

// InvalidArgument for another page, one that is cut off, and one without the parameter (0000h) that
// tells it.
absl::StatusOr<DiskWarning> parse_disk_warning(std::string_view page);

}  // namespace muster::firmware
