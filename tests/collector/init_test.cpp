#include "collector/admin/init.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/wait.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "collector/identity/authorities.h"
#include "collector/service/state_files.h"
#include "common/failpoint.h"
#include "common/files.h"
#include "common/policy/policy_file.h"
#include "tests/collector/fakes.h"
#include "tests/common/temporary_directory.h"

namespace muster::collector {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class InitTest : public testing::Test {
 protected:
  InitTest() { config_.state_directory = directory_.file("collector"); }

  std::string path(const std::string& name) const { return config_.state_directory + "/" + name; }
  static int mode_of(const std::string& file) {
    return static_cast<int>(fs::status(file).permissions() & fs::perms::all);
  }
  std::unique_ptr<Authorities> authorities() const {
    return *Authorities::load(StateFiles(config_.state_directory), config_.trust_domain);
  }
  absl::StatusOr<ServerCertificate> ensure(const std::vector<std::string>& names) const {
    return ensure_server_certificate(StateFiles(config_.state_directory), *authorities()->signing(),
                                     names, clock_.now());
  }

  test::TemporaryDirectory directory_;
  FakeClock clock_;
  Config config_;
};

TEST_F(InitTest, MakesEverythingACollectorNeedsAndKeepsItsSecrets) {
  config_.names = {"collector.test", "127.0.0.1"};
  const auto config_path = initialize(config_, clock_);
  ASSERT_TRUE(config_path.ok()) << config_path.status();
  EXPECT_EQ(*config_path, path("collector.yml"));
  EXPECT_EQ(mode_of(config_.state_directory), 0700);
  EXPECT_EQ(mode_of(path("ca.key")), 0600);
  EXPECT_EQ(mode_of(path("server.key")), 0600);
  EXPECT_TRUE(load_config(*config_path).ok());
  EXPECT_EQ(*read_file(path("policy.yml"), 1 << 20), policy::default_policy_text());
  EXPECT_FALSE(ensure(config_.names)->reissued);
  // Agents pin the CA out of the chain they are shown.
  EXPECT_THAT(*read_file(path("server.pem"), 1 << 20), HasSubstr(authorities()->bundle()->pem));
}

TEST_F(InitTest, TakesAnEmptyDirectoryAndMakesItPrivate) {
  fs::create_directory(config_.state_directory);
  fs::permissions(config_.state_directory, fs::perms::all);
  ASSERT_TRUE(initialize(config_, clock_).ok());
  EXPECT_EQ(mode_of(config_.state_directory), 0700);
}

TEST_F(InitTest, NeverTouchesADirectoryWithAnythingInIt) {
  fs::create_directory(config_.state_directory);
  std::ofstream(path("file")) << "mine";
  const int before = mode_of(config_.state_directory);
  const absl::Status status = initialize(config_, clock_).status();
  EXPECT_TRUE(absl::IsAlreadyExists(status));
  EXPECT_THAT(std::string(status.message()), HasSubstr("is not empty"));
  EXPECT_EQ(mode_of(config_.state_directory), before);
  EXPECT_EQ(std::distance(fs::directory_iterator(config_.state_directory), {}), 1);
}

TEST_F(InitTest, ASecondTimeIsRefused) {
  ASSERT_TRUE(initialize(config_, clock_).ok());
  const std::string key = *read_file(path("ca.key"), 4096);
  EXPECT_TRUE(absl::IsAlreadyExists(initialize(config_, clock_).status()));
  EXPECT_EQ(*read_file(path("ca.key"), 4096), key);
}

#if MUSTER_FAILPOINTS
TEST_F(InitTest, OneThatWasKilledAnywhereCanBeRepeatedAsItSays) {
  int refused = 0;
  for (int kill = 1;; ++kill) {
    SCOPED_TRACE(kill);
    fs::remove_all(config_.state_directory);
    EXPECT_EXIT(
        {
          (void)failpoint::set_rules(fmt::format("file.rename#{}=kill", kill));
          std::_Exit(initialize(config_, clock_).ok() ? 0 : 1);
        },
        [](int status) { return WIFSIGNALED(status) || status == 0; }, "");
    if (fs::exists(path("collector.yml"))) break;
    const absl::Status status = initialize(config_, clock_).status();
    const std::string said(status.message());
    ASSERT_TRUE(absl::IsAlreadyExists(status)) << status;
    EXPECT_THAT(said, HasSubstr("has not come to its end"));
    const size_t command = said.rfind("rm /");
    ASSERT_NE(command, std::string::npos);
    ASSERT_EQ(std::system(said.substr(command).c_str()), 0);
    EXPECT_TRUE(initialize(config_, clock_).ok());
    ++refused;
  }
  EXPECT_GT(refused, 4);
}
#endif

TEST_F(InitTest, SaysThatTheDirectoriesAboveCannotBeMade) {
  config_.state_directory = directory_.file("file/state");
  directory_.write("file", "");
  EXPECT_THAT(std::string(initialize(config_, clock_).status().message()),
              HasSubstr("making the directories above"));
}

TEST_F(InitTest, WrongValuesAreRefusedBeforeAnythingIsMade) {
  config_.grpc_listen = {"nowhere"};
  EXPECT_TRUE(absl::IsInvalidArgument(initialize(config_, clock_).status()));
  EXPECT_FALSE(fs::exists(config_.state_directory));
}

TEST_F(InitTest, TheServerCertificateIsMadeAnewThirtyDaysBeforeItEnds) {
  ASSERT_TRUE(initialize(config_, clock_).ok());
  clock_.advance(std::chrono::days(334));
  EXPECT_FALSE(ensure(config_.names)->reissued);
  clock_.advance(std::chrono::days(2));
  const auto renewed = ensure(config_.names);
  ASSERT_TRUE(renewed.ok());
  EXPECT_TRUE(renewed->reissued);
  EXPECT_EQ(renewed->not_after, clock_.now() + std::chrono::days(365));
  EXPECT_FALSE(ensure(config_.names)->reissued);
}

TEST_F(InitTest, TheServerCertificateIsMadeAnewWhenItDoesNotFit) {
  config_.names = {"collector.test"};
  ASSERT_TRUE(initialize(config_, clock_).ok());
  EXPECT_FALSE(ensure({"collector.test"})->reissued);
  EXPECT_TRUE(ensure({"collector.test", "192.0.2.1"})->reissued);
  EXPECT_FALSE(ensure({"192.0.2.1"})->reissued);
  fs::remove(path("server.key"));
  EXPECT_TRUE(ensure({"192.0.2.1"})->reissued);
  std::ofstream(path("server.pem")) << "damaged";
  EXPECT_TRUE(ensure({"192.0.2.1"})->reissued);
  const KeyPair foreign =
      *CertificateAuthority::load(*CertificateAuthority::generate("x.test", clock_.now()), "x.test")
           ->issue_server({"192.0.2.1"}, clock_.now(), std::chrono::days(365));
  std::ofstream(path("server.pem")) << foreign.certificate;
  std::ofstream(path("server.key")) << foreign.key;
  EXPECT_TRUE(ensure({"192.0.2.1"})->reissued);
}

TEST_F(InitTest, AMissingCaSaysWhatToDo) {
  const absl::Status status =
      Authorities::load(StateFiles(directory_.file("none")), "muster.test").status();
  EXPECT_TRUE(absl::IsNotFound(status));
  EXPECT_THAT(std::string(status.message()), HasSubstr("muster-collector init"));
}

}  // namespace
}  // namespace muster::collector
