// Databases, caches and images that are broken or mean harm: never "nothing waits".
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>

#include "tests/agent/probes/packages_rpm/rpm_oracle.h"
#include "tests/agent/probes/packages_rpm/rpm_world.h"

namespace muster::test {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class HostileRpm : public ::testing::Test {
 protected:
  void SetUp() override {
    world_.add({"repo",
                {{"plain", "1.1"}, {"example-release", "9"}},
                "Example Linux",
                updateinfo({advisory("EXSA-1", "security", "Low", {{"plain", "1.1"}})})});
    world_.install({{"plain", "1.0"}, {"example-release", "9", "Provides: system-release = 9\n"}});
    world_.make_cache();
  }
  std::string database() const { return world_.root() + "/var/lib/rpm/rpmdb.sqlite"; }
  // The file of the cached repository whose name has `part` in it.
  std::string cached(const std::string& part) const {
    for (const auto& entry : fs::recursive_directory_iterator(world_.root() + "/var/cache/dnf")) {
      if (entry.path().filename().string().find(part) != std::string::npos) return entry.path();
    }
    ADD_FAILURE() << "no " << part;
    return {};
  }
  static void overwrite(const std::string& path, const std::string& content) {
    std::ofstream(path, std::ios::trunc) << content;
  }

  RpmWorld world_;
};

TEST_F(HostileRpm, ADamagedDatabaseFailsTheLook) {
  std::ifstream stream(database(), std::ios::binary);
  const std::string whole((std::istreambuf_iterator<char>(stream)), {});
  const std::string zeros(whole.size() / 2, '\0');
  for (const std::string& damaged : {std::string("no database"), whole.substr(0, whole.size() / 2),
                                     whole.substr(0, 4096) + zeros, std::string()}) {
    overwrite(database(), damaged);
    const v1::Section section = run_rpm_probe(world_.root());
    EXPECT_EQ(section.outcome(), v1::OUTCOME_FAILED) << damaged.size();
    EXPECT_THAT(section.reason(), HasSubstr("rpm's database")) << damaged.size();
  }
}

TEST_F(HostileRpm, DamagedMetadataAreAProblemOfTheirRepository) {
  struct Case {
    const char* file;
    std::string content;
  };
  const Case cases[] = {
      {"primary", "not gzip, not xml"}, {"repomd", "<repomd><data"}, {"repomd", ""}};
  for (const Case& one : cases) {
    overwrite(cached(one.file), one.content);
    const v1::PackageFacts facts = rpm_facts(world_.root());
    EXPECT_FALSE(facts.lists_present()) << one.file;
    ASSERT_EQ(facts.problems_size(), 1) << one.file;
    EXPECT_THAT(facts.problems(0), HasSubstr("repository repo: ")) << one.file;
  }
}

TEST_F(HostileRpm, DamagedErrataAreAProblemAndNoUpdateIsOrdinary) {
  overwrite(cached("updateinfo.xml"), "<updates><update type='security'><id>");
  const v1::PackageFacts facts = rpm_facts(world_.root());
  EXPECT_GE(facts.problems_size(), 1);
  for (const v1::PendingUpdate& update : facts.pending_updates())
    EXPECT_NE(update.security(), v1::SECURITY_NO);
}

TEST_F(HostileRpm, ErrataThatAreNotInTheCacheAreNotNone) {
  fs::remove(cached("updateinfo.xml"));
  const v1::PackageFacts facts = rpm_facts(world_.root());
  ASSERT_EQ(facts.problems_size(), 1);
  EXPECT_THAT(facts.problems(0), HasSubstr("errata are not in the cache"));
  EXPECT_EQ(rpm_update(facts, "plain").security(), v1::SECURITY_UNSPECIFIED);
  EXPECT_EQ(facts.repositories_without_errata_size(), 1);
}

TEST_F(HostileRpm, HugeMetadataAreNotRead) {
  fs::resize_file(cached("primary"), (uintmax_t{512} << 20) + 1);
  const v1::PackageFacts facts = rpm_facts(world_.root());
  EXPECT_FALSE(facts.lists_present());
  ASSERT_EQ(facts.problems_size(), 1);
  EXPECT_THAT(facts.problems(0), HasSubstr("more than the 536870912 that are read"));
}

TEST_F(HostileRpm, AnImagesLinksStayInsideAndItsPipesAreNotWaitedFor) {
  const std::string dnf = world_.root() + "/etc/dnf/dnf.conf";
  fs::remove(dnf);
  ASSERT_EQ(::mkfifo(dnf.c_str(), 0644), 0);
  v1::PackageFacts facts = rpm_facts(world_.root());
  ASSERT_EQ(facts.problems_size(), 1);
  EXPECT_THAT(facts.problems(0), HasSubstr("/etc/dnf/dnf.conf"));

  const std::string modules = world_.root() + "/etc/dnf/modules.d";
  fs::create_directories(modules);
  ASSERT_EQ(::mkfifo((modules + "/x.module").c_str(), 0644), 0);
  v1::Section section = run_rpm_probe(world_.root());
  EXPECT_EQ(section.outcome(), v1::OUTCOME_FAILED);
  EXPECT_THAT(section.reason(), HasSubstr("is not a regular file"));
  fs::remove_all(modules);
  fs::create_directory_symlink("/etc", modules);
  section = run_rpm_probe(world_.root());
  EXPECT_EQ(section.outcome(), v1::OUTCOME_FAILED);
  EXPECT_THAT(section.reason(), HasSubstr("leads out of"));
  fs::remove(modules);

  fs::remove(database());
  ASSERT_EQ(::mkfifo(database().c_str(), 0644), 0);
  section = run_rpm_probe(world_.root());
  EXPECT_EQ(section.outcome(), v1::OUTCOME_FAILED);
  EXPECT_THAT(section.reason(), HasSubstr("not a regular file"));
}

// librpm opens the file by its path, and the kernel follows the link past the image.
TEST_F(HostileRpm, ADatabaseThatIsALinkOutOfTheImageIsNotRead) {
  const std::string outside = fs::path(world_.root()).parent_path() / "outside.sqlite";
  fs::rename(database(), outside);
  fs::create_symlink(outside, database());
  world_.write(outside.substr(1), "");
  const v1::Section section = run_rpm_probe(world_.root());
  EXPECT_EQ(section.outcome(), v1::OUTCOME_FAILED);
  EXPECT_THAT(section.reason(), HasSubstr("/var/lib/rpm/rpmdb.sqlite is a link that leads out of"));
}

// libdnf would read them by itself.
TEST_F(HostileRpm, TheMachinesSettingsAreNotReadForAnImage) {
  if (::geteuid() != 0) return;  // only root has mount namespaces
  const fs::path settings = fs::path(world_.root()).parent_path() / "machine";
  fs::create_directories(settings / "protected.d");
  const int watch = ::inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  for (const std::string name : {"dnf.conf", "protected.d/plain.conf"}) {
    overwrite(settings / name, name == "dnf.conf" ? "[main]\nbest=0\n" : "plain\n");
    ASSERT_GE(::inotify_add_watch(watch, (settings / name).c_str(), IN_OPEN), 0);
  }
  constexpr const char* kScript = R"(mount --bind "$0" /etc/dnf && exec "$@")";
  rpm_facts(world_.root(), {"unshare", "--mount", "sh", "-c", kScript, settings});
  std::array<char, 4096> opened{};
  EXPECT_EQ(::read(watch, opened.data(), opened.size()), -1) << "one was opened";
  ::close(watch);
}

TEST_F(HostileRpm, RepositoriesAndSettingsBeyondTheBoundsAreAProblem) {
  std::string sections;
  for (int i = 0; i <= 500; ++i)
    sections += fmt::format("[r{0:03}]\nname=x\nbaseurl=file:///none/{0}\n", i);
  world_.write("etc/yum.repos.d/many.repo", sections);
  v1::PackageFacts facts = rpm_facts(world_.root());
  ASSERT_EQ(facts.problems_size(), 51) << "50, and how many there are in all";
  EXPECT_EQ(facts.problems(0), "only the first 500 repositories count");
  world_.write("etc/yum.repos.d/many.repo", std::string((1 << 20) + 1, '#'));
  facts = rpm_facts(world_.root());
  ASSERT_EQ(facts.problems_size(), 1);
  EXPECT_THAT(facts.problems(0), HasSubstr("reading /etc/yum.repos.d/many.repo: "));
  EXPECT_TRUE(facts.lists_present()) << "the other repository is read all the same";
}

TEST_F(HostileRpm, AdvisoriesAndHolesBeyondTheBoundsAreNotListed) {
  std::string holes;
  for (int i = 0; i < 120; ++i)
    holes += fmt::format(R"(<reference href="h" id="CVE-2026-{:04}" type="cve" title="t"/>)", i);
  std::vector<std::string> advisories = {
      advisory("ZZSA-1", "security", "Critical", {{"plain", "1.1"}}, holes)};
  for (int i = 0; i < 110; ++i)
    advisories.push_back(advisory(fmt::format("BA-{:03}", i), "bugfix", "", {{"plain", "1.1"}}));
  world_.add({"repo", {{"plain", "1.1"}}, "Example Linux", updateinfo(advisories)});
  world_.make_cache();
  const v1::PendingUpdate plain = rpm_update(rpm_facts(world_.root()), "plain");
  ASSERT_EQ(plain.advisories_size(), 100);
  EXPECT_EQ(plain.advisories(99).id(), "ZZSA-1") << "what is for security stays";
  EXPECT_EQ(plain.advisories(99).cves_size(), 100);
}

TEST_F(HostileRpm, AnImagesDigestsOfMetadataAreNotUsed) {
  overwrite(cached("repo.solv"), "SOLV\x00\x00\x00\x08 whatever they say");
  EXPECT_EQ(checked_by_probe(rpm_facts(world_.root())), Lines{"plain.noarch 1.1-1"});
}

TEST_F(HostileRpm, AnImageIsNotChanged) {
  // As in an image that was made and never run: no files beside the database.
  fs::remove(database() + "-wal");
  fs::remove(database() + "-shm");
  EXPECT_EQ(rpm_facts(world_.root()).installed(), 2u);
  EXPECT_FALSE(fs::exists(database() + "-wal"));
  EXPECT_FALSE(fs::exists(database() + "-shm"));
}

}  // namespace
}  // namespace muster::test
