#include "agent/probes/hardware/machine_table.h"

#include "agent/probes/firmware/smbios/entry_point.h"

namespace muster::hardware {
namespace {

constexpr const char* kEntryPoint = "/sys/firmware/dmi/tables/smbios_entry_point";
constexpr const char* kTable = "/sys/firmware/dmi/tables/DMI";

}  // namespace

std::optional<smbios::Smbios> read_machine_table(MachineFiles& files) {
  const std::string entry = files.content(kEntryPoint);
  const std::string bytes = files.content(kTable, kLargestTable);
  if (entry.empty() || bytes.empty()) return std::nullopt;
  const absl::StatusOr<smbios::EntryPoint> point = smbios::parse_entry_point(entry);
  if (!point.ok()) {
    files.note(kEntryPoint, {point.status().message().data(), point.status().message().size()});
    return std::nullopt;
  }
  smbios::Smbios table = smbios::parse_table(bytes, point->version, point->structure_count);
  if (!table.cut_short.empty()) files.note(kTable, table.cut_short);
  return table;
}

}  // namespace muster::hardware
