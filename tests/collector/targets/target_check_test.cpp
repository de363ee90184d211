#include "collector/targets/target_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/common/temporary_directory.h"

namespace muster::collector {
namespace {

using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

TEST(TargetCheck, TellsWhatTheFilesListAndWhichGlobsHaveNone) {
  const test::TemporaryDirectory directory;
  directory.write("a.yml", "targets: [{kind: tcp, address: 'a:1'}, {kind: tcp, address: 'b:1'}]");
  TargetsConfig config;
  config.files = {directory.file("*.yml"), directory.file("*.none")};
  const auto checked = check_targets(config);
  ASSERT_TRUE(checked.ok()) << checked.status();
  EXPECT_THAT(checked->list.targets, SizeIs(2));
  EXPECT_EQ(checked->files, 1U);
  EXPECT_THAT(checked->empty_globs, ElementsAre(EndsWith("/*.none")));
}

TEST(TargetCheck, TellsWhatIsWrongWithThemAndWithAServersFiles) {
  const test::TemporaryDirectory directory;
  TargetsConfig config;
  config.files = {directory.write("a.yml", "targets: [{kind: tcp}]")};
  EXPECT_THAT(std::string(check_targets(config).status().message()),
              EndsWith("a.yml:1:11: 'address' is missing"));
  config.files.clear();
  config.servers.resize(1);
  config.servers[0].http.token_file = directory.file("token");
  EXPECT_THAT(std::string(check_targets(config).status().message()), HasSubstr("token: No such"));
}

TEST(TargetCheck, LeavesOutWhatOnlyTheServiceHas) {
  TargetsConfig config;
  config.files = {"credential:targets", "/etc/targets.yml"};
  config.servers.resize(2);
  config.servers[0].name = "https://a/";
  config.servers[1].name = "https://b/";
  config.servers[1].http.token_file = "credential:token";
  EXPECT_THAT(leave_out_credentials(config), ElementsAre("credential:targets", "https://b/"));
  EXPECT_THAT(config.files, ElementsAre("/etc/targets.yml"));
  EXPECT_THAT(config.servers, SizeIs(1));
  EXPECT_THAT(leave_out_credentials(config), IsEmpty());
}

}  // namespace
}  // namespace muster::collector
