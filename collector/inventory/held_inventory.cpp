#include "collector/inventory/held_inventory.h"

#include <absl/strings/numbers.h>
#include <fmt/format.h>

#include <filesystem>
#include <set>
#include <system_error>

#include "common/digest.h"
#include "common/files.h"
#include "common/text.h"

namespace muster::collector {
namespace {

constexpr std::string_view kPrefix = "inventory-";
constexpr size_t kDigits = 16;
// Of the line before the text: "muster-inventory 1 1800000000 https://…".
constexpr std::string_view kMagic = "muster-inventory 1 ";
constexpr size_t kLineLimit = 8192;

absl::Status broken(const std::string& path) {
  return absl::InvalidArgumentError(fmt::format("{} is not a held inventory of its source", path));
}

}  // namespace

std::string held_inventory_path(const std::string& state_directory, const InventorySource& source) {
  return fmt::format("{}/{}{}", state_directory, kPrefix,
                     to_hex(sha256(source.name)).substr(0, kDigits));
}

absl::StatusOr<HeldInventory> read_held_inventory(const std::string& path,
                                                  const InventorySource& source) {
  absl::StatusOr<std::string> file = read_file(path, kInventoryBytes + kLineLimit);
  if (!file.ok()) return file.status();
  const size_t end = file->find('\n');
  const std::string line = file->substr(0, end);
  if (end == std::string::npos || !line.starts_with(kMagic)) return broken(path);
  const size_t space = line.find(' ', kMagic.size());
  int64_t seconds = 0;
  if (space == std::string::npos || line.substr(space + 1) != source.name ||
      !absl::SimpleAtoi(line.substr(kMagic.size(), space - kMagic.size()), &seconds) ||
      seconds < 0 || seconds > int64_t{100} * 365 * 86400 * 10) {
    return broken(path);
  }
  return HeldInventory{.text = file->substr(end + 1),
                       .loaded_at = TimePoint(std::chrono::seconds(seconds))};
}

absl::Status hold_inventory(const std::string& path, const InventorySource& source,
                            const HeldInventory& held) {
  const int64_t seconds =
      std::chrono::floor<std::chrono::seconds>(held.loaded_at).time_since_epoch().count();
  return write_file_atomically(
      path, fmt::format("{}{} {}\n{}", kMagic, seconds, source.name, held.text), 0600);
}

void remove_other_inventories(const std::string& state_directory,
                              const std::vector<InventorySource>& sources) {
  std::set<std::string> ours;
  for (const InventorySource& source : sources) {
    ours.insert(held_inventory_path(state_directory, source));
    remove_temporary_files(*ours.rbegin());
  }
  std::vector<std::string> others;
  std::error_code error;
  for (std::filesystem::directory_iterator entry(state_directory, error), end;
       !error && entry != end; entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    const bool held =
        name.starts_with(kPrefix) && name.size() == kPrefix.size() + kDigits &&
        name.find_first_not_of("0123456789abcdef", kPrefix.size()) == std::string::npos;
    if (held && !ours.contains(entry->path().string())) others.push_back(entry->path().string());
  }
  for (const std::string& path : others)
    std::filesystem::remove(path, error);
}

}  // namespace muster::collector
