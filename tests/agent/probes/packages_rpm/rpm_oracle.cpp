#include "tests/agent/probes/packages_rpm/rpm_oracle.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cctype>
#include <regex>
#include <sstream>

#include "tests/agent/probes/packages_apt/command.h"
#include "tests/agent/probes/probe_section.h"

namespace muster::test {
namespace {

std::vector<std::string> lines_of(const RpmWorld& world, const std::vector<std::string>& words) {
  std::vector<std::string> command = world.dnf();
  command.emplace_back("-C");
  command.insert(command.end(), words.begin(), words.end());
  std::istringstream output(run_command(command, world.environment()).output);
  std::vector<std::string> lines;
  for (std::string line; std::getline(output, line);)
    lines.push_back(line);
  return lines;
}

bool is_locked(const v1::PendingUpdate& update) {
  return update.not_installed_because().starts_with("locked by");
}

bool replaces(const v1::PendingUpdate& update) {
  return !update.candidate_version().empty() &&
         (std::isdigit(static_cast<unsigned char>(update.candidate_version()[0])) == 0);
}

// "new-1.1-1" apart.
std::pair<std::string, std::string> name_and_version(const std::string& text) {
  const size_t release = text.rfind('-');
  const size_t version = text.rfind('-', release - 1);
  return {text.substr(0, version), text.substr(version + 1)};
}

}  // namespace

Lines checked_by_dnf(const RpmWorld& world) {
  static const std::regex package(R"(^(\S+\.\S+) +(\S+) +(\S+) *$)");
  static const std::regex replaced(R"(^ +(\S+\.\S+) +(\S+) +(\S+) *$)");
  Lines found;
  bool obsoleting = false;
  std::string by;
  for (const std::string& line : lines_of(world, {"check-update"})) {
    std::smatch match;
    if (line.starts_with("Obsoleting Packages")) {
      obsoleting = true;
    } else if (std::regex_match(line, match, package)) {
      const std::string name = match[1];
      by = fmt::format("{}-{}", name.substr(0, name.rfind('.')), match[2].str());
      if (!obsoleting) found.insert(fmt::format("{} {}", name, match[2].str()));
    } else if (std::regex_match(line, match, replaced)) {
      found.insert(fmt::format("{} by {}", match[1].str(), by));
    }
  }
  return found;
}

Lines advisories_by_dnf(const RpmWorld& world) {
  static const std::regex pattern(R"(^(\S+) +(\S+) +(\S+)-[^-]+-[^-]+\.(\S+)$)");
  Lines found;
  for (const std::string& line : lines_of(world, {"updateinfo", "list", "--updates"})) {
    std::smatch match;
    if (!std::regex_match(line, match, pattern)) continue;
    found.insert(fmt::format("{} {}.{}", match[1].str(), match[3].str(), match[4].str()));
  }
  return found;
}

Lines upgraded_by_dnf(const RpmWorld& world) {
  static const std::regex pattern(R"(^ (\S+) +(noarch|x86_64) +(\S+) +\S+ +.*$)");
  Lines found;
  bool counts = false;
  for (const std::string& line : lines_of(world, {"upgrade"})) {
    if (line.ends_with(":") && !line.starts_with(" ")) {
      counts = line == "Upgrading:" || line == "Installing:";
    }
    std::smatch match;
    if (counts && std::regex_match(line, match, pattern)) {
      found.insert(fmt::format("{} {}", match[1].str(), match[3].str()));
    }
  }
  return found;
}

Lines checked_by_probe(const v1::PackageFacts& facts) {
  Lines found;
  for (const v1::PendingUpdate& update : facts.pending_updates()) {
    if (is_locked(update)) continue;
    found.insert(fmt::format("{}.{} {}{}", update.package(), update.architecture(),
                             replaces(update) ? "by " : "", update.candidate_version()));
  }
  return found;
}

Lines advisories_by_probe(const v1::PackageFacts& facts) {
  Lines found;
  for (const v1::PendingUpdate& update : facts.pending_updates()) {
    for (const v1::Advisory& one : update.advisories())
      found.insert(fmt::format("{} {}.{}", one.id(), update.package(), update.architecture()));
  }
  return found;
}

Lines upgraded_by_probe(const v1::PackageFacts& facts) {
  Lines found;
  for (const v1::PendingUpdate& update : facts.pending_updates()) {
    EXPECT_NE(update.would_install(), !update.not_installed_because().empty()) << update.package();
    if (!update.would_install()) continue;
    if (replaces(update)) {
      const auto [name, version] = name_and_version(update.candidate_version());
      found.insert(fmt::format("{} {}", name, version));
    } else {
      found.insert(fmt::format("{} {}", update.package(), update.candidate_version()));
    }
  }
  return found;
}

v1::Section run_rpm_probe(const std::string& root, const std::vector<std::string>& prefix) {
  return section_of_probe("packages-rpm", root, prefix);
}

v1::PackageFacts rpm_facts(const std::string& root, const std::vector<std::string>& prefix) {
  const v1::Section section = run_rpm_probe(root, prefix);
  v1::PackageFacts facts;
  EXPECT_EQ(section.outcome(), v1::OUTCOME_OBSERVED) << section.reason();
  EXPECT_TRUE(facts.ParseFromString(section.facts()));
  return facts;
}

v1::PendingUpdate rpm_update(const v1::PackageFacts& facts, const std::string& package) {
  for (const v1::PendingUpdate& update : facts.pending_updates()) {
    if (update.package() == package) return update;
  }
  ADD_FAILURE() << package << " does not wait";
  return {};
}

}  // namespace muster::test
