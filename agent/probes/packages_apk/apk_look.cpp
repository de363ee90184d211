#include "agent/probes/packages_apk/apk_look.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <utility>

#include "agent/probes/package_families.h"
#include "agent/probes/packages_apk/apk_report.h"
#include "agent/probes/packages_apk/index_reader.h"
#include "agent/probes/probe_program.h"
#include "agent/probes/root_files.h"
#include "common/text.h"

namespace muster::packages_apk {
namespace {

// apk 3 keeps its database below /usr; where one of them is a link to the other, the first counts.
constexpr auto kDatabases =
    std::to_array<std::string_view>({"/lib/apk/db/installed", "/usr/lib/apk/db/installed"});
constexpr auto kPeriods =
    std::to_array<std::string_view>({"15min", "hourly", "daily", "weekly", "monthly"});

// A system of 1,500 packages has 20 MB: the names of all files are in it.
constexpr size_t kLargestDatabase = 64 << 20;
constexpr size_t kLargestSettings = 1 << 20;
constexpr size_t kMostFiles = 1000;

std::string text_of(const absl::Status& status) {
  return std::string(status.message().data(), status.message().size());
}

// The content of a file of settings; nothing, and where it is there a sentence, if it cannot be
// read.
std::optional<std::string> read_settings(const std::string& root, const std::string& path,
                                         std::vector<std::string>& problems) {
  absl::StatusOr<std::string> text = probe::read_in_root(root, path, kLargestSettings);
  if (text.ok()) return *std::move(text);
  if (!absl::IsNotFound(text.status())) {
    problems.push_back(fmt::format("reading {}: {}", path, text_of(text.status())));
  }
  return std::nullopt;
}

// The first name in /etc/apk/arch is the system's own; older ones have no such file, and then the
// packages tell.
std::string architecture_of(const std::string& root, const ApkSnapshot& snapshot,
                            std::vector<std::string>& problems) {
  const std::optional<std::string> text = read_settings(root, "/etc/apk/arch", problems);
  if (text) {
    const std::string_view first = trim(*text);
    if (!first.empty()) return std::string(first.substr(0, first.find_first_of(" \t\r\n")));
  }
  for (const ApkPackage& package : snapshot.installed) {
    if (!package.architecture.empty() && package.architecture != "noarch") {
      return package.architecture;
    }
  }
  return {};
}

// apk-repositories(5): /etc/apk/repositories, then the *.list of both directories; of a name that
// is in both, the one in /etc.
std::vector<ApkRepository> read_repositories(const std::string& root,
                                             const std::string& architecture,
                                             std::vector<std::string>& problems) {
  RepositoryReader reader(architecture);
  const std::string main_file = "/etc/apk/repositories";
  if (const auto text = read_settings(root, main_file, problems)) {
    reader.read(main_file, *text, problems);
  }
  std::set<std::string> seen;
  for (const std::string directory : {"/etc/apk/repositories.d", "/lib/apk/repositories.d"}) {
    const auto names = probe::list_in_root(root, directory, kMostFiles);
    if (!names.ok()) {
      if (!absl::IsNotFound(names.status())) {
        problems.push_back(fmt::format("listing {}: {}", directory, text_of(names.status())));
      }
      continue;
    }
    for (const std::string& name : *names) {
      if (!name.ends_with(".list") || !seen.insert(name).second) continue;
      const std::string path = fmt::format("{}/{}", directory, name);
      if (const auto text = read_settings(root, path, problems)) reader.read(path, *text, problems);
    }
  }
  return reader.repositories();
}

// The package apk-cron brings a script "apk" for crond; where it is, an administrator decides.
std::string find_upgrade_job(const std::string& root) {
  for (const std::string_view period : kPeriods) {
    const std::string path = fmt::format("/etc/periodic/{}/apk", period);
    const auto text = probe::read_in_root(root, path, kLargestSettings);
    if (!text.ok()) continue;
    std::string_view rest = *text;
    while (!rest.empty()) {
      const size_t newline = std::min(rest.find('\n'), rest.size());
      const std::string_view line = trim(rest.substr(0, newline));
      rest.remove_prefix(std::min(newline + 1, rest.size()));
      const size_t command = line.starts_with('#') ? std::string_view::npos : line.find("apk ");
      if (command != std::string_view::npos &&
          line.find(" upgrade", command) != std::string_view::npos) {
        return path;
      }
    }
  }
  return {};
}

}  // namespace

v1::Section look_at_packages(const std::string& root) {
  absl::StatusOr<std::string> database = absl::NotFoundError("");
  std::string path;
  for (const std::string_view each : kDatabases) {
    path = each;
    database = probe::read_in_root(root, path, kLargestDatabase);
    if (!absl::IsNotFound(database.status())) break;
  }
  if (absl::IsNotFound(database.status())) {
    const std::string missed =
        probe::why_database_is_missed(root, probe::PackageFamily::kApk, kDatabases[0]);
    if (!missed.empty()) return probe::failed(missed);
    return probe::not_applicable(
        fmt::format("there is no {}: this system does not use apk", kDatabases[0]));
  }
  if (!database.ok()) {
    return probe::failed(fmt::format("reading {}: {}", path, text_of(database.status())));
  }
  absl::StatusOr<std::vector<ApkPackage>> installed = parse_packages(*database);
  if (!installed.ok()) {
    return probe::failed(fmt::format("{}: {}", path, text_of(installed.status())));
  }
  database->clear();
  database->shrink_to_fit();
  ApkSnapshot snapshot;
  snapshot.installed = *std::move(installed);
  if (const auto world = read_settings(root, "/etc/apk/world", snapshot.problems)) {
    snapshot.world = parse_world(*world);
  }
  snapshot.architecture = architecture_of(root, snapshot, snapshot.problems);
  const std::vector<ApkRepository> repositories =
      read_repositories(root, snapshot.architecture, snapshot.problems);
  if (repositories.empty()) {
    snapshot.problems.push_back(
        "no repository is configured in /etc/apk/repositories, so nothing tells what is newer");
  }
  IndexReader(root, snapshot.architecture).read(repositories, snapshot);
  snapshot.upgrade_job = find_upgrade_job(root);
  return probe::observed(report(snapshot));
}

}  // namespace muster::packages_apk
