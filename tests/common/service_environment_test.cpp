#include "common/service_environment.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <string>

namespace muster {
namespace {

using namespace std::chrono_literals;

ServiceEnvironment with(const std::map<std::string, std::string>& variables) {
  return service_environment(
      [&variables](std::string_view name) {
        const auto found = variables.find(std::string(name));
        return found == variables.end() ? std::string() : found->second;
      },
      42);
}

TEST(ServiceEnvironment, IsEmptyWhereSystemdStartedNothing) {
  const ServiceEnvironment environment = with({});
  EXPECT_EQ(environment.notify_socket, "");
  EXPECT_EQ(environment.watchdog, 0s);
  EXPECT_EQ(environment.credentials_directory, "");
}

TEST(ServiceEnvironment, TakesWhatSystemdGives) {
  const ServiceEnvironment environment = with({{"NOTIFY_SOCKET", "/run/systemd/notify"},
                                               {"WATCHDOG_USEC", "60000000"},
                                               {"WATCHDOG_PID", "42"},
                                               {"CREDENTIALS_DIRECTORY", "/run/credentials/a"}});
  EXPECT_EQ(environment.notify_socket, "/run/systemd/notify");
  EXPECT_EQ(environment.watchdog, 60s);
  EXPECT_EQ(environment.credentials_directory, "/run/credentials/a");
}

TEST(ServiceEnvironment, AWatchdogOfAnotherProcessOrOfNoNumberIsNone) {
  EXPECT_EQ(with({{"WATCHDOG_USEC", "60000000"}}).watchdog, 60s);
  EXPECT_EQ(with({{"WATCHDOG_USEC", "60000000"}, {"WATCHDOG_PID", "43"}}).watchdog, 0s);
  EXPECT_EQ(with({{"WATCHDOG_USEC", "1m"}}).watchdog, 0s);
  EXPECT_EQ(with({{"WATCHDOG_USEC", "-1"}}).watchdog, 0s);
  EXPECT_EQ(with({{"WATCHDOG_USEC", "18446744073709551615"}}).watchdog, 24h);
}

TEST(ServiceEnvironment, ChildrenDoNotInheritWhatIsMeantForUs) {
  ::setenv("NOTIFY_SOCKET", "@somewhere", 1);
  ::setenv("WATCHDOG_USEC", "5", 1);
  EXPECT_EQ(take_service_environment().notify_socket, "@somewhere");
  EXPECT_EQ(std::getenv("NOTIFY_SOCKET"), nullptr);
  EXPECT_EQ(std::getenv("WATCHDOG_USEC"), nullptr);
}

TEST(Credential, IsAFileInTheCredentialsDirectory) {
  EXPECT_EQ(*resolve_credential("credential:web.yml", "/run/credentials/c"),
            "/run/credentials/c/web.yml");
  EXPECT_EQ(*resolve_credential("/etc/muster/web.yml", ""), "/etc/muster/web.yml");
  EXPECT_EQ(*resolve_credential("", ""), "");
  EXPECT_TRUE(is_credential("credential:web.yml"));
  EXPECT_FALSE(is_credential("/etc/credential:web.yml"));
}

TEST(Credential, LeavesTheDirectoryByNoName) {
  for (const char* path : {"credential:", "credential:.", "credential:..", "credential:../shadow",
                           "credential:/etc/shadow", "credential:a\nb"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(resolve_credential(path, "/run/c").status())) << path;
  }
  EXPECT_TRUE(resolve_credential("credential:" + std::string(255, 'a'), "/run/c").ok());
  EXPECT_FALSE(resolve_credential("credential:" + std::string(256, 'a'), "/run/c").ok());
}

TEST(Credential, WithoutADirectoryTheErrorSaysWhichLineTheUnitLacks) {
  const absl::Status status = resolve_credential("credential:web.yml", "").status();
  EXPECT_TRUE(absl::IsFailedPrecondition(status));
  EXPECT_NE(status.message().find("LoadCredential=web.yml:"), std::string::npos);
}

}  // namespace
}  // namespace muster
