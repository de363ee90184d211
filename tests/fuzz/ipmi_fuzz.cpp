// Any bytes as what a management controller answers.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "agent/probes/firmware/ipmi/device_id.h"
#include "agent/probes/firmware/ipmi/event_log_info.h"
#include "common/text.h"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace muster::ipmi;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const bool done = size > 0 && data[0] == 0;
  const auto device = parse_device_id(bytes);
  require(device.ok() == (done && size >= 12));
  if (device.ok()) {
    const std::string version = version_text(*device);
    // "127.ff.255.255"
    require(version.size() <= 14 && muster::printable(version) == version);
    require(device->specification.size() == 3);
    require(device->manufacturer.empty() || device->manufacturer_id);
  }
  const auto log = parse_event_log_info(bytes);
  require(log.ok() == (done && size >= 15));
  if (log.ok() && log->percent_used) require(*log->percent_used >= 0 && *log->percent_used <= 100);
  return 0;
}
