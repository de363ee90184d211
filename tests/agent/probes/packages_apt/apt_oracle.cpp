#include "tests/agent/probes/packages_apt/apt_oracle.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <regex>
#include <sstream>

#include "tests/agent/probes/packages_apt/command.h"
#include "tests/agent/probes/probe_section.h"

namespace muster::test {
namespace {

constexpr const char* kQuiet = "-oApt::Cmd::Disable-Script-Warning=true";

std::string output_of(const std::vector<std::string>& arguments,
                      const std::string& apt_configuration) {
  std::vector<std::string> environment = {"LC_ALL=C"};
  if (!apt_configuration.empty()) environment.push_back("APT_CONFIG=" + apt_configuration);
  const CommandResult result = run_command(arguments, environment);
  EXPECT_EQ(result.status, 0) << arguments[0] << ' ' << arguments[1];
  return result.output;
}

std::string in_words(const std::string& package, const std::string& architecture,
                     const std::string& from, const std::string& to) {
  return fmt::format("{}:{} {} -> {}", package, architecture, from, to);
}

UpdateSet matches(const std::string& output, const std::regex& line_pattern,
                  const std::array<size_t, 4>& groups) {
  UpdateSet updates;
  std::istringstream lines(output);
  for (std::string line; std::getline(lines, line);) {
    std::smatch match;
    if (!std::regex_search(line, match, line_pattern)) continue;
    updates.insert(
        in_words(match[groups[0]], match[groups[1]], match[groups[2]], match[groups[3]]));
  }
  return updates;
}

std::string in_words(const v1::PendingUpdate& update) {
  return in_words(update.package(), update.architecture(), update.installed_version(),
                  update.candidate_version());
}

}  // namespace

UpdateSet listed_as_upgradable(const std::string& apt_configuration) {
  // plain/stable,stable-security 1.1 amd64 [upgradable from: 1.0]
  static const std::regex line(R"(^([^/ ]+)/\S* (\S+) (\S+) \[upgradable from: (\S+)\])");
  return matches(output_of({"apt", kQuiet, "list", "--upgradable"}, apt_configuration), line,
                 {1, 3, 4, 2});
}

UpdateSet upgraded_by_dist_upgrade(const std::string& apt_configuration) {
  // Inst libfoo:i386 [1.0] (1.1 Debian:stable [i386]) []
  static const std::regex line(R"(^Inst ([^: ]+)\S* \[(\S+)\] \((\S+) .*\[(\S+)\]\))");
  UpdateSet updates =
      matches(output_of({"apt-get", "-s", "dist-upgrade"}, apt_configuration), line, {1, 4, 2, 3});
  std::erase_if(updates, [](const std::string& update) {
    static const std::regex versions(R"((\S+) -> (\S+)$)");
    std::smatch match;
    std::regex_search(update, match, versions);
    return run_command({"dpkg", "--compare-versions", match[1], "gt", match[2]}).status == 0;
  });
  return updates;
}

size_t listed(const std::string& apt_configuration, const std::string& pattern) {
  std::istringstream lines(output_of({"apt", kQuiet, "list", pattern}, apt_configuration));
  size_t count = 0;
  for (std::string line; std::getline(lines, line);)
    count += line.find('/') != std::string::npos ? 1 : 0;
  return count;
}

UpdateSet all_updates(const v1::PackageFacts& facts) {
  UpdateSet updates;
  for (const v1::PendingUpdate& update : facts.pending_updates())
    updates.insert(in_words(update));
  EXPECT_EQ(updates.size(), static_cast<size_t>(facts.pending_updates_size()));
  return updates;
}

UpdateSet updates_to_install(const v1::PackageFacts& facts) {
  UpdateSet updates;
  for (const v1::PendingUpdate& update : facts.pending_updates()) {
    EXPECT_NE(update.would_install(), !update.not_installed_because().empty()) << update.package();
    if (update.would_install()) updates.insert(in_words(update));
  }
  return updates;
}

v1::Section run_probe(const std::string& root, const std::vector<std::string>& prefix) {
  return section_of_probe("packages-apt", root, prefix);
}

v1::PackageFacts probe_facts(const std::string& root, const std::vector<std::string>& prefix) {
  const v1::Section section = run_probe(root, prefix);
  v1::PackageFacts facts;
  EXPECT_EQ(section.outcome(), v1::OUTCOME_OBSERVED) << section.reason();
  EXPECT_TRUE(facts.ParseFromString(section.facts()));
  return facts;
}

std::vector<std::string> unprivileged() {
  if (::geteuid() != 0) return {};
  return {"setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"};
}

std::vector<std::string> without_network() {
  if (::geteuid() != 0) return {"unshare", "--map-root-user", "--net"};
  return {"unshare", "--net"};
}

}  // namespace muster::test
