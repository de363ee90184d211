#include "tests/agent/probes/kernel_stories/kernel_story.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "agent/probes/restart/restart_look.h"
#include "agent/sandbox/process_table.h"
#include "tests/agent/probes/packages_apt/apt_world.h"
#include "tests/agent/probes/packages_rpm/rpm_world.h"
#include "tests/agent/probes/probe_section.h"
#include "tests/common/policy/facts.h"

namespace muster::test {
namespace {

bool has_rpm(const KernelStory& story) {
  return story.distribution == Distribution::kRedHat || story.distribution == Distribution::kSuse;
}

std::string os_release(Distribution distribution) {
  switch (distribution) {
    case Distribution::kDebian:
      return "ID=debian\nVERSION_ID=\"12\"\nVERSION_CODENAME=bookworm\n";
    case Distribution::kUbuntu:
      return "ID=ubuntu\nID_LIKE=debian\nVERSION_ID=\"22.04\"\nVERSION_CODENAME=jammy\n";
    case Distribution::kRedHat:
      return "ID=\"rhel\"\nID_LIKE=\"fedora\"\nVERSION_ID=\"9.4\"\n";
    case Distribution::kSuse:
      return "ID=\"sles\"\nID_LIKE=\"suse\"\nVERSION_ID=\"15.6\"\n";
  }
  return {};
}

// What is not of a package: a server on whose hardware systemd runs.
template <typename World>
void write_system(const World& world, const KernelStory& story) {
  world.write("etc/os-release", os_release(story.distribution));
  world.write("proc/stat", "cpu  1 2 3\nbtime 1767225600\n");
  world.write("proc/cpuinfo",
              "vendor_id\t: GenuineIntel\ncpu family\t: 6\nmodel\t\t: 85\n"
              "stepping\t: 4\nmicrocode\t: 0x2006e05\n");
  world.write("proc/1/stat", "1 (systemd) S 0 1 1 0 -1 0 1 2 3 4 5 6 7 8 20 0 1 0 2 1\n");
  world.write("proc/1/cgroup", "0::/init.scope\n");
  world.write("proc/1/maps", "7f00-7f10 r-xp 00000000 08:02 12 /usr/lib/systemd/systemd\n");
  world.write("lib/modules/" + story.release + "/modules.dep", "");
  std::filesystem::create_directories(world.root() + "/run/systemd/system");
  for (const KernelPackage& package : story.installed) {
    if (!package.release.empty() && !package.is_removed) {
      world.write("boot/vmlinuz-" + package.release, "");
    }
  }
  for (const auto& [path, content] : story.files)
    world.write(path, content);
}

Stanza stanza_of(const KernelPackage& package, bool is_ubuntu) {
  const std::string usual = is_ubuntu ? "linux-signed" : "linux-signed-amd64";
  return {.package = package.name,
          .version = package.version,
          .fields = fmt::format("Source: {}\n", package.source.empty() ? usual : package.source),
          .status = package.is_removed ? "deinstall ok config-files" : "install ok installed"};
}

void fill(const AptWorld& world, const KernelStory& story) {
  const bool is_ubuntu = story.distribution == Distribution::kUbuntu;
  std::vector<Stanza> status = {{.package = "base-files", .version = "12.4"}};
  std::vector<Stanza> offered = status;
  for (const KernelPackage& package : story.installed) {
    status.push_back(stanza_of(package, is_ubuntu));
    offered.push_back(status.back());
    // Of a removed one its configuration is left, and no list of files with an image.
    std::string files = "/.\n/usr/share/doc/" + package.name + "/copyright\n";
    if (!package.release.empty() && !package.is_removed) {
      files +=
          fmt::format("/boot/vmlinuz-{0}\n/lib/modules/{0}/modules.builtin\n", package.release);
    }
    world.write(fmt::format("var/lib/dpkg/info/{}.list", package.name), files);
  }
  for (const KernelPackage& package : story.offered)
    offered.push_back(stanza_of(package, is_ubuntu));
  world.write_status(status);
  const char* origin = is_ubuntu ? "Ubuntu" : "Debian";
  world.add({.name = "main",
             .distribution = is_ubuntu ? "jammy" : "bookworm",
             .release_fields = fmt::format("Origin: {0}\nLabel: {0}\nSuite: stable\n", origin),
             .packages = offered});
  EXPECT_TRUE(world.update_lists());
}

RpmPackageText rpm_of(const KernelPackage& package) {
  const size_t dash = package.version.find('-');
  return {.name = package.name,
          .version = package.version.substr(0, dash),
          .fields = fmt::format("Release: {}\nProvides: installonlypkg(kernel)\n",
                                package.version.substr(dash + 1)),
          .file = fmt::format("/lib/modules/{}/vmlinuz", package.release)};
}

void fill(const RpmWorld& world, const KernelStory& story) {
  std::vector<RpmPackageText> installed;
  for (const KernelPackage& package : story.installed) {
    if (!package.is_removed) installed.push_back(rpm_of(package));
  }
  std::vector<RpmPackageText> offered = installed;
  for (const KernelPackage& package : story.offered)
    offered.push_back(rpm_of(package));
  world.install(installed);
  world.add({.id = "baseos", .packages = offered});
  world.make_cache();
}

v1::Section look_at_restarts(const std::string& root, const KernelStory& story) {
  const RunningSystem running{
      .kernel_release = story.release, .kernel_version = story.version, .machine = "x86_64"};
  return restart::look_at_restarts(root, running,
                                   {agent::gather_processes((root + "/proc").c_str())},
                                   [](int32_t, const std::string&) { return std::nullopt; });
}

// As the collector has it.
SectionState state_of(const std::string& probe, const v1::Section& section) {
  SectionState state;
  state.probe = probe;
  state.outcome = section.outcome();
  state.reason = section.reason();
  state.looked_at = testing::kNow;
  state.observed_at = testing::kNow;
  state.facts_type = section.facts_type();
  state.facts = section.facts();
  return state;
}

std::vector<SectionState> look(const std::string& root, const KernelStory& story) {
  std::vector<SectionState> sections;
  for (const std::string probe : {"packages-apt", "packages-rpm"})
    sections.push_back(state_of(probe, section_of_probe(probe, root, {})));
  EXPECT_EQ(sections[has_rpm(story) ? 1 : 0].outcome, v1::OUTCOME_OBSERVED);
  sections.push_back(state_of("restart", look_at_restarts(root, story)));
  EXPECT_EQ(sections.back().outcome, v1::OUTCOME_OBSERVED);
  return sections;
}

template <typename World>
std::vector<SectionState> sections_in(const KernelStory& story) {
  const World world;
  write_system(world, story);
  fill(world, story);
  return look(world.root(), story);
}

}  // namespace

std::vector<SectionState> sections_of(const KernelStory& story) {
  return has_rpm(story) ? sections_in<RpmWorld>(story) : sections_in<AptWorld>(story);
}

}  // namespace muster::test
