// What the probe leaves out before it asks libdnf, and does not load, beside the real dnf, which
// leaves nothing out.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/agent/probes/packages_apt/command.h"
#include "tests/agent/probes/packages_rpm/rpm_oracle.h"
#include "tests/agent/probes/packages_rpm/rpm_world.h"

namespace muster::test {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class RpmCandidates : public ::testing::Test {
 protected:
  void SetUp() override { world_.write("etc/dnf/dnf.conf", "[main]\ngpgcheck=0\n"); }

  void agree_with_dnf(const Lines& expected) {
    world_.make_cache();
    const v1::PackageFacts facts = rpm_facts(world_.root());
    EXPECT_THAT(facts.problems(), IsEmpty());
    EXPECT_EQ(checked_by_probe(facts), checked_by_dnf(world_));
    EXPECT_EQ(checked_by_probe(facts), expected);
  }

  RpmWorld world_;
};

TEST_F(RpmCandidates, WhatReplacesAnotherPackageMayBeInstalledItselfOrOfALesserRepository) {
  world_.add({"near",
              {{"merged", "2.0", "Obsoletes: split < 2\n"},
               {"taken", "1.0"},
               {"newcomer", "1.0", "Obsoletes: renamed < 2\n"},
               {"aside", "1.0", "Obsoletes: absent < 2\n"}}});
  world_.add(
      {"far",
       {{"taken", "2.0", "Obsoletes: given < 2\n"}, {"distant", "1.0", "Obsoletes: abandoned\n"}},
       "Example Linux",
       "",
       "",
       "priority=150\n"});
  world_.install({{"example-release", "9", "Provides: system-release = 9\n"},
                  {"merged", "1.0"},
                  {"split", "1.0"},
                  {"renamed", "1.0"},
                  {"given", "1.0"},
                  {"abandoned", "1.0"}});
  agree_with_dnf({"abandoned.noarch by distant-1.0-1", "merged.noarch 2.0-1",
                  "renamed.noarch by newcomer-1.0-1", "split.noarch by merged-2.0-1"});
}

TEST_F(RpmCandidates, TheNearestRepositoryDecidesAlsoWhereItHasNothingNewer) {
  world_.add({"near", {{"plain", "1.0"}, {"newer", "1.1"}}});
  world_.add({"far",
              {{"plain", "2.0"}, {"newer", "2.0"}, {"only", "2.0"}},
              "Example Linux",
              "",
              "",
              "priority=150\n"});
  world_.install({{"example-release", "9", "Provides: system-release = 9\n"},
                  {"plain", "1.0"},
                  {"newer", "1.0"},
                  {"only", "1.0"}});
  agree_with_dnf({"newer.noarch 1.1-1", "only.noarch 2.0-1"});
}

TEST_F(RpmCandidates, WhatDnfKeepsOfAModuleCountsWhereNoRepositoryHasModulesAnyMore) {
  world_.add({"repo", {{"node", "18.2"}, {"node", "20.1"}}});
  world_.install({{"example-release", "9", "Provides: system-release = 9\n"}, {"node", "18.1"}});
  agree_with_dnf({"node.noarch 20.1-1"});
  world_.write("etc/dnf/modules.d/node.module",
               "[node]\nname=node\nstream=18\nstate=enabled\nprofiles=\n");
  agree_with_dnf({"node.noarch 20.1-1"});
  world_.write("var/lib/dnf/modulefailsafe/node:18:x86_64.yaml", R"(---
document: modulemd
version: 2
data:
  name: node
  stream: "18"
  version: 1
  context: aaaa
  arch: x86_64
  summary: s
  description: d
  license: {module: [MIT]}
  artifacts: {rpms: ["node-0:18.2-1.noarch"]}
...
)");
  agree_with_dnf({"node.noarch 18.2-1"});
}

TEST(RpmProgram, LoadsNothingThatFetches) {
  const CommandResult loaded = run_command(
      {std::string(MUSTER_BUILD_DIRECTORY) + "/libexec/muster/probes/muster-probe-packages-rpm"},
      {"LD_TRACE_LOADED_OBJECTS=1"});
  EXPECT_THAT(loaded.output, HasSubstr("libdnf.so"));
  for (const char* library : {"librepo", "libcurl", "libgnutls", "libldap", "libgpgme", "libssl"})
    EXPECT_THAT(loaded.output, Not(HasSubstr(library)));
}

}  // namespace
}  // namespace muster::test
