#include "agent/probes/firmware/smbios/smbios.h"

#include <fmt/format.h>

#include <chrono>
#include <utility>

#include "agent/probes/firmware/smbios/structure_readers.h"
#include "agent/probes/firmware/smbios/structures.h"

namespace muster::smbios {
namespace {

void take(Smbios& smbios, const Structure& structure) {
  switch (structure.type()) {
    case 0:
      if (!smbios.bios) smbios.bios = read_bios(structure);
      break;
    case 1:
      if (!smbios.system) smbios.system = read_system(structure, smbios.version);
      break;
    case 2:
      smbios.boards.push_back(read_board(structure));
      break;
    case 3:
      smbios.chassis.push_back(read_chassis(structure));
      break;
    case 4:
      smbios.processors.push_back(read_processor(structure));
      break;
    case 16:
      smbios.memory_arrays.push_back(read_memory_array(structure));
      break;
    case 17:
      smbios.memory_devices.push_back(read_memory_device(structure));
      break;
    case 38:
      if (!smbios.ipmi) smbios.ipmi = read_ipmi(structure);
      break;
    case 39:
      smbios.power_supplies.push_back(read_power_supply(structure));
      break;
    case 43:
      if (!smbios.tpm) smbios.tpm = read_tpm(structure);
      break;
    case 45:
      smbios.firmware.push_back(read_firmware_entry(structure));
      break;
    default:
      break;
  }
}

bool is_digits(std::string_view text) {
  return text.find_first_not_of("0123456789") == std::string_view::npos;
}

int two_digits(std::string_view text) {
  return (text[0] - '0') * 10 + (text[1] - '0');
}

}  // namespace

Smbios parse_table(std::string_view table, Version version,
                   std::optional<uint16_t> structure_count) {
  Smbios smbios;
  smbios.version = version;
  StructureList list = split_table(table, structure_count);
  smbios.cut_short = std::move(list.cut_short);
  for (const Structure& structure : list.structures)
    take(smbios, structure);
  return smbios;
}

absl::StatusOr<Smbios> parse_dump(std::string_view dump) {
  const auto entry = parse_entry_point(dump);
  if (!entry.ok()) return entry.status();
  if (entry->table_address > dump.size()) {
    return absl::InvalidArgumentError("the SMBIOS table is outside of the file");
  }
  return parse_table(dump.substr(entry->table_address).substr(0, entry->table_length),
                     entry->version, entry->structure_count);
}

std::string iso_day(std::string_view release_date) {
  // 7.1: MM/DD/YY or MM/DD/YYYY, where two digits are of the twentieth century.
  const bool is_long = release_date.size() == 10;
  if ((!is_long && release_date.size() != 8) || release_date[2] != '/' || release_date[5] != '/' ||
      !is_digits(release_date.substr(0, 2)) || !is_digits(release_date.substr(3, 2)) ||
      !is_digits(release_date.substr(6))) {
    return {};
  }
  const int year =
      is_long ? two_digits(release_date.substr(6)) * 100 + two_digits(release_date.substr(8))
              : 1900 + two_digits(release_date.substr(6));
  const std::chrono::year_month_day day(
      std::chrono::year(year), std::chrono::month(static_cast<unsigned>(two_digits(release_date))),
      std::chrono::day(static_cast<unsigned>(two_digits(release_date.substr(3)))));
  if (!day.ok() || year < 1980) return {};
  return fmt::format("{:04}-{:02}-{:02}", year, static_cast<unsigned>(day.month()),
                     static_cast<unsigned>(day.day()));
}

}  // namespace muster::smbios
