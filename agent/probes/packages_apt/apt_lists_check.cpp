#include "agent/probes/packages_apt/apt_lists_check.h"

#include <absl/status/statusor.h>
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

#include "agent/probes/packages_apt/release_fields.h"
#include "agent/probes/packages_apt/release_sizes.h"
#include "common/files.h"

namespace muster::packages_apt {
namespace {

constexpr const char* kRefresh = "run apt-get update";

struct ReleaseFile {
  std::string text;
  // In armor; empty if there is none.
  std::string signature;
};

// The Release file of a repository as it is; empty if there is none, or it is not of a usual size.
ReleaseFile read_release(const std::string& base_uri) {
  constexpr size_t kLimit = 16 << 20;
  constexpr size_t kSignatureLimit = 1 << 20;
  const std::string directory = _config->FindDir("Dir::State::lists");
  const auto path_of = [&](const char* name) { return directory + URItoFileName(base_uri + name); };
  ReleaseFile release;
  absl::StatusOr<std::string> text = read_file(path_of("InRelease"), kLimit);
  if (text.ok()) {
    release.signature = inline_signature(*text);
    release.text = *std::move(text);
  } else if (absl::IsNotFound(text.status())) {
    text = read_file(path_of("Release"), kLimit);
    if (text.ok()) release.text = *std::move(text);
    text = read_file(path_of("Release.gpg"), kSignatureLimit);
    if (text.ok()) release.signature = *std::move(text);
  }
  return release;
}

// What the signature of a repository is to be judged by.
AptRepository repository_of(const metaIndex& configured, ReleaseFile release) {
  AptRepository repository;
  const auto field = [&](const char* name) {
    return std::string(release_field(release.text, name));
  };
  repository.origin = {field("Origin"), field("Label"), field("Suite"), field("Codename"),
                       URI(configured.GetURI()).Host};
  repository.distribution = configured.GetDist();
  repository.signed_by = configured.GetSignedBy();
  // What the repository asks for itself counts where its source does not say.
  if (repository.signed_by.empty()) repository.signed_by = field("Signed-By");
  repository.is_trusted_unsigned = configured.GetTrusted() == metaIndex::TRI_YES;
  repository.signature = std::move(release.signature);
  return repository;
}

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
  if (check.repositories.size() == kMostRepositories) return;
  check.repositories.push_back(std::move(repository));
}

void check_repository(metaIndex& repository, ListsCheck& check) {
  std::vector<IndexTarget> targets = repository.GetIndexTargets();
  std::erase_if(targets, [](const IndexTarget& target) { return !is_list_of_packages(target); });
  // A CD has its lists from apt-cdrom; one that was only used to install has none, and no updates.
  if (targets.empty() || repository.GetURI().starts_with("cdrom:")) return;
  const std::string base_uri = targets.front().Option(IndexTarget::BASE_URI);
  ReleaseFile release_file = read_release(base_uri);
  if (has_sums_at_a_glance(release_file.text)) {
    std::erase_if(targets, [&](const IndexTarget& target) {
      return checked_at_a_glance(target, release_file.text, check);
    });
  }
  const bool has_release = !release_file.text.empty();
  if (has_release) add_repository(repository_of(repository, std::move(release_file)), check);
  if (targets.empty()) return;
  if (const auto release = load_release(repository, base_uri, check); release != nullptr) {
    for (const IndexTarget& target : targets)
      check_list(target, *release, check);
    return;
  }
  const bool present = std::any_of(targets.begin(), targets.end(), [](const IndexTarget& target) {
    return !target.Option(IndexTarget::EXISTING_FILENAME).empty();
  });
  check.any_present = check.any_present || present;
  if (present) return;
  check.problems.push_back(fmt::format("there are no lists of {} {}; {}", repository.GetURI(),
                                       repository.GetDist(), kRefresh));
  if (has_release) return;
  AptRepository never_fetched = repository_of(repository, {});
  never_fetched.never_fetched = true;
  add_repository(std::move(never_fetched), check);
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
