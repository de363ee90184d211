// The real probes see the same in their sandbox as outside of it, and can tell no more.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <string>

#include "agent/launcher/look_result.h"
#include "agent/looking/probe_list.h"
#include "muster/v1/certificate_facts.pb.h"
#include "muster/v1/firmware_facts.pb.h"
#include "muster/v1/hardware_facts.pb.h"
#include "muster/v1/host_facts.pb.h"
#include "muster/v1/lifecycle_facts.pb.h"
#include "muster/v1/package_facts.pb.h"
#include "muster/v1/probe.pb.h"
#include "muster/v1/protection_facts.pb.h"
#include "tests/agent/probes/hardware/stories/stories.h"
#include "tests/agent/probes/packages_apk/alpine_root.h"
#include "tests/agent/probes/packages_apt/apt_world.h"
#include "tests/agent/probes/packages_rpm/rpm_world.h"
#include "tests/agent/probes/test_root.h"
#include "tests/agent/sandbox/sandboxed_program.h"
#include "tests/common/certificate_maker.h"
#include "tests/common/temporary_directory.h"

namespace muster::agent {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::Not;

const ProbeRow& row_of(std::string_view name) {
  return *std::find_if(all_probes().begin(), all_probes().end(),
                       [name](const ProbeRow& row) { return row.name == name; });
}

struct Look {
  std::string root = "/";
  std::vector<std::string> paths = {};
  bool default_paths = true;
};

std::string input_of(const ProbeRow& row, const Look& look) {
  v1::ProbeRequest message;
  message.set_root(look.root);
  if (!look.paths.empty()) {
    v1::ProbeSetting& setting = *message.add_settings();
    setting.set_name(row.name == "certificates" ? "paths" : "readable");
    setting.mutable_values()->Assign(look.paths.begin(), look.paths.end());
  }
  if (!look.default_paths) {
    v1::ProbeSetting& setting = *message.add_settings();
    setting.set_name("default_paths");
    setting.add_values("false");
  }
  return message.SerializeAsString();
}

LaunchRequest request_of(const ProbeRow& row) {
  LaunchRequest request;
  request.program = fmt::format("{}/libexec/muster/probes/{}", MUSTER_BUILD_DIRECTORY, row.program);
  request.timeout = 60s;
  return request;
}

v1::Section look_free(const ProbeRow& row, Starter starter, const Look& look) {
  const LaunchRequest request = request_of(row);
  return section_of(row, request, run_free(request.program, starter, input_of(row, look), request),
                    TimePoint());
}

v1::Section look_sandboxed(const ProbeRow& row, Starter starter, const Look& look) {
  const LaunchRequest request = request_of(row);
  const std::string root = look.root == "/" ? "" : look.root;
  std::vector<std::string> paths;
  for (const std::string& path : look.paths)
    paths.push_back(root + path);
  SandboxPlan plan = plan_of(row.sandbox, request.program, paths, root);
  // As muster-launcher has it: nobody answers for an image.
  plan.answering_programs = MUSTER_BUILD_DIRECTORY "/libexec/muster";
  if (!root.empty()) plan.declaration.answers = 0;
  const SandboxedRun run = run_sandboxed(plan, starter, input_of(row, look), request);
  if (starter == Starter::kRoot) {
    for (size_t i = 0; i < kMechanismCount; ++i)
      EXPECT_EQ(run.sandbox[i].error, 0) << run.sandbox[i].call;
  }
  return section_of(row, request, run.result, TimePoint());
}

// The facts as a person reads them; the message itself where there are none.
template <typename Facts>
std::string text_of(const v1::Section& section) {
  Facts facts;
  if (section.outcome() != v1::OUTCOME_OBSERVED || !facts.ParseFromString(section.facts())) {
    return section.ShortDebugString();
  }
  return facts.DebugString();
}

template <typename Facts>
void expect_the_same(std::string_view probe, const Look& look) {
  for (const Starter starter : starters()) {
    const v1::Section free = look_free(row_of(probe), starter, look);
    const v1::Section held = look_sandboxed(row_of(probe), starter, look);
    EXPECT_EQ(free.outcome(), v1::OUTCOME_OBSERVED) << free.reason();
    EXPECT_EQ(text_of<Facts>(held), text_of<Facts>(free)) << name_of(starter);
  }
}

TEST(SandboxedProbes, SeeThisMachineAsOutside) {
  expect_the_same<v1::HostFacts>("host", {});
  expect_the_same<v1::LifecycleFacts>("lifecycle", {});
  expect_the_same<v1::FirmwareFacts>("firmware", {});
  expect_the_same<v1::PackageFacts>("packages-apt", {});
  expect_the_same<v1::CertificateFacts>("certificates", {});
}

TEST(SandboxedProbes, SeeHardwareAsOutside) {
  for (const test::HardwareStory& story : test::hardware_stories()) {
    SCOPED_TRACE(story.name);
    test::HardwareMachine machine;
    story.tell(machine);
    expect_the_same<v1::HardwareFacts>("hardware", {.root = machine.root()});
  }
  // This machine may be a container, which has none.
  for (const Starter starter : starters()) {
    const ProbeRow& row = row_of("hardware");
    EXPECT_EQ(text_of<v1::HardwareFacts>(look_sandboxed(row, starter, {})),
              text_of<v1::HardwareFacts>(look_free(row, starter, {})));
  }
}

TEST(SandboxedProbes, SeeAnImageAsOutside) {
  const std::string fixtures = std::string(MUSTER_SOURCE_DIRECTORY) + "/tests/fixtures/hosts";
  int images = 0;
  for (const auto& entry : std::filesystem::directory_iterator(fixtures)) {
    if (!std::filesystem::is_directory(entry.path() / "etc")) continue;
    expect_the_same<v1::HostFacts>("host", {.root = entry.path().string()});
    expect_the_same<v1::CertificateFacts>("certificates", {.root = entry.path().string()});
    ++images;
  }
  EXPECT_GT(images, 0);
}

// libapt-pkg would make a child for the phased update, which a sandboxed probe may not.
TEST(SandboxedProbes, SeeAPhasedUpdateAsOutside) {
  test::AptWorld world;
  world.add({"main",
             "bookworm",
             "Origin: Debian\nLabel: Debian\nSuite: stable\n",
             {{"base-files", "12"},
              {"dpkg", "1.21"},
              {"phased", "1.1", "Phased-Update-Percentage: 0\n"}}});
  world.write_status({{"base-files", "12"}, {"dpkg", "1.21"}, {"phased", "1.0"}});
  ASSERT_TRUE(world.update_lists());
  std::filesystem::permissions(world.directory(), std::filesystem::perms(0755));
  expect_the_same<v1::PackageFacts>("packages-apt", {.root = world.root()});
  v1::PackageFacts facts;
  ASSERT_TRUE(facts.ParseFromString(
      look_sandboxed(row_of("packages-apt"), starters().front(), {.root = world.root()}).facts()));
  ASSERT_EQ(facts.pending_updates_size(), 1);
  EXPECT_EQ(facts.pending_updates(0).not_installed_because(), "phased (0 %)");
}

// As apt leaves them of a repository that is a directory of this machine.
TEST(SandboxedProbes, SeeListsThatAreLinksWhereTheSettingReadableNamesTheirEnd) {
  test::AptWorld world;
  world.add({"main",
             "bookworm",
             "Origin: Debian\nLabel: Debian\nSuite: stable\n",
             {{"base-files", "12"}, {"dpkg", "1.21"}, {"plain", "1.1"}}});
  world.write_status({{"base-files", "12"}, {"dpkg", "1.21"}, {"plain", "1.0"}});
  ASSERT_TRUE(world.update_lists());
  std::filesystem::permissions(world.directory(), std::filesystem::perms(0755));
  const std::filesystem::path list = world.list_file("_Packages");
  std::filesystem::create_directories(world.root() + "/srv/repository");
  std::filesystem::rename(list, world.root() + "/srv/repository/Packages");
  std::filesystem::create_symlink("../../../../srv/repository/Packages", list);

  expect_the_same<v1::PackageFacts>("packages-apt",
                                    {.root = world.root(), .paths = {"/srv/repository"}});
  const v1::Section section =
      look_sandboxed(row_of("packages-apt"), starters().front(), {.root = world.root()});
  EXPECT_EQ(section.outcome(), v1::OUTCOME_FAILED);
  EXPECT_THAT(section.reason(), HasSubstr("Permission denied"));
  EXPECT_THAT(section.reason(), HasSubstr("the probe's setting readable"));
}

TEST(SandboxedProbes, SeeAnAlpineAsOutside) {
  test::AlpineRoot root;
  const std::string base = test::paragraph("alpine-baselayout", "3.6.5-r0");
  root.install(base + test::paragraph("zlib", "1.3-r0"));
  root.add(test::kAlpineMain, base + test::paragraph("zlib", "1.3-r1"));
  root.configure("/srv/packages");
  root.write("/srv/packages/x86_64/APKINDEX.tar.gz",
             test::index_archive({.packages = test::paragraph("zlib", "1.3-r2")}));
  expect_the_same<v1::PackageFacts>("packages-apk",
                                    {.root = root.path(), .paths = {"/srv/packages"}});
  expect_the_same<v1::LifecycleFacts>("lifecycle", {.root = root.path()});
  // Without the setting, what it may not read is missing, and said to be.
  v1::PackageFacts facts;
  ASSERT_TRUE(facts.ParseFromString(
      look_sandboxed(row_of("packages-apk"), starters().front(), {.root = root.path()}).facts()));
  ASSERT_EQ(facts.pending_updates_size(), 1);
  EXPECT_EQ(facts.pending_updates(0).candidate_version(), "1.3-r1");
  ASSERT_GE(facts.problems_size(), 1);
  EXPECT_THAT(facts.problems(0), HasSubstr("the probe's setting readable"));
}

TEST(SandboxedProbes, SeeAnRpmSystemAsOutside) {
  test::RpmWorld world;
  world.add({"repo",
             {{"plain", "1.1"}, {"example-release", "9"}},
             "Example Linux",
             test::updateinfo({test::advisory("EXSA-1", "security", "Low", {{"plain", "1.1"}})})});
  world.install({{"plain", "1.0"}, {"example-release", "9", "Provides: system-release = 9\n"}});
  world.make_cache();
  expect_the_same<v1::PackageFacts>("packages-rpm", {.root = world.root()});
  v1::PackageFacts facts;
  ASSERT_TRUE(facts.ParseFromString(
      look_sandboxed(row_of("packages-rpm"), starters().front(), {.root = world.root()}).facts()));
  ASSERT_EQ(facts.pending_updates_size(), 1);
  EXPECT_EQ(facts.pending_updates(0).security(), v1::SECURITY_YES);
  EXPECT_TRUE(facts.pending_updates(0).would_install());
  EXPECT_EQ(facts.problems_size(), 0) << facts.problems(0);
}

// Each with a file in every place where its readers look for one.
TEST(SandboxedProbes, SeeWhatProtectsAnImageAsOutside) {
  test::TestRoot root;
  for (const char* const program :
       {"/usr/sbin/clamd", "/usr/bin/freshclam", "/opt/microsoft/mdatp/sbin/wdavdaemonclient",
        "/opt/sophos-spl/bin/sophos_managementagent", "/usr/bin/aide", "/usr/sbin/samhain",
        "/usr/sbin/tripwire", "/usr/bin/rkhunter", "/usr/bin/osqueryd", "/usr/sbin/auditd",
        "/usr/bin/falco", "/var/ossec/bin/wazuh-agentd", "/var/ossec/bin/wazuh-syscheckd"}) {
    root.write(program, "");
  }
  for (const std::string probe : {"antivirus", "intrusion-detection"}) {
    for (const std::string_view path : row_of(probe).sandbox.readable) {
      if (path.starts_with("/sys") || std::filesystem::exists(root.path() + std::string(path))) {
        continue;
      }
      const bool is_file = path.find('.', path.rfind('/')) != std::string_view::npos;
      root.write(std::string(path) + (is_file ? "" : "/some.conf"), "some text\n");
    }
  }
  expect_the_same<v1::AntivirusFacts>("antivirus", {.root = root.path()});
  expect_the_same<v1::IntrusionDetectionFacts>("intrusion-detection", {.root = root.path()});
  v1::IntrusionDetectionFacts facts;
  ASSERT_TRUE(facts.ParseFromString(
      look_sandboxed(row_of("intrusion-detection"), starters().front(), {.root = root.path()})
          .facts()));
  EXPECT_EQ(facts.products_size(), 8);
  EXPECT_THAT(facts.DebugString(), Not(HasSubstr("Permission denied")));
}

class SandboxedCertificates : public ::testing::Test {
 protected:
  SandboxedCertificates() {
    ::chmod(directory_.path().c_str(), 0755);
    const EvpPkeyPtr key = test::make_key();
    const std::string pem = test::certificate_pem(test::self_signed({}, key.get()).get());
    directory_.write("private/site.pem", pem, 0600);
    directory_.write("elsewhere/other.pem", pem, 0644);
    ::chmod(directory_.file("private").c_str(), 0700);
  }
  Look look_at(const std::string& path) const {
    return {.paths = {directory_.file(path)}, .default_paths = false};
  }
  static v1::CertificateFacts facts_of(const v1::Section& section) {
    v1::CertificateFacts facts;
    EXPECT_TRUE(facts.ParseFromString(section.facts())) << section.reason();
    return facts;
  }

  test::TemporaryDirectory directory_;
};

TEST_F(SandboxedCertificates, OfAPrivateDirectoryAreSeenWhereRootStartsTheProbe) {
  expect_the_same<v1::CertificateFacts>("certificates", look_at("private"));
  for (const Starter starter : starters()) {
    const v1::CertificateFacts facts =
        facts_of(look_sandboxed(row_of("certificates"), starter, look_at("private")));
    EXPECT_EQ(facts.files_size(), starter == Starter::kRoot ? 1 : 0);
    EXPECT_EQ(facts.unreadable_directories_size(), starter == Starter::kRoot ? 0 : 1);
  }
}

TEST_F(SandboxedCertificates, BehindALinkOutOfThePlacesAreAnErrorThatSaysWhatToDo) {
  std::filesystem::create_directory(directory_.file("linked"));
  std::filesystem::create_symlink(directory_.file("elsewhere/other.pem"),
                                  directory_.file("linked/other.pem"));
  for (const Starter starter : starters()) {
    const v1::CertificateFacts facts =
        facts_of(look_sandboxed(row_of("certificates"), starter, look_at("linked")));
    ASSERT_EQ(facts.files_size(), 1);
    EXPECT_THAT(facts.files(0).error(), HasSubstr("Permission denied"));
    EXPECT_THAT(facts.files(0).error(), HasSubstr("paths"));
  }
}

}  // namespace
}  // namespace muster::agent
