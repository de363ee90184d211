// Any bytes as an SMBIOS table, as its entry point and as a dump of both.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "agent/probes/firmware/smbios/smbios.h"
#include "agent/probes/firmware/smbios/structures.h"
#include "common/text.h"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

void check(const std::string& text) {
  require(text.size() <= muster::smbios::kLongestText);
  require(muster::printable(text, muster::smbios::kLongestText) == text);
}

void check(const muster::smbios::Smbios& smbios) {
  using namespace muster::smbios;
  if (smbios.bios) {
    check(smbios.bios->version);
    require(smbios.bios->release_day.empty() || smbios.bios->release_day.size() == 10);
  }
  if (smbios.system) {
    check(smbios.system->product);
    require(smbios.system->uuid.empty() || smbios.system->uuid.size() == 36);
  }
  for (const Chassis& each : smbios.chassis)
    check(each.sku);
  for (const MemoryDevice& each : smbios.memory_devices) {
    check(each.part_number);
    // A field of 31 bits of MiB.
    require(!each.size_bytes || *each.size_bytes < uint64_t{1} << 51);
  }
  if (smbios.tpm) check(smbios.tpm->vendor);
  require(smbios.processors.size() <= kMostStructures);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace muster::smbios;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  for (const Version version : {Version{2, 0}, Version{2, 6}, Version{3, 7}})
    check(parse_table(bytes, version));
  const auto dump = parse_dump(bytes);
  if (dump.ok()) check(*dump);
  return 0;
}
