// What the sandbox asks the kernel for, and what it makes of a kernel that lacks a part of it.
#include "agent/sandbox/sandbox.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/capability.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "agent/sandbox/landlock_rules.h"
#include "agent/sandbox/seccomp_filter.h"
#include "tests/agent/sandbox/fake_kernel.h"
#include "tests/common/temporary_directory.h"

namespace muster::agent {
namespace {

using ::testing::Contains;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::IsSupersetOf;

constexpr uint64_t kReadAnyFile = uint64_t{1} << CAP_DAC_READ_SEARCH;

SandboxPlan plan() {
  SandboxPlan plan;
  plan.program_path = "/proc/self/exe";
  plan.program = 5;
  plan.user = 64321;
  plan.group = 64321;
  return plan;
}

MechanismResult of(const SandboxResult& result, Mechanism mechanism) {
  return result[static_cast<size_t>(mechanism)];
}

std::vector<std::string_view> missing(const SandboxResult& result) {
  std::vector<std::string_view> names;
  for (size_t i = 0; i < kMechanismCount; ++i) {
    if (result[i].error != 0) names.push_back(mechanism_name(static_cast<Mechanism>(i)));
  }
  return names;
}

TEST(Sandbox, OfAKernelThatHasEverythingLacksNothing) {
  FakeKernel kernel;
  EXPECT_THAT(missing(apply_sandbox(plan(), kernel)), ElementsAre());
}

struct Lack {
  const char* refused;
  int error;
  Mechanism mechanism;
  const char* call;
};

constexpr auto kLacks = std::to_array<Lack>({
    {"set_groups", EPERM, Mechanism::kUser, "setgroups"},
    {"set_group_ids", EPERM, Mechanism::kUser, "setresgid"},
    {"set_user_ids", EAGAIN, Mechanism::kUser, "setresuid"},
    {"drop_bounding_set_but", EPERM, Mechanism::kCapabilities, "prctl(PR_CAPBSET_DROP)"},
    {"set_capabilities", EPERM, Mechanism::kCapabilities, "capset"},
    {"set_no_new_privileges", EINVAL, Mechanism::kNoNewPrivileges, "prctl(PR_SET_NO_NEW_PRIVS)"},
    {"set_seccomp_filter", ENOSYS, Mechanism::kSeccomp, "seccomp"},
    {"landlock_version", ENOSYS, Mechanism::kLandlock, "landlock_create_ruleset"},
    {"landlock_version", EOPNOTSUPP, Mechanism::kLandlock, "landlock_create_ruleset"},
    {"landlock_create", EMFILE, Mechanism::kLandlock, "landlock_create_ruleset"},
    {"landlock_restrict_self", EPERM, Mechanism::kLandlock, "landlock_restrict_self"},
    {"set_limit", EPERM, Mechanism::kLimits, "setrlimit"},
});

TEST(Sandbox, SaysWhichMechanismTheKernelLacksAndKeepsTheOthers) {
  for (const Lack& lack : kLacks) {
    FakeKernel kernel;
    kernel.refused[lack.refused] = lack.error;
    const SandboxResult result = apply_sandbox(plan(), kernel);
    EXPECT_THAT(missing(result), ElementsAre(mechanism_name(lack.mechanism))) << lack.refused;
    EXPECT_EQ(of(result, lack.mechanism).error, lack.error) << lack.refused;
    EXPECT_STREQ(of(result, lack.mechanism).call, lack.call);
    std::vector<std::string> others = {"set_limit",
                                       "set_groups",
                                       "set_group_ids",
                                       "set_user_ids",
                                       "set_capabilities",
                                       "drop_bounding_set_but",
                                       "set_no_new_privileges",
                                       "set_seccomp_filter"};
    if (lack.mechanism != Mechanism::kLandlock) others.emplace_back("landlock_restrict_self");
    EXPECT_THAT(kernel.calls, IsSupersetOf(others)) << lack.refused;
  }
}

TEST(Sandbox, OfAKernelThatLacksEverythingSaysSo) {
  FakeKernel kernel;
  for (const Lack& lack : kLacks)
    kernel.refused[lack.refused] = ENOSYS;
  EXPECT_THAT(
      missing(apply_sandbox(plan(), kernel)),
      ElementsAre("user", "capabilities", "no-new-privileges", "seccomp", "landlock", "limits"));
}

TEST(Sandbox, WithoutAUserSaysThatThereIsNoneOfItsOwn) {
  FakeKernel kernel;
  SandboxPlan unprivileged = plan();
  unprivileged.user.reset();
  const SandboxResult result = apply_sandbox(unprivileged, kernel);
  EXPECT_THAT(missing(result), ElementsAre("user"));
  EXPECT_EQ(of(result, Mechanism::kUser).error, EPERM);
  EXPECT_THAT(kernel.calls, Each(testing::Ne("set_user_ids")));
}

TEST(Sandbox, TakesPrivilegesAwayBeforeTheFilterForbidsTheCallsForIt) {
  FakeKernel kernel;
  apply_sandbox(plan(), kernel);
  EXPECT_EQ(kernel.calls.back(), "set_seccomp_filter");
  const auto at = [&kernel](const char* call) {
    return std::find(kernel.calls.begin(), kernel.calls.end(), call);
  };
  EXPECT_LT(at("drop_bounding_set_but"), at("set_user_ids")) << "it needs a capability";
  EXPECT_LT(at("set_groups"), at("set_user_ids"));
  EXPECT_LT(at("set_group_ids"), at("set_user_ids"));
  EXPECT_LT(at("set_user_ids"), at("set_capabilities")) << "a change of user takes them away";
  EXPECT_LT(at("set_user_ids"), at("set_limit")) << "processes are counted by user";
  EXPECT_LT(at("set_no_new_privileges"), at("landlock_restrict_self"));
}

TEST(Sandbox, KeepsTheDeclaredCapabilitiesAndNoOther) {
  FakeKernel kernel;
  SandboxPlan declared = plan();
  apply_sandbox(declared, kernel);
  EXPECT_EQ(kernel.capabilities, 0);
  EXPECT_EQ(kernel.bounding_set, 0);
  declared.declaration.capabilities = kReadAnyFile;
  apply_sandbox(declared, kernel);
  EXPECT_EQ(kernel.capabilities, kReadAnyFile);
  EXPECT_EQ(kernel.bounding_set, kReadAnyFile);
}

TEST(Sandbox, BoundsWhatAProbeTakes) {
  FakeKernel kernel;
  SandboxPlan bounded = plan();
  bounded.cpu_seconds = 31;
  apply_sandbox(bounded, kernel);
  EXPECT_EQ(kernel.limits[RLIMIT_CORE].rlim_max, 0);
  EXPECT_EQ(kernel.limits[RLIMIT_NOFILE].rlim_max, 256);
  EXPECT_EQ(kernel.limits[RLIMIT_FSIZE].rlim_max, 0);
  EXPECT_EQ(kernel.limits[RLIMIT_CPU].rlim_cur, 31);
  EXPECT_EQ(kernel.limits[RLIMIT_CPU].rlim_max, 32);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  EXPECT_EQ(kernel.limits[RLIMIT_AS].rlim_max, rlim_t{1} << 30);
  EXPECT_EQ(kernel.limits[RLIMIT_NPROC].rlim_max, 1);
#endif
  bounded.declaration.temporary_files = true;
  apply_sandbox(bounded, kernel);
  EXPECT_EQ(kernel.limits[RLIMIT_FSIZE].rlim_max, rlim_t{512} << 20);
}

// What a kernel of this version understands is asked for, and nothing that it would refuse.
TEST(Landlock, IsAskedForWhatItsVersionKnows) {
  struct {
    int version;
    uint64_t files;
    uint64_t network;
    uint64_t scoped;
    size_t size;
  } constexpr kVersions[] = {
      {1, 0x1fff, 0, 0, 8},  {2, 0x3fff, 0, 0, 8},  {3, 0x7fff, 0, 0, 8},  {4, 0x7fff, 3, 0, 16},
      {5, 0xffff, 3, 0, 16}, {6, 0xffff, 3, 3, 24}, {7, 0xffff, 3, 3, 24}, {99, 0xffff, 3, 3, 24},
  };
  for (const auto& expected : kVersions) {
    FakeKernel kernel;
    kernel.version = expected.version;
    EXPECT_THAT(missing(apply_sandbox(plan(), kernel)), ElementsAre()) << expected.version;
    EXPECT_EQ(kernel.attributes.handled_access_files, expected.files) << expected.version;
    EXPECT_EQ(kernel.attributes.handled_access_network, expected.network) << expected.version;
    EXPECT_EQ(kernel.attributes.scoped, expected.scoped) << expected.version;
    EXPECT_EQ(kernel.attributes_size, expected.size) << expected.version;
    for (const uint64_t rights : kernel.rights)
      EXPECT_EQ(rights & ~expected.files, 0) << "a right that is not handled is refused";
  }
}

TEST(Landlock, LeavesANetworkProbeItsConnections) {
  constexpr uint64_t kBind = 1;
  EXPECT_EQ(landlock_attributes(SandboxDeclaration::Reach::kNetwork, 7).handled_access_network,
            kBind);
}

// The rights beneath one path, as the rules for a plan have them; 0 where there is no rule.
uint64_t rights_of(const std::vector<LandlockRule>& rules, const std::string& path) {
  struct stat wanted {};
  if (::stat(path.c_str(), &wanted) != 0) return 0;
  uint64_t rights = 0;
  for (const LandlockRule& rule : rules) {
    struct stat found {};
    ::fstat(rule.descriptor, &found);
    if (found.st_dev == wanted.st_dev && found.st_ino == wanted.st_ino) rights |= rule.rights;
  }
  return rights;
}

void close_all(const std::vector<LandlockRule>& rules, int program) {
  ::close(program);
  for (const LandlockRule& rule : rules)
    ::close(rule.descriptor);
}

constexpr uint64_t kExecute = 1;
constexpr uint64_t kReadFile = 4;
constexpr uint64_t kReadDirectory = 8;

TEST(LandlockRules, LetAFileProbeReadWhatItDeclaresAndExecuteItself) {
  const test::TemporaryDirectory directory;
  const std::string program = directory.write("program", "x", 0755);
  const std::string file = directory.write("file", "x");
  const std::string below = directory.write("below/file", "x");
  SandboxPlan files = plan();
  files.program = ::open(program.c_str(), O_PATH | O_CLOEXEC);
  files.readable = {file, directory.file("below"), directory.file("missing")};
  const std::vector<LandlockRule> rules = landlock_rules(files, kLandlockVersion);
  EXPECT_EQ(rights_of(rules, program), kReadFile | kExecute);
  EXPECT_EQ(rights_of(rules, file), kReadFile) << "a right to list has no meaning for a file";
  EXPECT_EQ(rights_of(rules, directory.file("below")), kReadFile | kReadDirectory);
  EXPECT_EQ(rights_of(rules, "/usr/lib"), kReadFile);
  EXPECT_EQ(rights_of(rules, directory.path()), 0);
  EXPECT_EQ(rights_of(rules, "/dev/shm"), 0);
  EXPECT_EQ(rights_of(rules, "/usr"), 0);
  close_all(rules, files.program);
}

TEST(LandlockRules, LetANetworkProbeReadNothingButItsProgramAndLibraries) {
  const test::TemporaryDirectory directory;
  const std::string file = directory.write("file", "x");
  SandboxPlan network = plan();
  const std::string program = directory.write("program", "x", 0755);
  network.program = ::open(program.c_str(), O_PATH | O_CLOEXEC);
  network.readable = {file};
  network.declaration.reach = SandboxDeclaration::Reach::kNetwork;
  const std::vector<LandlockRule> rules = landlock_rules(network, kLandlockVersion);
  EXPECT_EQ(rights_of(rules, program), kReadFile | kExecute);
  EXPECT_EQ(rights_of(rules, file), 0);
  EXPECT_EQ(rights_of(rules, "/usr/lib"), kReadFile);
  close_all(rules, network.program);
}

TEST(ReadablePart, IsThePathOrTheDirectoryBeforeTheFirstWildcard) {
  constexpr std::array<std::pair<const char*, const char*>, 8> kCases{{
      {"/srv/tls/site.pem", "/srv/tls/site.pem"},
      {"/srv/tls", "/srv/tls"},
      {"/srv/tls/*.pem", "/srv/tls"},
      {"/srv/*/tls", "/srv"},
      {"/srv/site?/tls/*", "/srv"},
      {"/srv/[ab]/x", "/srv"},
      {"/*/tls", "/"},
      {"/srv/a*b", "/srv"},
  }};
  for (const auto& [setting, part] : kCases)
    EXPECT_EQ(readable_part(setting), part) << setting;
}

TEST(SeccompFilter, IsMadeForEveryKindOfProbe) {
  for (const auto reach :
       {SandboxDeclaration::Reach::kFiles, SandboxDeclaration::Reach::kNetwork}) {
    for (const bool more : {false, true}) {
      SandboxDeclaration declaration{.reach = reach};
      declaration.temporary_files = more;
      declaration.children = more;
      std::vector<sock_filter> filter;
      EXPECT_EQ(seccomp_filter(declaration, 5, ::getpid(), filter), 0);
      EXPECT_GT(filter.size(), 100u);
      EXPECT_LT(filter.size(), 4096u) << "what a kernel takes, BPF_MAXINSNS";
    }
  }
}

}  // namespace
}  // namespace muster::agent
