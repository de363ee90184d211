#include "agent/probes/firmware/ipmi/event_log_info.h"

#include "agent/probes/firmware/ipmi/completion_code.h"
#include "agent/probes/firmware/little_endian.h"

namespace muster::ipmi {
namespace {

constexpr size_t kLeast = 15;
// Of a record (32.1).
constexpr uint32_t kRecordBytes = 16;

// 37.1.
std::optional<std::chrono::sys_seconds> time_of(uint32_t timestamp) {
  constexpr uint32_t kLastSinceStart = 0x20000000;
  constexpr uint32_t kUnspecified = 0xffffffff;
  if (timestamp <= kLastSinceStart || timestamp == kUnspecified) return std::nullopt;
  return std::chrono::sys_seconds(std::chrono::seconds(timestamp));
}

std::optional<int> percent_used(uint16_t entries, std::optional<uint16_t> free_bytes) {
  if (!free_bytes) return std::nullopt;
  const uint32_t used = entries * kRecordBytes;
  const uint32_t size = used + *free_bytes;
  if (size == 0) return std::nullopt;
  return static_cast<int>(uint64_t{used} * 100 / size);
}

}  // namespace

absl::StatusOr<EventLogInfo> parse_event_log_info(std::string_view response) {
  constexpr uint8_t kErasing = 0x81;
  if (auto checked =
          check_response(response, "Get SEL Info", kLeast, kErasing, "the log is being erased");
      !checked.ok())
    return checked;
  constexpr uint16_t kOrMore = 0xffff;
  constexpr uint8_t kOverflow = 0x80;
  const auto entries = firmware::number_at<uint16_t>(response, 2);
  const auto free_space = firmware::number_at<uint16_t>(response, 4);
  const auto free_bytes =
      free_space == kOrMore ? std::nullopt : std::optional<uint16_t>(free_space);
  return EventLogInfo{.entries = entries,
                      .free_bytes = free_bytes,
                      .percent_used = percent_used(entries, free_bytes),
                      .overflowed = (firmware::byte_at(response, 14) & kOverflow) != 0,
                      .last_addition = time_of(firmware::number_at<uint32_t>(response, 6))};
}

}  // namespace muster::ipmi
