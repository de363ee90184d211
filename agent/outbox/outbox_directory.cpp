#include "agent/outbox/outbox_directory.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <utility>
#include <vector>

#include "agent/output/status_text.h"
#include "common/failpoint.h"
#include "common/log.h"

namespace muster::agent {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kCursor = "cursor";
constexpr std::string_view kDamagedSuffix = ".damaged";

// What is left of a version or the cursor when the agent is killed while it writes one.
bool is_temporary(std::string_view name) {
  const std::string_view original = name.substr(0, name.rfind('.'));
  if (!is_temporary_of(name, original)) return false;
  return original == kCursor || VersionFileName::parse(original).has_value();
}

absl::StatusOr<std::vector<std::string>> list(const std::string& path) {
  std::error_code error;
  std::vector<std::string> names;
  for (fs::directory_iterator entry(path, error), end; !error && entry != end;
       entry.increment(error)) {
    names.push_back(entry->path().filename().string());
  }
  if (error) return errno_status(error.value(), fmt::format("listing {}", path));
  std::sort(names.begin(), names.end());
  return names;
}

// What cannot be removed stays: nothing here depends on it.
void unlink_at(failpoint::Point point, const std::string& path) {
  if (!failpoint::fails(point, path)) ::unlink(path.c_str());
}

}  // namespace

OutboxDirectory::OutboxDirectory(std::string path, FileWriter write)
    : path_(std::move(path)), write_(std::move(write)) {}

std::string OutboxDirectory::path_of(std::string_view name) const {
  return fmt::format("{}/{}", path_, name);
}

absl::StatusOr<OutboxDirectory::Content> OutboxDirectory::load() {
  if (absl::Status made = make_directory(path_, 0700); !made.ok()) return made;
  const absl::StatusOr<std::vector<std::string>> names = list(path_);
  if (!names.ok()) return names.status();
  Content content;
  for (const std::string& name : *names) {
    if (is_temporary(name)) {
      unlink_at("outbox.remove_temporary", path_of(name));
      continue;
    }
    if (name == kCursor) {
      const absl::StatusOr<std::string> bytes = read_file(path_of(name), kCursorLimit);
      absl::StatusOr<v1::SyncResponse> cursor =
          bytes.ok() ? unseal_cursor(*bytes) : absl::StatusOr<v1::SyncResponse>(bytes.status());
      if (cursor.ok()) {
        content.has_cursor = true;
        content.cursor = *std::move(cursor);
      } else {
        set_aside(name, cursor.status());
      }
      continue;
    }
    std::string_view version_name = name;
    const bool is_damaged = name.ends_with(kDamagedSuffix);
    if (is_damaged) version_name.remove_suffix(kDamagedSuffix.size());
    const std::optional<VersionFileName> parsed = VersionFileName::parse(version_name);
    if (!parsed) continue;
    content.next_number = std::max(content.next_number, parsed->number + 1);
    if (is_damaged) continue;
    absl::StatusOr<StoredVersion> stored = read(*parsed);
    if (!stored.ok()) continue;
    const size_t bytes = seal_version(*stored).size();
    stored->version.clear_facts();
    content.versions.emplace(parsed->number, Found{*std::move(stored), bytes});
  }
  return content;
}

absl::StatusOr<StoredVersion> OutboxDirectory::read(const VersionFileName& name) {
  const absl::StatusOr<std::string> bytes = read_file(path_of(name.text()), kVersionFileLimit);
  if (absl::IsNotFound(bytes.status())) return bytes.status();
  absl::StatusOr<StoredVersion> stored =
      bytes.ok() ? unseal_version(*bytes) : absl::StatusOr<StoredVersion>(bytes.status());
  if (stored.ok() && stored->version.probe() == name.probe) return stored;
  const absl::Status why =
      stored.ok() ? absl::DataLossError("it is of another probe") : stored.status();
  set_aside(name.text(), why);
  return absl::DataLossError(why.message());
}

std::vector<absl::Status> OutboxDirectory::write(std::span<const SealedVersion> versions) {
  std::vector<FileToWrite> files;
  files.reserve(versions.size());
  for (const SealedVersion& version : versions)
    files.push_back({path_of(version.name.text()), version.bytes});
  return write_(files, 0600);
}

void OutboxDirectory::remove(const VersionFileName& name) {
  // Not synced: a file that comes back after a power cut is known to be acknowledged by the cursor.
  unlink_at("outbox.remove", path_of(name.text()));
}

absl::Status OutboxDirectory::write_cursor(const v1::SyncResponse& cursor) {
  const std::string bytes = seal_cursor(cursor);
  const FileToWrite file{path_of(kCursor), bytes};
  return write_({&file, 1}, 0600).front();
}

bool OutboxDirectory::remove_cursor() {
  if (failpoint::fails("outbox.remove_cursor", path_of(kCursor))) return false;
  std::error_code error;
  fs::remove(path_of(kCursor), error);
  return !error && sync_directory(path_).ok();
}

void OutboxDirectory::set_aside(const std::string& name, const absl::Status& why) {
  ++damaged_;
  const std::string aside = path_of(name + std::string(kDamagedSuffix));
  log_error("a file of the outbox is damaged: set aside, a new epoch begins",
            {{"file", aside}, {"error", text_of(why)}});
  if (failpoint::fails("outbox.set_aside", path_of(name)) ||
      ::rename(path_of(name).c_str(), aside.c_str()) != 0) {
    unlink_at("outbox.remove_damaged", path_of(name));
  }
  remove_oldest_damaged();
}

void OutboxDirectory::remove_oldest_damaged() const {
  absl::StatusOr<std::vector<std::string>> names = list(path_);
  if (!names.ok()) return;
  std::erase_if(*names, [](const std::string& name) { return !name.ends_with(kDamagedSuffix); });
  for (size_t i = 0; i + kDamagedLimit < names->size(); ++i)
    unlink_at("outbox.remove_damaged", path_of((*names)[i]));
}

}  // namespace muster::agent
