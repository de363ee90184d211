#include "agent/probes/packages_apt/apt_lists_check.h"

#include <apt-pkg/aptconfiguration.h>
#include <apt-pkg/configuration.h>
#include <apt-pkg/fileutl.h>
#include <apt-pkg/indexfile.h>
#include <apt-pkg/metaindex.h>
#include <apt-pkg/sourcelist.h>
#include <apt-pkg/strutl.h>
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <optional>
#include <system_error>
#include <utility>

#include "agent/probes/packages_apt/release_file.h"
#include "agent/probes/packages_apt/release_sizes.h"

namespace muster::packages_apt {
namespace {

constexpr const char* kRefresh = "run apt-get update";

// The Release file of a repository, parsed; empty if there is none.
std::unique_ptr<metaIndex> load_release(const metaIndex& repository, const std::string& base_uri,
                                        ListsCheck& check) {
  const std::string directory = _config->FindDir("Dir::State::lists");
  for (const char* name : {"InRelease", "Release"}) {
    const std::string path = directory + URItoFileName(base_uri + name);
    if (!FileExists(path)) continue;
    std::unique_ptr<metaIndex> release(repository.UnloadedClone());
    std::string error;
    if (release->Load(path, &error)) return release;
    check.problems.push_back(
        fmt::format("the Release file of {} could not be read: {}", base_uri, error));
  }
  return nullptr;
}

bool is_list_of_packages(const IndexTarget& target) {
  return target.Option(IndexTarget::CREATED_BY) == "Packages";
}

// The size that the Release file states of the list as it is unpacked; 0 if it has no such list or
// the list is empty, which apt does not fetch.
unsigned long long stated_size(const metaIndex& release, const std::string& key) {
  const metaIndex::checkSum* entry = release.Lookup(key);
  if (entry != nullptr) return entry->Size;
  // Some repositories state only the packed forms.
  const std::vector<std::string> types = APT::Configuration::getCompressionTypes();
  return std::any_of(types.begin(), types.end(),
                     [&](const std::string& type) { return release.Exists(key + '.' + type); })
             ? 1
             : 0;
}

// Whether apt would fetch the list at all: as its acquire code decides.
bool is_supported(const IndexTarget& target, const metaIndex& release) {
  const std::string architecture = target.Option(IndexTarget::ARCHITECTURE);
  const std::string component = target.Option(IndexTarget::COMPONENT);
  if (!component.empty() && !release.HasSupportForComponent(component)) return false;
  if (architecture.empty()) return true;
  return release.IsArchitectureSupported(architecture) &&
         (architecture != "all" || release.IsArchitectureAllSupportedFor(target));
}

void check_size(const IndexTarget& target, uint64_t stated, ListsCheck& check) {
  std::error_code error;
  const uintmax_t size = std::filesystem::file_size(target.Option(IndexTarget::FILENAME), error);
  if (error || size == stated) return;
  check.problems.push_back(
      fmt::format("the list {} has {} bytes where its Release file says {}: it is cut off or being "
                  "replaced; {}",
                  target.Description, size, stated, kRefresh));
}

// Whether a glance at the Release file does to check the list.
bool checked_at_a_glance(const IndexTarget& target, const std::string& release, ListsCheck& check) {
  const std::string path = target.Option(IndexTarget::EXISTING_FILENAME);
  if (path.empty()) {
    return target.Option(IndexTarget::ARCHITECTURE) == "all" && has_no_lists_for_all(release) &&
           !target.Options.contains("Force-Support-For-All");
  }
  // What is kept packed breaks visibly when it is cut off.
  if (path == target.Option(IndexTarget::FILENAME)) {
    const std::optional<uint64_t> stated = size_at_a_glance(release, target.MetaKey);
    if (!stated) return false;
    check_size(target, *stated, check);
  }
  check.any_present = true;
  return true;
}

void check_list(const IndexTarget& target, const metaIndex& release, ListsCheck& check) {
  const std::string path = target.Option(IndexTarget::EXISTING_FILENAME);
  const unsigned long long stated = stated_size(release, target.MetaKey);
  if (path.empty()) {
    if (stated == 0 || !is_supported(target, release)) return;
    check.problems.push_back(
        fmt::format("the list {} is missing; {}", target.Description, kRefresh));
    return;
  }
  check.any_present = true;
  if (path != target.Option(IndexTarget::FILENAME) || release.Lookup(target.MetaKey) == nullptr) {
    return;
  }
  check_size(target, stated, check);
}

void add_repository(AptRepository repository, ListsCheck& check) {
  ++check.all_repositories;
  if (check.repositories.size() < kMostRepositories) {
    check.repositories.push_back(std::move(repository));
  }
}

bool is_here(const IndexTarget& target) {
  return !target.Option(IndexTarget::EXISTING_FILENAME).empty();
}

void check_repository(metaIndex& repository, ListsCheck& check) {
  std::vector<IndexTarget> targets = repository.GetIndexTargets();
  std::erase_if(targets, [](const IndexTarget& target) { return !is_list_of_packages(target); });
  if (targets.empty()) return;
  const bool has_lists = std::any_of(targets.begin(), targets.end(), &is_here);
  // A CD has its lists from apt-cdrom; one that was only used to install has none, and no updates.
  const bool is_disc = repository.GetURI().starts_with("cdrom:");
  if (is_disc && !has_lists) return;
  const std::string base_uri = targets.front().Option(IndexTarget::BASE_URI);
  ReleaseFile release_file = read_release(base_uri);
  if (!is_disc && has_sums_at_a_glance(release_file.text)) {
    std::erase_if(targets, [&](const IndexTarget& target) {
      return checked_at_a_glance(target, release_file.text, check);
    });
  }
  add_repository(repository_of(repository, std::move(release_file), has_lists), check);
  if (is_disc || targets.empty()) return;
  if (const auto release = load_release(repository, base_uri, check); release != nullptr) {
    for (const IndexTarget& target : targets)
      check_list(target, *release, check);
    return;
  }
  check.any_present = check.any_present || has_lists;
  if (has_lists) return;
  check.problems.push_back(fmt::format("there are no lists of {} {}; {}", repository.GetURI(),
                                       repository.GetDist(), kRefresh));
}

}  // namespace

ListsCheck check_lists(pkgSourceList& sources) {
  ListsCheck check;
  for (metaIndex* repository : sources) {
    check_repository(*repository, check);
  }
  return check;
}

}  // namespace muster::packages_apt
