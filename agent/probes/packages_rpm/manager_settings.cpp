#include "agent/probes/packages_rpm/manager_settings.h"

#include <fmt/format.h>
#include <libdnf/conf/ConfigMain.hpp>
#include <libdnf/conf/ConfigParser.hpp>
#include <libdnf/conf/ConfigRepo.hpp>

#include <algorithm>
#include <exception>
#include <memory>
#include <sstream>

#include "agent/probes/root_files.h"
#include "common/text.h"

namespace muster::packages_rpm {
namespace {

using Variables = std::map<std::string, std::string>;
using libdnf::Option;

constexpr const char* kZyppRepositories = "/etc/zypp/repos.d";
constexpr int kDnfsExpiry = 48 * 3600;

std::vector<std::string> names_in(const std::string& root, const std::string& directory,
                                  std::vector<std::string>& problems) {
  const auto names = probe::list_in_root(root, directory, kMostSettingsFiles);
  if (names.ok()) return *names;
  if (!absl::IsNotFound(names.status())) {
    problems.push_back(
        fmt::format("reading {}: {}", directory, std::string(names.status().message())));
  }
  return {};
}

// Empty where there is no such file.
std::string text_of(const std::string& root, const std::string& path,
                    std::vector<std::string>& problems) {
  const auto text = probe::read_in_root(root, path, kLargestSettingsFile);
  if (text.ok()) return *text;
  if (!absl::IsNotFound(text.status())) {
    problems.push_back(
        fmt::format("reading {}: {}", printable(path, 256), std::string(text.status().message())));
  }
  return {};
}

void add_variables(const std::string& root, Variables& variables,
                   std::vector<std::string>& problems) {
  // dnf reads them in this order, so that its own come last and count.
  for (const std::string directory : {"/etc/yum/vars", "/etc/dnf/vars"}) {
    for (const std::string& name : names_in(root, directory, problems)) {
      const std::string text = text_of(root, directory + "/" + name, problems);
      if (!text.empty()) variables[name] = text.substr(0, text.find('\n'));
    }
  }
}

// False where the text is no such file.
bool parse(libdnf::ConfigParser& parser, const std::string& text, const std::string& path,
           std::vector<std::string>& problems) {
  try {
    parser.read(std::make_unique<std::istringstream>(text));
    return true;
  } catch (const std::exception& error) {
    problems.push_back(
        fmt::format("{} is left out: {}", printable(path, 256), printable(error.what(), 256)));
    return false;
  }
}

// Each key of the section that libdnf knows, with variables put in. Others are left to other tools.
void apply(const libdnf::ConfigParser& parser, const std::string& section, libdnf::Config& config,
           const std::string& path, std::vector<std::string>& problems) {
  const auto found = parser.getData().find(section);
  if (found == parser.getData().end()) return;
  for (const auto& [key, unused] : found->second) {
    const auto option = config.optBinds().find(key);
    if (option == config.optBinds().end()) continue;
    try {
      option->second.newString(Option::Priority::MAINCONFIG,
                               parser.getSubstitutedValue(section, key));
    } catch (const std::exception& error) {
      problems.push_back(fmt::format("{}: [{}] {}: {}", printable(path, 256),
                                     printable(section, 64), printable(key, 64),
                                     printable(error.what(), 256)));
    }
  }
}

// Empty where nothing sets it.
std::string value_of(const libdnf::OptionString& option) {
  return option.empty() ? std::string() : option.getValue();
}

void fill_main(libdnf::ConfigMain& config, ManagerSettings& settings) {
  for (const auto* option : {&config.system_cachedir(), &config.cachedir()}) {
    if (const std::string directory = value_of(*option); directory.starts_with('/')) {
      settings.cache_directory = directory;
    }
  }
  settings.excludes = config.excludepkgs().getValue();
  settings.includes = config.includepkgs().getValue();
  settings.without_excludes = config.disable_excludes().getValue();
  settings.install_only = config.installonlypkgs().getValue();
  settings.install_only_limit = config.installonly_limit().getValue();
  settings.module_platform = value_of(config.module_platform_id());
  settings.best = config.best().getValue();
  settings.obsoletes = config.obsoletes().getValue();
  settings.weak_dependencies = config.install_weak_deps().getValue();
  settings.allow_vendor_change = config.allow_vendor_change().getValue();
}

std::string address_of(libdnf::ConfigRepo& config) {
  for (const auto* option : {&config.metalink(), &config.mirrorlist()}) {
    if (std::string address = value_of(*option); !address.empty()) return address;
  }
  return config.baseurl().getValue().empty() ? std::string() : config.baseurl().getValue().front();
}

// SUSE's gpgcheck is for the metadata first, and for packages where these are not signed.
void fill_checks(libdnf::ConfigRepo& config, bool zypper, RepositorySettings& repository) {
  repository.packages_checked = config.gpgcheck().getValue();
  repository.metadata_checked = config.repo_gpgcheck().getValue();
  if (!zypper) return;
  const bool unsaid = config.gpgcheck().getPriority() == Option::Priority::DEFAULT;
  repository.packages_checked = unsaid || config.gpgcheck().getValue();
  repository.metadata_checked = repository.packages_checked;
}

void read_repositories(const std::string& text, const std::string& path, const Variables& variables,
                       libdnf::ConfigMain& main, ManagerSettings& settings,
                       std::vector<std::string>& problems) {
  libdnf::ConfigParser parser;
  parser.setSubstitutions(variables);
  if (!parse(parser, text, path, problems)) return;
  for (const auto& [section, unused] : parser.getData()) {
    if (section == "main") continue;
    libdnf::ConfigRepo config(main);
    apply(parser, section, config, path, problems);
    if (!config.enabled().getValue()) continue;
    if (settings.repositories.size() == kMostRepositories) {
      problems.push_back(fmt::format("only the first {} repositories count", kMostRepositories));
      return;
    }
    RepositorySettings repository;
    repository.id = section;
    libdnf::ConfigParser::substitute(repository.id, variables);
    repository.address = address_of(config);
    repository.priority = config.priority().getValue();
    repository.cost = config.cost().getValue();
    repository.excludes = config.excludepkgs().getValue();
    repository.includes = config.includepkgs().getValue();
    repository.module_hotfixes = config.module_hotfixes().getValue();
    repository.key_urls = config.gpgkey().getValue();
    const int expiry = config.metadata_expire().getValue();
    repository.seldom_refreshed = expiry < 0 || expiry > kDnfsExpiry;
    fill_checks(config, settings.zypper, repository);
    // The first of two with one name counts, as with dnf.
    const bool known =
        std::any_of(settings.repositories.begin(), settings.repositories.end(),
                    [&](const RepositorySettings& other) { return other.id == repository.id; });
    if (!known) settings.repositories.push_back(std::move(repository));
  }
}

bool has_repositories(const std::string& root, const std::string& directory) {
  std::vector<std::string> ignored;
  const std::vector<std::string> names = names_in(root, directory, ignored);
  return std::any_of(names.begin(), names.end(),
                     [](const std::string& name) { return name.ends_with(".repo"); });
}

}  // namespace

ManagerSettings read_settings(const std::string& root, Variables variables,
                              std::vector<std::string>& problems) {
  ManagerSettings settings;
  settings.release = variables["releasever"];
  settings.base_architecture = variables["basearch"];
  settings.zypper = has_repositories(root, kZyppRepositories);
  add_variables(root, variables, problems);
  if (!variables["releasever"].empty()) settings.release = variables["releasever"];

  libdnf::ConfigMain main;
  std::string main_path = "/etc/dnf/dnf.conf";
  if (!probe::status_in_root(root, main_path).ok()) main_path = "/etc/yum.conf";
  const std::string main_text =
      settings.zypper ? std::string() : text_of(root, main_path, problems);
  libdnf::ConfigParser parser;
  parser.setSubstitutions(variables);
  if (parse(parser, main_text, main_path, problems)) {
    apply(parser, "main", main, main_path, problems);
  }
  fill_main(main, settings);
  if (settings.zypper) settings.allow_vendor_change = false;

  std::vector<std::string> directories = main.reposdir().getValue();
  if (settings.zypper) {
    directories = {kZyppRepositories};
  } else {
    read_repositories(main_text, main_path, variables, main, settings, problems);
  }
  for (const std::string& directory : directories) {
    for (const std::string& name : names_in(root, directory, problems)) {
      if (!name.ends_with(".repo")) continue;
      const std::string path = directory + "/" + name;
      read_repositories(text_of(root, path, problems), path, variables, main, settings, problems);
    }
  }
  return settings;
}

}  // namespace muster::packages_rpm
