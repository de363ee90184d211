#include "agent/probes/packages_rpm/repository_cache.h"

#include <fmt/format.h>
#include <glib.h>
#include <sys/stat.h>

#include <algorithm>
#include <map>
#include <memory>
#include <vector>

#include "agent/probes/packages_rpm/repomd.h"
#include "agent/probes/probe_program.h"
#include "agent/probes/root_files.h"
#include "common/text.h"

namespace muster::packages_rpm {
namespace {

using google::protobuf::Timestamp;

constexpr const char* kDnf5Cache = "/var/cache/libdnf5";
constexpr const char* kZyppCache = "/var/cache/zypp/raw";

// A place where repomd.xml may lie, and what its addresses are below.
struct Place {
  std::string directory;
  std::string repomd;
  std::string solv_directory = {};
};

std::vector<Place> places_of(const ManagerSettings& settings,
                             const RepositorySettings& repository) {
  const std::string name = cache_name(repository);
  std::vector<Place> places;
  if (settings.zypper) {
    std::string escaped = repository.id;
    std::replace(escaped.begin(), escaped.end(), '/', '_');
    const std::string directory = fmt::format("{}/{}", kZyppCache, escaped);
    places.push_back({directory, directory + "/repodata/repomd.xml"});
    return places;
  }
  const std::string dnf = fmt::format("{}/{}", settings.cache_directory, name);
  places.push_back({dnf, dnf + "/repodata/repomd.xml", settings.cache_directory});
  const std::string dnf5 = fmt::format("{}/{}", kDnf5Cache, name);
  places.push_back({dnf5, dnf5 + "/repodata/repomd.xml"});
  const std::string yum = fmt::format("/var/cache/yum/{}/{}/{}", settings.base_architecture,
                                      settings.release, repository.id);
  places.push_back({yum, yum + "/repomd.xml"});
  return places;
}

bool is_later(const Timestamp& left, const Timestamp& right) {
  return std::pair(left.seconds(), left.nanos()) > std::pair(right.seconds(), right.nanos());
}

void keep_later(const probe::FileStatus& status, std::optional<Timestamp>& kept) {
  if (!status.has_modified_at) return;
  if (!kept || is_later(status.modified_at, *kept)) kept = status.modified_at;
}

// The file of the cache that the address in repomd.xml means. yum leaves "repodata/" out.
std::string file_of(const std::string& root, const Place& place, const std::string& address) {
  const size_t slash = address.rfind('/');
  const std::string base = slash == std::string::npos ? address : address.substr(slash + 1);
  for (const std::string& name : {address, base}) {
    if (name.empty() || name.find("..") != std::string::npos) continue;
    const std::string path = place.directory + "/" + name;
    const auto status = probe::status_in_root(root, path);
    if (status.ok() && status->kind == probe::FileKind::kRegular) return path;
  }
  return {};
}

// A path of this system, or empty; an error where it is too large.
absl::StatusOr<std::string> checked(const std::string& root, const std::string& path) {
  if (path.empty()) return path;
  std::string real = probe::resolve_in_root(root, path);
  struct stat found {};
  if (::stat(real.c_str(), &found) != 0) return std::string();
  if (static_cast<uint64_t>(found.st_size) > kLargestMetadata) {
    return absl::OutOfRangeError(fmt::format("{} has {} bytes, more than the {} that are read",
                                             printable(path, 256), found.st_size,
                                             kLargestMetadata));
  }
  return real;
}

absl::StatusOr<CachedRepository> read_place(const std::string& root, const Place& place) {
  CachedRepository cached;
  const auto status = probe::status_in_root(root, place.repomd);
  if (!status.ok()) return status.status();
  if (status->kind != probe::FileKind::kRegular) {
    return absl::FailedPreconditionError(
        fmt::format("{} is not a regular file", printable(place.repomd, 256)));
  }
  keep_later(*status, cached.updated_at);
  auto repomd = checked(root, place.repomd);
  if (!repomd.ok()) return repomd.status();
  cached.repomd = *std::move(repomd);
  const auto addresses = addresses_in_repomd(cached.repomd);
  if (!addresses.ok()) {
    return absl::DataLossError(fmt::format("{}: {}", printable(place.repomd, 256),
                                           std::string(addresses.status().message())));
  }
  cached.names_errata = addresses->count("updateinfo") != 0;
  const std::map<std::string, std::string*> wanted = {{"primary", &cached.primary},
                                                      {"filelists", &cached.filelists},
                                                      {"updateinfo", &cached.updateinfo},
                                                      {"modules", &cached.modules}};
  for (const auto& [type, address] : *addresses) {
    const auto part = wanted.find(type);
    if (part == wanted.end()) continue;
    const std::string path = file_of(root, place, address);
    if (type == "primary" && !path.empty()) {
      const auto primary = probe::status_in_root(root, path);
      // dnf sets its time when it has asked and nothing is new.
      if (primary.ok()) keep_later(*primary, cached.updated_at);
    }
    auto real = checked(root, path);
    if (!real.ok()) return real.status();
    *part->second = *std::move(real);
  }
  // An image's digests are not its metadata: whoever made them may have made them say anything.
  if (root.empty()) cached.solv_directory = place.solv_directory;
  return cached;
}

}  // namespace

std::string cache_name(const RepositorySettings& repository) {
  constexpr size_t kDigits = 16;
  const std::string& address = repository.address.empty() ? repository.id : repository.address;
  // glib's, which libdnf has loaded: OpenSSL's library would take longer to load than all else
  // here.
  const std::unique_ptr<gchar, decltype(&g_free)> digest(
      ::g_compute_checksum_for_string(G_CHECKSUM_SHA256, address.data(),
                                      static_cast<gssize>(address.size())),
      &g_free);
  return fmt::format("{}-{:.{}}", repository.id, digest.get(), kDigits);
}

absl::StatusOr<CachedRepository> find_in_cache(const std::string& root,
                                               const ManagerSettings& settings,
                                               const RepositorySettings& repository) {
  std::optional<absl::StatusOr<CachedRepository>> newest;
  for (const Place& place : places_of(settings, repository)) {
    absl::StatusOr<CachedRepository> cached = read_place(root, place);
    if (absl::IsNotFound(cached.status())) continue;
    if (!cached.ok()) return cached;
    const bool later =
        !newest || !(*newest)->updated_at ||
        (cached->updated_at && is_later(*cached->updated_at, *(*newest)->updated_at));
    if (later) newest = std::move(cached);
  }
  if (newest) return *std::move(newest);
  return absl::NotFoundError(settings.zypper
                                 ? "no metadata in the cache; 'zypper refresh' gets them"
                                 : "no metadata in the cache; 'dnf makecache' gets them");
}

}  // namespace muster::packages_rpm
