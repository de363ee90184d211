#include "agent/probes/firmware/smbios/structures.h"

#include <fmt/format.h>

#include <utility>

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

StructureList split_table(std::string_view table, std::optional<uint16_t> count) {
  StructureList list;
  if (table.size() > kMostTableBytes) {
    list.cut_short = fmt::format("the SMBIOS table is larger than {} bytes", kMostTableBytes);
    table = table.substr(0, kMostTableBytes);
  }
  bool has_ended = false;
  // Behind the end-of-table structure nothing need be.
  const auto stop = [&list, &has_ended](std::string why) {
    if (list.cut_short.empty() && !has_ended) list.cut_short = std::move(why);
    return std::move(list);
  };
  while (!table.empty()) {
    if (count && list.structures.size() == *count) return list;
    if (list.structures.size() == kMostStructures) {
      list.cut_short = fmt::format("the SMBIOS table has more than {} structures", kMostStructures);
      return list;
    }
    if (table.size() < kHeader) return stop("the SMBIOS table ends inside a structure");
    const size_t length = firmware::byte_at(table, 1);
    if (length < kHeader) {
      return stop(fmt::format("a structure of the SMBIOS table says that it has {} bytes", length));
    }
    // Two zeros end the strings, and stand alone where there are none.
    const size_t end = table.size() < length ? std::string_view::npos
                                             : table.find(std::string_view("\0\0", 2), length);
    if (end == std::string_view::npos) return stop("the SMBIOS table ends inside a structure");
    const Structure& found =
        list.structures.emplace_back(table.substr(0, length), table.substr(length, end - length));
    has_ended = has_ended || found.type() == kEndOfTable;
    if (has_ended && !count) return list;
    table.remove_prefix(end + 2);
  }
  if (!count) return stop("the SMBIOS table has no end-of-table structure");
  if (list.structures.size() == *count) return list;
  return stop(
      fmt::format("the SMBIOS table has {} of the {} structures that its entry point counts",
                  list.structures.size(), *count));
}

}  // namespace muster::smbios
