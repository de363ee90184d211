#include "agent/probes/package_families.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "agent/probes/root_files.h"

namespace muster::probe {
namespace {

// Most others name one of these in ID_LIKE.
constexpr auto kDpkgNames = std::to_array<std::string_view>({"debian", "raspbian", "ubuntu"});
constexpr auto kRpmNames = std::to_array<std::string_view>({
    "almalinux",    "altlinux",   "amzn",         "anolis",    "azurelinux",
    "centos",       "cloudlinux", "euleros",      "fedora",    "mageia",
    "mandriva",     "mariner",    "miraclelinux", "ol",        "openEuler",
    "openmandriva", "photon",     "rhel",         "rocky",     "scientific",
    "sled",         "sles",       "suse",         "virtuozzo", "xenenterprise",
});
constexpr auto kApkNames = std::to_array<std::string_view>(
    {"adelie", "alpine", "chainguard", "chimera", "postmarketos", "wolfi"});

std::span<const std::string_view> names_of(PackageFamily family) {
  switch (family) {
    case PackageFamily::kDpkg:
      return kDpkgNames;
    case PackageFamily::kRpm:
      return kRpmNames;
    case PackageFamily::kApk:
      break;
  }
  return kApkNames;
}

bool is_one(std::string_view name, PackageFamily family) {
  // opensuse-leap, opensuse-tumbleweed, opensuse-microos; sle-micro, sle_hpc.
  const bool is_suse =
      name.starts_with("opensuse") || name.starts_with("sle-") || name.starts_with("sle_");
  if (family == PackageFamily::kRpm && is_suse) return true;
  const std::span<const std::string_view> names = names_of(family);
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

std::optional<OsRelease> read_os_release(const std::string& root) {
  constexpr size_t kLimit = 1 << 20;
  for (const char* path : {"/etc/os-release", "/usr/lib/os-release"}) {
    const absl::StatusOr<std::string> text = read_in_root(root, path, kLimit);
    if (text.ok()) return parse_os_release(*text);
  }
  return std::nullopt;
}

bool is_of_family(const OsRelease& release, PackageFamily family) {
  return is_one(release.id, family) ||
         std::any_of(release.id_like.begin(), release.id_like.end(),
                     [&](const std::string& name) { return is_one(name, family); });
}

std::string why_database_is_missed(const std::string& root, PackageFamily family,
                                   std::string_view database) {
  const std::optional<OsRelease> release = read_os_release(root);
  if (!release || !is_of_family(*release, family)) return {};
  return fmt::format(
      "there is no {}, which every system of this kind has (os-release says {}): is all of it "
      "mounted?",
      database, release->id);
}

}  // namespace muster::probe
