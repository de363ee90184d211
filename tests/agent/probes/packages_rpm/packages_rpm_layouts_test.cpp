// Where databases and caches lie, modules, and who looks.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "tests/agent/probes/packages_apt/apt_oracle.h"
#include "tests/agent/probes/packages_rpm/rpm_oracle.h"
#include "tests/agent/probes/packages_rpm/rpm_world.h"

namespace muster::test {
namespace {

namespace fs = std::filesystem;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr const char* kModules = R"(---
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
---
document: modulemd
version: 2
data:
  name: node
  stream: "20"
  version: 1
  context: bbbb
  arch: x86_64
  summary: s
  description: d
  license: {module: [MIT]}
  artifacts: {rpms: ["node-0:20.1-1.noarch"]}
...
)";

class RpmLayouts : public ::testing::Test {
 protected:
  static RpmRepositoryText main_repository() {
    return {"repo",
            {{"plain", "1.1"},
             {"locked", "1.1"},
             {"example-release", "9"},
             {"node", "18.2"},
             {"node", "20.1"}},
            "Example Linux",
            updateinfo({advisory("EXSA-1", "security", "important", {{"plain", "1.1"}})})};
  }
  void install() const {
    world_.install({{"plain", "1.0"},
                    {"locked", "1.0"},
                    {"node", "18.1"},
                    {"example-release", "9", "Provides: system-release = 9\n"}});
  }
  // The repository's metadata as another tool has them in its cache.
  void cache_in(const std::string& directory) const {
    fs::create_directories(world_.root() + directory);
    fs::copy(world_.repository_directory("repo") + "/repodata", world_.root() + directory,
             fs::copy_options::recursive);
  }

  RpmWorld world_;
};

TEST_F(RpmLayouts, OfModulesOnlyEnabledStreamsAreUpdates) {
  RpmRepositoryText repository = main_repository();
  repository.modules = kModules;
  world_.add(repository);
  install();
  world_.make_cache();
  for (const char* stream : {"", "18", "20"}) {
    SCOPED_TRACE(stream);
    world_.write("etc/dnf/modules.d/node.module",
                 fmt::format("[node]\nname=node\nstream={}\nstate={}\nprofiles=\n", stream,
                             *stream == '\0' ? "" : "enabled"));
    const v1::PackageFacts facts = rpm_facts(world_.root());
    EXPECT_THAT(facts.problems(), IsEmpty());
    EXPECT_EQ(checked_by_probe(facts), checked_by_dnf(world_));
    const std::string expected =
        std::string(stream) == "18" ? "node.noarch 18.2-1" : "node.noarch 20.1-1";
    if (*stream == '\0') {
      EXPECT_EQ(checked_by_probe(facts).size(), 2u);
    } else {
      EXPECT_THAT(checked_by_probe(facts), Contains(expected));
    }
  }
  // Without a stream, one repository may be excepted.
  fs::remove_all(world_.root() + "/etc/dnf/modules.d");
  repository.fields = "module_hotfixes=1\n";
  world_.add(repository);
  world_.make_cache();
  const v1::PackageFacts facts = rpm_facts(world_.root());
  EXPECT_EQ(checked_by_probe(facts), checked_by_dnf(world_));
  EXPECT_THAT(checked_by_probe(facts), Contains("node.noarch 20.1-1"));
}

TEST_F(RpmLayouts, SuseHasZyppersCacheLocksAndVendors) {
  world_.add(main_repository());
  world_.add({"vendor", {{"plain", "3.0"}}, "Somebody"});
  install();
  for (const char* id : {"repo", "vendor"}) {
    const std::string repo = fmt::format("{}.repo", id);
    fs::create_directories(world_.root() + "/etc/zypp/repos.d");
    fs::rename(world_.root() + "/etc/yum.repos.d/" + repo,
               world_.root() + "/etc/zypp/repos.d/" + repo);
    fs::create_directories(fmt::format("{}/var/cache/zypp/raw/{}", world_.root(), id));
    fs::copy(world_.repository_directory(id) + "/repodata",
             fmt::format("{}/var/cache/zypp/raw/{}/repodata", world_.root(), id),
             fs::copy_options::recursive);
  }
  world_.write("etc/zypp/locks", "\ntype: package\nmatch_type: glob\nsolvable_name: locked\n\n");
  // Where SUSE has it, with a link from where it was.
  fs::create_directories(world_.root() + "/usr/lib/sysimage");
  fs::rename(world_.root() + "/var/lib/rpm", world_.root() + "/usr/lib/sysimage/rpm");
  fs::create_directory_symlink("/usr/lib/sysimage/rpm", world_.root() + "/var/lib/rpm");

  const v1::PackageFacts facts = rpm_facts(world_.root());
  EXPECT_EQ(facts.installed(), 4u);
  EXPECT_THAT(facts.problems(), IsEmpty());
  const v1::PendingUpdate plain = rpm_update(facts, "plain");
  EXPECT_EQ(plain.candidate_version(), "1.1-1") << "that of the vendor it came from";
  EXPECT_EQ(plain.security(), v1::SECURITY_YES);
  EXPECT_EQ(plain.severity(), v1::ADVISORY_SEVERITY_IMPORTANT);
  EXPECT_TRUE(plain.would_install());
  EXPECT_THAT(facts.held(), ElementsAre("locked"));
  EXPECT_EQ(rpm_update(facts, "locked").not_installed_because(), "locked by zypper");
  EXPECT_TRUE(facts.has_lists_updated_at());
}

TEST_F(RpmLayouts, Dnf5AndYumHaveTheirOwnPlaces) {
  world_.add(main_repository());
  install();
  world_.make_cache();
  const v1::PackageFacts expected = rpm_facts(world_.root());
  const Lines updates = checked_by_probe(expected);
  EXPECT_EQ(updates.size(), 3u);
  const std::string cache = world_.root() + "/var/cache/";
  for (const auto& entry : fs::directory_iterator(cache + "dnf")) {
    if (!entry.path().filename().string().starts_with("repo-") || !entry.is_directory()) continue;
    fs::create_directories(cache + "libdnf5");
    fs::rename(entry.path(), cache + "libdnf5/" + entry.path().filename().string());
    break;
  }
  EXPECT_EQ(checked_by_probe(rpm_facts(world_.root())), updates);
  fs::remove_all(cache + "libdnf5");
  EXPECT_FALSE(rpm_facts(world_.root()).lists_present());
  // yum has them without "repodata/".
  cache_in("/var/cache/yum/x86_64/9/repo");
  EXPECT_EQ(checked_by_probe(rpm_facts(world_.root())), updates);
}

TEST_F(RpmLayouts, ReportsTheSameToAnUnprivilegedUserAndWithoutANetwork) {
  world_.add(main_repository());
  install();
  world_.make_cache();
  const std::string as_root = rpm_facts(world_.root()).SerializeAsString();
  EXPECT_EQ(rpm_facts(world_.root(), unprivileged()).SerializeAsString(), as_root);
  EXPECT_EQ(rpm_facts(world_.root(), without_network()).SerializeAsString(), as_root);
}

TEST_F(RpmLayouts, DoesNotKnowOfUpdatesWithoutACache) {
  world_.add(main_repository());
  install();
  const v1::PackageFacts facts = rpm_facts(world_.root());
  EXPECT_FALSE(facts.lists_present());
  EXPECT_FALSE(facts.has_lists_updated_at());
  ASSERT_EQ(facts.problems_size(), 1);
  EXPECT_THAT(facts.problems(0), HasSubstr("repository repo: no metadata in the cache"));
  EXPECT_THAT(facts.problems(0), HasSubstr("dnf makecache"));
  world_.write("etc/yum.repos.d/repo.repo", "[repo]\nname=x\nbaseurl=http://x/\nenabled=0\n");
  EXPECT_THAT(rpm_facts(world_.root()).problems(), IsEmpty());
}

TEST_F(RpmLayouts, TakesTheCacheOfTheAddressWithItsVariablesPutIn) {
  world_.add(main_repository());
  install();
  // The directory's own name has the release in it.
  const std::string place = world_.repository_directory("repo");
  const std::string nine = fs::path(place).parent_path().string() + "/9";
  fs::rename(place, nine);
  world_.write("etc/yum.repos.d/repo.repo",
               fmt::format("[repo]\nname=x\nbaseurl=file://{}/$releasever\n",
                           fs::path(place).parent_path().string()));
  world_.make_cache();
  EXPECT_TRUE(rpm_facts(world_.root()).lists_present());
  world_.write("etc/dnf/vars/releasever", "10\n");
  EXPECT_FALSE(rpm_facts(world_.root()).lists_present());
}

TEST_F(RpmLayouts, DoesNotApplyWithoutADatabase) {
  fs::remove_all(world_.root() + "/var/lib/rpm");
  const v1::Section section = run_rpm_probe(world_.root());
  EXPECT_EQ(section.outcome(), v1::OUTCOME_NOT_APPLICABLE);
  EXPECT_THAT(section.reason(), HasSubstr("/var/lib/rpm"));
  fs::create_directories(world_.root() + "/var/lib/pacman/local");
  const v1::Section pacman = run_rpm_probe(world_.root());
  EXPECT_EQ(pacman.outcome(), v1::OUTCOME_FAILED);
  EXPECT_THAT(pacman.reason(), HasSubstr("pacman, which Muster does not support"));
}

TEST_F(RpmLayouts, IsAFailureWithoutADatabaseWhereTheSystemMustHaveOne) {
  fs::remove_all(world_.root() + "/var/lib/rpm");
  world_.write("etc/os-release", "ID=\"rocky\"\nID_LIKE=\"rhel centos fedora\"\n");
  const v1::Section section = run_rpm_probe(world_.root());
  EXPECT_EQ(section.outcome(), v1::OUTCOME_FAILED);
  EXPECT_THAT(section.reason(), HasSubstr("/var/lib/rpm"));
  EXPECT_THAT(section.reason(), HasSubstr("os-release says rocky"));
  EXPECT_THAT(section.reason(), HasSubstr("is all of it mounted?"));
}

}  // namespace
}  // namespace muster::test
