#include "common/policy/policy_path.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <utility>

#include "common/files.h"
#include "common/text.h"

namespace muster::policy {
namespace {

// Adds the files of a directory that are of a policy, sorted.
absl::Status list_directory(const std::string& path, std::vector<std::string>& paths) {
  const size_t before = paths.size();
  std::error_code error;
  std::filesystem::directory_iterator entry(path, error);
  for (const std::filesystem::directory_iterator end; !error && entry != end;
       entry.increment(error)) {
    const std::string name = entry->path().filename();
    if (name.starts_with('.')) continue;
    if (name.ends_with(".yaml")) {
      return absl::InvalidArgumentError(
          fmt::format("{}/{}: the files of a policy end in .yml: rename it, or move it away", path,
                      printable(name)));
    }
    if (!name.ends_with(".yml") || name.ends_with("_test.yml")) continue;
    paths.push_back((std::filesystem::path(path) / name).string());
    if (paths.size() > kMostPolicyFiles) {
      return absl::InvalidArgumentError(
          fmt::format("{}: more than {} files end in .yml", path, kMostPolicyFiles));
    }
  }
  if (error) return errno_status(error.value(), fmt::format("listing {}", path));
  std::sort(paths.begin() + static_cast<std::ptrdiff_t>(before), paths.end());
  return absl::OkStatus();
}

// The files that make the policy.
absl::StatusOr<std::vector<std::string>> list_policy(const std::string& path) {
  std::vector<std::string> paths;
  if (absl::Status status = list_directory(path, paths); !status.ok()) return status;
  if (paths.empty()) {
    return absl::NotFoundError(fmt::format(
        "{}: no file in this directory ends in .yml: a policy is at least one. Begin with "
        "`muster-collector policy show --default > {}/10-policy.yml`",
        path, path));
  }
  const std::string baselines = (std::filesystem::path(path) / "baselines").string();
  std::error_code ignored;
  if (std::filesystem::is_directory(baselines, ignored)) {
    if (absl::Status status = list_directory(baselines, paths); !status.ok()) return status;
  }
  return paths;
}

}  // namespace

absl::StatusOr<std::vector<PolicyText>> read_policy_texts(const std::string& path) {
  std::vector<std::string> paths = {path};
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) {
    absl::StatusOr<std::vector<std::string>> files = list_policy(path);
    if (!files.ok()) return files.status();
    paths = *std::move(files);
  }
  std::vector<PolicyText> texts;
  size_t left = kLargestPolicy;
  for (std::string& file : paths) {
    absl::StatusOr<std::string> text = read_file(file, left);
    if (absl::IsOutOfRange(text.status())) {
      return absl::OutOfRangeError(
          fmt::format("{}: with this file the policy is larger than 4 MiB", file));
    }
    if (!text.ok()) return text.status();
    left -= text->size();
    texts.push_back({.name = std::move(file), .text = *std::move(text)});
  }
  return texts;
}

std::string join_policy_texts(const std::vector<PolicyText>& texts) {
  if (texts.size() == 1) return texts.front().text;
  std::string all;
  for (const PolicyText& text : texts) {
    all += fmt::format("# --- {}\n", printable(text.name));
    all += text.text;
    if (!all.ends_with('\n')) all += '\n';
  }
  return all;
}

}  // namespace muster::policy
