#include "agent/probes/packages_apt/apt_configuration.h"

#include <apt-pkg/configuration.h>
#include <apt-pkg/error.h>
#include <apt-pkg/fileutl.h>
#include <apt-pkg/init.h>
#include <apt-pkg/pkgsystem.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <utility>

#include "agent/probes/packages_apt/apt_errors.h"
#include "agent/probes/packages_apt/chroot_check.h"
#include "agent/probes/packages_apt/configuration_text.h"
#include "agent/probes/packages_apt/dpkg_architectures.h"
#include "agent/probes/probe_program.h"
#include "agent/probes/root_files.h"
#include "agent/probes/root_guard.h"
#include "common/files.h"
#include "common/text.h"

namespace muster::packages_apt {
namespace {

// What of the looked-at system's configuration counts: it decides which lists are read, which
// candidates there are, what dist-upgrade does with them, and what is installed without anybody.
constexpr const char* kTakenOver[] = {
    "APT::AutoRemove",
    "APT::BarbarianArchitectures",
    "APT::Default-Release",
    "APT::Get::Allow-Solver-Remove-Essential",
    "APT::Get::Always-Include-Phased-Updates",
    "APT::Get::Fix-Broken",
    "APT::Get::Never-Include-Phased-Updates",
    "APT::Get::Phase-Policy",
    "APT::Get::Upgrade-By-Source-Package",
    "APT::Ignore-Hold",
    "APT::Install-Recommends",
    "APT::Install-Recommends-Sections",
    "APT::Install-Suggests",
    "APT::Install-Suggests-Sections",
    "APT::Machine-ID",
    "APT::Move-Autobit-Sections",
    "APT::Never-MarkAuto-Sections",
    "APT::NeverAutoRemove",
    "APT::Periodic",
    "APT::Protect-Kernels",
    "APT::VersionedKernelPackages",
    "Acquire::GzipIndexes",
    "Acquire::IndexTargets",
    "Acquire::Languages",
    "Dir::Ignore-Files-Silently",
    "Unattended-Upgrade",
    "Update-Manager::Always-Include-Phased-Updates",
    "Update-Manager::Never-Include-Phased-Updates",
    "pkgCacheGen::Essential",
    "pkgCacheGen::ForceEssential",
    "pkgCacheGen::ForceImportant",
    "pkgProblemResolver",
};

constexpr size_t kLargestStatusFile = 256 << 20;

absl::Status apt_error(std::string_view doing) {
  return absl::UnavailableError(
      fmt::format("{}: {}", doing, in_one_line(take_apt_messages().errors)));
}

void copy_item(const Configuration::Item& item, const std::string& name) {
  if (!item.Value.empty()) _config->Set(name, item.Value);
  for (const Configuration::Item* child = item.Child; child != nullptr; child = child->Next) {
    if (child->Tag.empty()) {
      _config->Set(name + "::", child->Value);
    } else {
      copy_item(*child, name + "::" + child->Tag);
    }
  }
}

void take_over(const Configuration& site) {
  for (const char* name : kTakenOver) {
    const Configuration::Item* item = site.Tree(name);
    _config->Clear(std::string(name));
    if (item != nullptr) copy_item(*item, name);
  }
}

// libapt-pkg's defaults without the files of this system.
void set_defaults(Configuration& configuration) {
  configuration.Set("Dir::Etc::main", "/dev/null");
  configuration.Set("Dir::Etc::parts", "/dev/null");
  pkgInitConfig(configuration);
}

// `unread` gets the first file that was left out.
absl::Status read_site_configuration(const std::string& root, Configuration& site,
                                     std::string& unread, std::vector<std::string>& problems) {
  if (absl::Status status =
          probe::check_openable(root, {kConfigurationFile}, {kConfigurationParts});
      !status.ok()) {
    return status;
  }
  std::vector<std::string> files;
  const std::string parts = probe::resolve_in_root(root, kConfigurationParts);
  if (DirectoryExists(parts)) files = GetListOfFilesInDir(parts, "conf", true, true);
  const std::string main = probe::resolve_in_root(root, kConfigurationFile);
  if (RealFileExists(main)) files.push_back(main);
  for (const std::string& file : files) {
    const absl::StatusOr<std::string> text = read_file(file, kLargestConfigurationFile);
    if (absl::IsPermissionDenied(text.status())) {
      // Often a password for a proxy, and then nothing is missing that matters here; but who knows.
      if (unread.empty()) unread = file;
      problems.push_back(
          fmt::format("{}; its settings are not known", std::string(text.status().message())));
      continue;
    }
    if (!text.ok()) return text.status();
    if (!root.empty() && may_name_other_files(*text)) {
      if (unread.empty()) unread = file;
      problems.push_back(fmt::format(
          "{} was left out: it includes other files, which would be read from this machine", file));
      continue;
    }
    ReadConfigFile(site, file);
  }
  // As apt itself does: a broken configuration means something that nobody can know.
  if (_error->PendingError()) return apt_error("reading the configuration of apt");
  // What is set for apt-get only: dist-upgrade is what the facts are about.
  site.MoveSubTree("Binary::apt-get", nullptr);
  return absl::OkStatus();
}

absl::StatusOr<std::string> site_path(const Configuration& site, const char* name,
                                      const std::string& preset) {
  std::string path = site.Exists(name) ? site.FindFile(name) : preset;
  while (path.size() > 1 && path.ends_with('/'))
    path.pop_back();
  if (path.starts_with('/')) return path;
  return absl::InvalidArgumentError(
      fmt::format("apt.conf sets {} to '{}'; give an absolute path", name, printable(path, 256)));
}

absl::StatusOr<AptPaths> site_paths(const Configuration& site) {
  AptPaths paths;
  const std::pair<const char*, std::string*> names[] = {
      {"Dir::State", &paths.state},
      {"Dir::State::lists", &paths.lists},
      {"Dir::State::extended_states", &paths.extended_states},
      {"Dir::State::status", &paths.status},
      {"Dir::Etc::sourcelist", &paths.source_list},
      {"Dir::Etc::sourceparts", &paths.source_parts},
      {"Dir::Etc::preferences", &paths.preferences},
      {"Dir::Etc::preferencesparts", &paths.preference_parts},
  };
  for (const auto& [name, path] : names) {
    absl::StatusOr<std::string> found = site_path(site, name, *path);
    if (!found.ok()) return found.status();
    *path = *std::move(found);
  }
  // Of these nothing else depends; where they name no place there are no keys.
  paths.trusted = site_path(site, "Dir::Etc::trusted", paths.trusted).value_or("/dev/null");
  paths.trusted_parts =
      site_path(site, "Dir::Etc::trustedparts", paths.trusted_parts).value_or("/dev/null");
  return paths;
}

void set_path(const std::string& root, const char* name, const std::string& path) {
  _config->Set(name, path == "/dev/null" ? path : probe::resolve_in_root(root, path));
}

// A directory that is not there holds nothing; libapt-pkg would warn of it at every look.
void set_parts(const std::string& root, const char* name, const std::string& path) {
  const bool missing = absl::IsNotFound(probe::status_in_root(root, path).status());
  set_path(root, name, missing ? "/dev/null" : path);
}

absl::Status set_architectures(const std::string& root, const AptPaths& paths,
                               const Configuration& site, std::vector<std::string>& problems) {
  std::string native = site.Find("APT::Architecture");
  std::vector<std::string> all = site.FindVector("APT::Architectures");
  if (native.empty() || all.empty()) {
    const auto arch_file = probe::read_in_root(root, kDpkgArchitectures, kLargestConfigurationFile);
    if (!arch_file.ok() && !absl::IsNotFound(arch_file.status())) {
      return absl::UnavailableError(fmt::format("reading {}: {}", kDpkgArchitectures,
                                                std::string(arch_file.status().message())));
    }
    const std::vector<std::string> listed =
        arch_file.ok() ? listed_architectures(*arch_file) : std::vector<std::string>();
    if (native.empty() && !listed.empty()) native = listed.front();
    if (all.empty()) all = listed;
  }
  if (native.empty()) {
    const auto status_file = probe::read_in_root(root, paths.status, kLargestStatusFile);
    if (!status_file.ok()) {
      return absl::UnavailableError(
          fmt::format("reading {}: {}", paths.status, std::string(status_file.status().message())));
    }
    native = architecture_of_dpkg(*status_file);
  }
  if (native.empty()) {
    native = _config->Find("APT::Architecture");
    problems.push_back(fmt::format(
        "the architecture could not be told, since dpkg is not installed; taken to be {}", native));
  }
  if (all.empty()) all = {native};  // else libapt-pkg would run dpkg to ask
  if (all.size() > kMostArchitectures) all.resize(kMostArchitectures);
  _config->Set("APT::Architecture", native);
  _config->Clear("APT::Architectures");
  for (const std::string& architecture : all) {
    _config->Set("APT::Architectures::", architecture);
  }
  return absl::OkStatus();
}

// libapt-pkg writes its caches wherever it may, so it is told of none (disk_cache.h).
void set_caches(const std::string& root, const Configuration& site, AptPaths& paths) {
  if (root.empty()) paths.package_cache = site.FindFile("Dir::Cache::pkgcache");
  _config->Set("Dir::Cache::pkgcache", "");
  _config->Set("Dir::Cache::srcpkgcache", "");
}

void set_phasing(const std::string& root) {
  set_path(root, "Dir::Etc::machine-id", kMachineId);
  if (!root.empty()) return;
  const auto own = read_file("/proc/self/mountinfo", kLargestConfigurationFile);
  const auto init = read_file("/proc/1/mountinfo", kLargestConfigurationFile);
  const bool never =
      _config->FindB("APT::Get::Never-Include-Phased-Updates",
                     _config->FindB("Update-Manager::Never-Include-Phased-Updates", false));
  if (own.ok() && init.ok() && is_chroot(*own, *init) && !never) {
    _config->Set("APT::Get::Always-Include-Phased-Updates", "true");
  }
}

void set_environment() {
  ::clearenv();
  // libapt-pkg unpacks signed Release files into a nameless temporary file: better in memory.
  if (::access("/dev/shm", W_OK) == 0) ::setenv("TMPDIR", "/dev/shm", 1);
}

}  // namespace

absl::StatusOr<AptPaths> configure_apt(const std::string& root,
                                       std::vector<std::string>& problems) {
  set_environment();
  set_defaults(*_config);
  Configuration site;
  set_defaults(site);
  site.Clear("APT::Architecture");  // the default is that of this program
  std::string unread;
  if (absl::Status status = read_site_configuration(root, site, unread, problems); !status.ok()) {
    return status;
  }
  take_over(site);
  absl::StatusOr<AptPaths> paths = site_paths(site);
  if (!paths.ok()) return paths.status();
  if (absl::Status status =
          probe::check_openable(root,
                                {paths->status, paths->extended_states, paths->source_list,
                                 paths->preferences, kMachineId, kDpkgArchitectures},
                                {paths->lists, paths->source_parts, paths->preference_parts});
      !status.ok()) {
    return status;
  }
  if (absl::Status status = set_architectures(root, *paths, site, problems); !status.ok()) {
    return status;
  }
  paths->unread_configuration = std::move(unread);
  set_path(root, "Dir::State", paths->state);
  set_path(root, "Dir::State::lists", paths->lists);
  set_path(root, "Dir::State::extended_states", paths->extended_states);
  set_path(root, "Dir::State::status", paths->status);
  set_path(root, "Dir::Etc::sourcelist", paths->source_list);
  set_parts(root, "Dir::Etc::sourceparts", paths->source_parts);
  set_path(root, "Dir::Etc::preferences", paths->preferences);
  set_parts(root, "Dir::Etc::preferencesparts", paths->preference_parts);
  set_caches(root, site, *paths);
  set_phasing(root);
  _config->Set("APT::System", "Debian dpkg interface");
  _config->Set("APT::Solver", "internal");
  _config->Set("APT::Planner", "internal");
  _config->Set("Dir::Bin::dpkg", "/dev/null");
  _config->Set("Dir::Bin::ischroot", "/dev/null");
  if (!pkgInitSystem(*_config, _system)) return apt_error("starting libapt-pkg");
  return paths;
}

}  // namespace muster::packages_apt
