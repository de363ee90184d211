#include "agent/probes/firmware/smbios/structures.h"

#include <fmt/format.h>

#include "common/text.h"

namespace muster::smbios {
namespace {

constexpr size_t kHeader = 4;
constexpr uint8_t kEndOfTable = 127;

}  // namespace

std::string Structure::text(size_t offset) const {
  size_t index = number<uint8_t>(offset).value_or(0);
  if (index == 0) return {};
  std::string_view rest = strings_;
  while (--index > 0) {
    const size_t end = rest.find('\0');
    if (end == std::string_view::npos) return {};
    rest.remove_prefix(end + 1);
  }
  return printable(trim(rest.substr(0, rest.find('\0'))), kLongestText);
}

std::string_view Structure::bytes(size_t offset, size_t count) const {
  if (formatted_.size() < offset + count) return {};
  return formatted_.substr(offset, count);
}

StructureList split_table(std::string_view table) {
  StructureList list;
  if (table.size() > kMostTableBytes) {
    list.cut_short = fmt::format("the SMBIOS table is larger than {} bytes", kMostTableBytes);
    table = table.substr(0, kMostTableBytes);
  }
  while (!table.empty()) {
    if (list.structures.size() == kMostStructures) {
      list.cut_short = fmt::format("the SMBIOS table has more than {} structures", kMostStructures);
      return list;
    }
    const auto ends_inside = [&list] {
      if (list.cut_short.empty()) list.cut_short = "the SMBIOS table ends inside a structure";
      return list;
    };
    if (table.size() < kHeader) return ends_inside();
    const size_t length = byte_at(table, 1);
    if (length < kHeader) {
      list.cut_short =
          fmt::format("a structure of the SMBIOS table says that it has {} bytes", length);
      return list;
    }
    // Two zeros end the strings, and stand alone where there are none.
    const size_t end = table.size() < length ? std::string_view::npos
                                             : table.find(std::string_view("\0\0", 2), length);
    if (end == std::string_view::npos) return ends_inside();
    const Structure& found =
        list.structures.emplace_back(table.substr(0, length), table.substr(length, end - length));
    if (found.type() == kEndOfTable) return list;
    table.remove_prefix(end + 2);
  }
  return list;
}

}  // namespace muster::smbios
