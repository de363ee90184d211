// What a probe wrote to stdout, read as what it is: bytes from outside. Pure; any thread.
#pragma once

#include <absl/status/statusor.h>

#include <string_view>
#include <vector>

#include "muster/v1/section.pb.h"

namespace muster::agent {

inline constexpr size_t kSectionLimit = 256;
inline constexpr int kMeasurementLimit = 256;
inline constexpr size_t kReasonLimit = 1024;
inline constexpr size_t kFactsLimit = 3 << 20;
inline constexpr size_t kFactsTypeLimit = 256;
inline constexpr size_t kMeasurementNameLimit = 64;
inline constexpr size_t kMeasurementSubjectLimit = 256;

// Reads varint-delimited sections. Reasons and subjects of measurements are cut to their limits.
// InvalidArgument, with which rule of the probe contract was broken, for anything else: a size that
// does not fit, bytes that are no section, an outcome that does not go with what is there, a name
// that is none, too many or too large.
absl::StatusOr<std::vector<v1::Section>> parse_section_stream(std::string_view bytes);

// Of a section of a run that is still under way; more than any kind of target needs.
inline constexpr size_t kStreamedSectionLimit = 1 << 20;

// The whole sections at the front of what a run has written so far, under the same rules but for
// their number, and how many bytes they are; half a section is no mistake.
struct WholeSections {
  std::vector<v1::Section> sections;
  size_t bytes = 0;
};
absl::StatusOr<WholeSections> parse_whole_sections(std::string_view bytes);

}  // namespace muster::agent
