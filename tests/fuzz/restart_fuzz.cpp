// Any bytes as a file of microcode, as /proc/cpuinfo, and as what processes say of themselves: an
// answer, whose texts keep their bounds and can be printed.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "agent/probes/restart/microcode_files.h"
#include "agent/probes/restart/process_list.h"
#include "agent/probes/restart/processors.h"
#include "agent/probes/restart/stale_services.h"
#include "common/text.h"

namespace {

void check(const std::string& text, size_t limit) {
  const bool control =
      std::any_of(text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; });
  if (text.size() > limit || control || !muster::is_valid_utf8(text)) std::abort();
}

void look(const muster::restart::ProcessList& list) {
  muster::v1::RestartFacts facts;
  const auto find = [](int32_t, const std::string&) { return std::nullopt; };
  muster::restart::add_stale_services(list, find, {.started_at = 1, .ticks_per_second = 100},
                                      facts);
  if (facts.stale_services_size() > 500) std::abort();
  for (const muster::v1::StaleService& service : facts.stale_services()) {
    check(service.unit(), 256);
    check(service.container(), 256);
    for (const std::string& file : service.files())
      check(file, 512);
    for (const std::string& program : service.programs())
      check(program, 64);
  }
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer gives the name.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  (void)muster::restart::intel_revision(bytes, 0x50654, 1);
  (void)muster::restart::amd_revision(bytes, 0xa00f11);
  check(muster::restart::parse_cpu_info(bytes).vendor, 32);
  if (const auto list = muster::restart::parse_process_table(bytes); list.ok()) look(*list);
  // A process of which all texts are these bytes: whole tables are rare among any bytes.
  muster::restart::ProcessList list;
  list.processes.push_back(
      {.id = 1, .root = 0, .program = "p", .control_groups = bytes, .files = bytes, .maps = bytes});
  look(list);
  return 0;
}
