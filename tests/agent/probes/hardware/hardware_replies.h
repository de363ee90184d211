// What disks answer of how they fare, for tests: by the offsets of their specifications.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "agent/asking/answer_table.h"
#include "tests/agent/probes/firmware/reply_bytes.h"

namespace muster::test {

// The log 02h (NVM Express Base 2.0c, figure 207): critical warnings, spare blocks and where these
// are few, life used, errors of media.
inline std::string nvme_health(uint8_t warnings, uint8_t spare, uint8_t threshold, uint8_t used,
                               uint64_t media_errors) {
  return ReplyBytes(512)
      .number<uint8_t>(0, warnings)
      .number<uint16_t>(1, 311)
      .number<uint8_t>(3, spare)
      .number<uint8_t>(4, threshold)
      .number<uint8_t>(5, used)
      .number<uint64_t>(160, media_errors)
      .build();
}

// The log 04h, page 07h (ACS-3 A.5.7): life used, as it is supported and valid.
inline std::string solid_state(uint8_t used, uint8_t flags = 0xc0) {
  return ReplyBytes(512)
      .number<uint16_t>(0, 1)
      .number<uint8_t>(2, 0x07)
      .number<uint8_t>(8, used)
      .number<uint8_t>(15, flags)
      .build();
}

// CHECK CONDITION with these sense data.
inline answers::Answer refused(std::string name, const char (&sense)[9]) {
  return {std::move(name), answers::Outcome::kAnswered, 2, "", std::string(sense, 8)};
}

// The registers after SMART RETURN STATUS, as descriptors (SAT-4, ATA Status Return).
inline answers::Answer smart_status(std::string name, bool fails) {
  std::string sense("\x72\x01\x00\x1d\x00\x00\x00\x0e\x09\x0c\x00\x00\x00\x00\x00\x00\x00", 17);
  sense += fails ? '\xf4' : '\x4f';
  sense += '\0';
  sense += fails ? '\x2c' : '\xc2';
  sense += std::string("\x00\x50", 2);
  return {std::move(name), answers::Outcome::kAnswered, 2, "", sense};
}

}  // namespace muster::test
