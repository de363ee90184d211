#include "agent/probes/packages_apk/index_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "agent/probes/packages_apk/apk_index.h"
#include "agent/probes/packages_apk/apk_offers.h"
#include "agent/probes/root_files.h"

namespace muster::packages_apk {
namespace {

// apk-cache(5): a link to a cache that stays; else where apk keeps indices by itself; and where
// older ones did.
constexpr auto kCaches =
    std::to_array<std::string_view>({"/etc/apk/cache", "/var/cache/apk", "/lib/apk/db"});
constexpr std::string_view kKeys = "/etc/apk/keys";
// A cache that keeps packages too may have several of each that there is.
constexpr size_t kMostNames = 200'000;

std::string text_of(const absl::Status& status) {
  return std::string(status.message().data(), status.message().size());
}

// A link or a setting may lead where the sandbox lets nobody look.
std::string_view advice(const absl::Status& status) {
  if (!absl::IsPermissionDenied(status)) return "";
  return "; where it is outside of the usual places, the probe's setting readable names it";
}

bool is_index(std::string_view name) {
  return name.starts_with("APKINDEX.") && name.ends_with(".tar.gz");
}

}  // namespace

IndexReader::IndexReader(const std::string& root, std::string architecture)
    : root_(root), architecture_(std::move(architecture)) {
  std::set<std::pair<uint64_t, uint64_t>> seen;
  for (const std::string_view cache : kCaches) {
    // Where /etc/apk/cache leads to another of them, each index is found once.
    const auto status = probe::status_in_root(root_, std::string(cache));
    if (status.ok() && !seen.insert({status->device, status->inode}).second) continue;
    const auto names = probe::list_in_root(root_, std::string(cache), kMostNames);
    if (!names.ok()) {
      if (absl::IsNotFound(names.status())) continue;
      problems_.push_back(
          fmt::format("listing {}: {}{}", cache, text_of(names.status()), advice(names.status())));
      continue;
    }
    for (const std::string& name : *names) {
      if (is_index(name)) cached_.push_back(fmt::format("{}/{}", cache, name));
    }
  }
}

std::vector<std::string> IndexReader::places_of(const ApkRepository& repository) const {
  if (!local_directory(repository).empty()) return {local_index(repository, architecture_)};
  std::vector<std::string> places;
  const std::vector<std::string> names = cached_index_names(repository, architecture_);
  for (const std::string& path : cached_) {
    const std::string name = path.substr(path.rfind('/') + 1);
    if (std::find(names.begin(), names.end(), name) != names.end()) places.push_back(path);
  }
  return places;
}

bool IndexReader::read_one(const ApkRepository& repository, ApkSnapshot& snapshot) {
  const std::string name = shown_name(repository);
  if (repository.is_v3) {
    snapshot.problems.push_back(fmt::format(
        "{}: its index is in apk v3's format (.adb), which is not supported; what it offers is not "
        "known",
        name));
    return false;
  }
  const std::vector<std::string> places = places_of(repository);
  if (places.empty()) {
    snapshot.problems.push_back(fmt::format(
        "{}: it has no index in /etc/apk/cache or /var/cache/apk, so what it offers is not known; "
        "apk update fetches it",
        name));
    return false;
  }
  // Where several are there, by two digests or in two caches, the one that was fetched last.
  std::string best;
  std::optional<google::protobuf::Timestamp> updated_at;
  for (const std::string& place : places) {
    const auto status = probe::status_in_root(root_, place);
    const bool has_time = status.ok() && status->has_modified_at;
    const bool is_newer =
        has_time && (!updated_at || status->modified_at.seconds() > updated_at->seconds());
    if (best.empty() || is_newer) best = place;
    if (is_newer) updated_at = status->modified_at;
  }
  const auto content = probe::read_in_root(root_, best, kLargestIndexFile);
  if (!content.ok()) {
    snapshot.problems.push_back(fmt::format("{}: reading its index {}: {}{}", name, best,
                                            text_of(content.status()), advice(content.status())));
    return false;
  }
  absl::StatusOr<ApkIndex> index = read_index(*content);
  absl::StatusOr<std::vector<ApkPackage>> packages =
      index.ok() ? parse_packages(index->packages) : index.status();
  if (!packages.ok()) {
    snapshot.problems.push_back(fmt::format("{}: its index {}: {}; apk update fetches it anew",
                                            name, best, text_of(packages.status())));
    return false;
  }
  // 200 repositories of 200,000 packages each would not fit into memory.
  std::erase_if(*packages, [this](const ApkPackage& package) {
    return !names_.contains(package.name) && !Offers::is_base_layout(package.name);
  });
  packages->shrink_to_fit();
  IndexedRepository indexed{.repository = repository,
                            .description = std::move(index->description),
                            .packages = *std::move(packages),
                            .updated_at = updated_at,
                            .key = std::move(index->key),
                            .has_key = false};
  const bool is_name = !indexed.key.empty() && indexed.key.find('/') == std::string::npos;
  if (is_name) {
    const auto key = probe::status_in_root(root_, fmt::format("{}/{}", kKeys, indexed.key));
    indexed.has_key = key.ok() && key->kind == probe::FileKind::kRegular;
  }
  snapshot.repositories.push_back(std::move(indexed));
  return true;
}

size_t IndexReader::count_strangers(const std::vector<ApkRepository>& repositories) const {
  std::set<std::string> known;
  for (const ApkRepository& repository : repositories) {
    for (std::string& place : places_of(repository))
      known.insert(std::move(place));
  }
  return static_cast<size_t>(
      std::count_if(cached_.begin(), cached_.end(),
                    [&known](const std::string& path) { return !known.contains(path); }));
}

void IndexReader::read(const std::vector<ApkRepository>& repositories, ApkSnapshot& snapshot) {
  snapshot.problems.insert(snapshot.problems.end(), problems_.begin(), problems_.end());
  for (const ApkPackage& package : snapshot.installed)
    names_.insert(package.name);
  size_t missing = 0;
  for (const ApkRepository& repository : repositories) {
    if (!read_one(repository, snapshot)) ++missing;
  }
  snapshot.is_complete = missing == 0 && !repositories.empty();
  // An index of a repository that is configured no more is no news, unless one is missed.
  if (const size_t strangers = count_strangers(repositories); missing > 0 && strangers > 0) {
    snapshot.problems.push_back(
        fmt::format("the cache has {} more {} whose repository is not known", strangers,
                    strangers == 1 ? "index" : "indices"));
  }
}

}  // namespace muster::packages_apk
