// What the data structures of NVMe have in common (NVM Express Base Specification 2.0c). Pure; any
// thread.
#pragma once

#include <absl/status/status.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace muster::nvme {

// ASCII, padded with blanks (1.4), or, as some controllers have it, with zeros. Printable and
// without what it is padded with; of `length` bytes at `at`, all inside.
std::string text_at(std::string_view bytes, size_t at, size_t length);

// A number of 16 bytes: the largest of 8 where it is larger.
uint64_t saturated_at(std::string_view bytes, size_t at);

// InvalidArgument, with `what` in its sentence, of other than `size` bytes: a drive gives what was
// asked for, so less was cut and more is something else.
absl::Status check_size(std::string_view bytes, size_t size, std::string_view what);

}  // namespace muster::nvme
