// Why a disk refused a command, or what it adds to an answer: sense data, fixed (SPC-4 4.5.3) or of
// descriptors (4.5.2). Pure; any thread.
#pragma once

#include <absl/status/statusor.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace muster::firmware {

struct Sense {
  // About a command before this one.
  bool deferred = false;
  bool has_descriptors = false;
  // 5: "illegal request".
  uint8_t key = 0;
  // The additional sense code and its qualifier; 0 where it ends before them.
  uint8_t code = 0;
  uint8_t qualifier = 0;
};

// Of at most 252 bytes, without what stands in the buffer behind the length that it tells.
// InvalidArgument where it is shorter than its header, or no sense data.
absl::StatusOr<Sense> parse_sense(std::string_view bytes);

// The descriptor of that type with its own two bytes before it, whole; empty where there is none.
std::string_view sense_descriptor(std::string_view bytes, uint8_t type);

// "illegal request: the disk has no such command (20/00)", for a message.
std::string sense_text(const Sense& sense);

}  // namespace muster::firmware
