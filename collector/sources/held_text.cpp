#include "collector/sources/held_text.h"

#include <absl/strings/numbers.h>
#include <fmt/format.h>

#include <filesystem>
#include <set>
#include <system_error>

#include "collector/sources/source_text.h"
#include "common/digest.h"
#include "common/files.h"
#include "common/text.h"

namespace muster::collector {
namespace {

constexpr size_t kDigits = 16;
// Of the line before the text: "muster-inventory 1 1800000000 https://…".
constexpr size_t kLineLimit = 8192;

}  // namespace

std::string HeldTexts::path(const std::string& source) const {
  return fmt::format("{}/{}-{}", directory_, kind_, to_hex(sha256(source)).substr(0, kDigits));
}

std::string HeldTexts::magic() const {
  return fmt::format("muster-{} 1 ", kind_);
}

absl::StatusOr<HeldText> HeldTexts::read(const std::string& source) const {
  absl::StatusOr<std::string> file = read_file(path(source), kSourceBytes + kLineLimit);
  if (!file.ok()) return file.status();
  const std::string magic = this->magic();
  const absl::Status broken = absl::InvalidArgumentError(
      fmt::format("{} is not a held {} of its source", path(source), kind_));
  const size_t end = file->find('\n');
  const std::string line = file->substr(0, end);
  if (end == std::string::npos || !line.starts_with(magic)) return broken;
  const size_t space = line.find(' ', magic.size());
  int64_t seconds = 0;
  if (space == std::string::npos || line.substr(space + 1) != source ||
      !absl::SimpleAtoi(line.substr(magic.size(), space - magic.size()), &seconds) || seconds < 0 ||
      seconds > int64_t{100} * 365 * 86400 * 10) {
    return broken;
  }
  return HeldText{.text = file->substr(end + 1),
                  .loaded_at = TimePoint(std::chrono::seconds(seconds))};
}

absl::Status HeldTexts::hold(const std::string& source, const HeldText& held) const {
  const int64_t seconds =
      std::chrono::floor<std::chrono::seconds>(held.loaded_at).time_since_epoch().count();
  return write_file_atomically(
      path(source), fmt::format("{}{} {}\n{}", magic(), seconds, source, held.text), 0600);
}

void HeldTexts::remove_others(const std::vector<std::string>& sources) const {
  std::set<std::string> ours;
  for (const std::string& source : sources) {
    ours.insert(path(source));
    remove_temporary_files(path(source));
  }
  const std::string prefix = fmt::format("{}-", kind_);
  std::vector<std::string> others;
  std::error_code error;
  for (std::filesystem::directory_iterator entry(directory_, error), end; !error && entry != end;
       entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    const bool held =
        name.starts_with(prefix) && name.size() == prefix.size() + kDigits &&
        name.find_first_not_of("0123456789abcdef", prefix.size()) == std::string::npos;
    if (held && !ours.contains(entry->path().string())) others.push_back(entry->path().string());
  }
  for (const std::string& path : others)
    std::filesystem::remove(path, error);
}

}  // namespace muster::collector
