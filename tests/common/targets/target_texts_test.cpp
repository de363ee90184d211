#include "common/targets/target_texts.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "common/targets/target_rules.h"
#include "tests/common/temporary_directory.h"

namespace muster {
namespace {

using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::SizeIs;

std::string said(const absl::Status& status) {
  return std::string(status.message());
}

TEST(TargetTexts, AreReadByPathsAndGlobsEachOnceInTheOrderOfTheirPaths) {
  const test::TemporaryDirectory directory;
  directory.write("b.yml", "b");
  directory.write("a.yml", "a");
  directory.write("a.yml.bak", "old");
  const auto read = read_target_texts(std::vector<std::string>{
      directory.file("b.yml"), directory.file("*.yml"), directory.file("none/*.yml")});
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_THAT(read->texts, ElementsAre(TargetText{.name = directory.file("a.yml"), .text = "a"},
                                       TargetText{.name = directory.file("b.yml"), .text = "b"}));
  EXPECT_THAT(read->empty_globs, ElementsAre(directory.file("none/*.yml")));
}

TEST(TargetTexts, AreNoneIfAFileIsMissingOrCannotBeOne) {
  const test::TemporaryDirectory directory;
  const auto read = [&directory](const std::string& name) {
    return said(read_target_texts(std::vector<std::string>{directory.file(name)}).status());
  };
  EXPECT_THAT(read("none.yml"), HasSubstr("none.yml: No such file"));
  ASSERT_EQ(::mkdir(directory.file("d.yml").c_str(), 0700), 0);
  EXPECT_THAT(read("*.yml"), HasSubstr("d.yml"));
  directory.write("line\nbreak", "a");
  EXPECT_THAT(read("line*"), EndsWith("line\\x0abreak: its name has a line break"));
}

TEST(TargetTexts, AreBoundedTogether) {
  const test::TemporaryDirectory directory;
  for (const char* name : {"a", "b", "c"})
    directory.write(name, std::string(size_t{16} << 20, '\n'));
  const std::string all = directory.file("?");
  EXPECT_TRUE(read_target_texts({&all, 1}).ok());
  directory.write("d", std::string(size_t{16} << 20, '\n'));
  EXPECT_THAT(said(read_target_texts({&all, 1}).status()),
              EndsWith("d: with this file the lists of targets are larger than 64 MiB"));
}

TEST(TargetTexts, AreOneListInTheirOrder) {
  const auto list = parse_target_texts(std::vector<TargetText>{
      {.name = "a.yml", .text = "targets: [{kind: tcp, address: 'a:1'}]"},
      {.name = "b.yml", .text = "targets: [{kind: tcp, address: 'a:1', name: other}]"}});
  ASSERT_TRUE(list.ok()) << list.status();
  ASSERT_THAT(*list, SizeIs(2));
  EXPECT_EQ((*list)[0].name, "a:1");
  EXPECT_EQ((*list)[1].name, "other");
  EXPECT_EQ((*list)[1].place, "b.yml:1:11");
}

TEST(TargetTexts, SayEveryFaultOfEveryFile) {
  EXPECT_EQ(said(parse_target_texts(
                     std::vector<TargetText>{
                         {.name = "a.yml", .text = "targets: [{kind: tcp, address: 'a:1'}]"},
                         {.name = "b.yml", .text = "targets: [{kind: tcp}]"},
                         {.name = "c.yml", .text = "targets: [{kind: tcp, address: 'a:1'}]"}})
                     .status()),
            "b.yml:1:11: 'address' is missing\n"
            "c.yml:1:11: the target a:1 is listed already, at a.yml:1:11: give one of them another "
            "`name`");
}

TEST(TargetTexts, ListAtMostAHundredThousandTargetsTogether) {
  std::string text = "defaults: {kind: tcp}\ntargets:\n";
  for (size_t i = 0; i < kMostTargets; ++i)
    text += fmt::format("- {{address: 'a{}:1'}}\n", i);
  EXPECT_EQ(said(parse_target_texts(
                     std::vector<TargetText>{
                         {.name = "a.yml", .text = text},
                         {.name = "b.yml", .text = "targets: [{kind: tcp, address: 'b:1'}]"}})
                     .status()),
            "b.yml:1:1: with this file there are more than 100000 targets");
}

}  // namespace
}  // namespace muster
