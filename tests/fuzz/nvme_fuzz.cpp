// Any bytes as what a drive at NVMe answers: each structure, and two of them together.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "agent/probes/firmware/nvme/firmware_slots.h"
#include "agent/probes/firmware/nvme/health_log.h"
#include "agent/probes/firmware/nvme/identify_controller.h"
#include "common/text.h"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

void check(const std::string& text) {
  constexpr size_t kLongest = 160;
  require(text.size() <= kLongest);
  require(muster::printable(text, kLongest) == text);
}

// What there is of it, then zeros.
std::string padded(std::string_view bytes, size_t size) {
  std::string whole(bytes.substr(0, size));
  whole.resize(size);
  return whole;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace muster::nvme;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  require(parse_identify_controller(bytes).ok() == (size == kIdentifyBytes));
  require(parse_firmware_slots(bytes).ok() == (size == kFirmwareSlotBytes));
  require(parse_health_log(bytes).ok() == (size == kHealthLogBytes));

  const auto slots = parse_firmware_slots(padded(bytes, kFirmwareSlotBytes));
  const auto health = parse_health_log(padded(bytes, kHealthLogBytes));
  // Identify has the fields that count in its first 261 bytes; the log's may lie behind them.
  const auto controller = parse_identify_controller(padded(bytes, kIdentifyBytes));
  require(slots.ok() && health.ok() && controller.ok());
  check(controller->serial);
  check(controller->model);
  require(health->warnings.size() <= 8);
  require(health->spare.value_or(0) <= 100);
  constexpr size_t kLog = 261;
  for (const auto& log :
       {*slots, *parse_firmware_slots(padded(size > kLog ? bytes.substr(kLog) : std::string_view(),
                                             kFirmwareSlotBytes))}) {
    const auto told = tell_firmware(*controller, log);
    if (!told.ok()) continue;
    check(told->running);
    check(told->next);
    require(!told->running.empty() && told->running == controller->firmware);
    require(told->next != told->running);
  }
  return 0;
}
