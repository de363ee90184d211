#include "agent/probes/root_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/agent/probes/test_root.h"

namespace muster::probe {
namespace {

using test::TestRoot;
using test::WithoutRights;
using testing::ElementsAre;

TEST(RootFiles, ReadsBelowTheRootOnly) {
  const TestRoot root;
  root.write("/etc/inside", "inside");
  root.link("/etc/absolute", "/etc/inside");
  root.link("/etc/climbing", "../../../../../etc/inside");
  EXPECT_EQ(read_in_root(root.path(), "/etc/inside", 100).value(), "inside");
  EXPECT_EQ(read_in_root(root.path(), "/etc/absolute", 100).value(), "inside");
  EXPECT_EQ(read_in_root(root.path(), "/etc/climbing", 100).value(), "inside");
}

TEST(RootFiles, SaysWhyWithoutAPathOfThisSystem) {
  const TestRoot root;
  root.write("/etc/file", "12345");
  root.write("/etc/secret", "");
  root.set_mode("/etc/secret", 0);
  root.link("/etc/circle", "circle");
  const WithoutRights user;
  struct Case {
    std::string path;
    absl::StatusCode code;
    std::string message;
  };
  const Case cases[] = {
      {"/etc/gone", absl::StatusCode::kNotFound, "No such file or directory"},
      {"/etc/file/below", absl::StatusCode::kNotFound, "Not a directory"},
      {"/etc/secret", absl::StatusCode::kPermissionDenied, "Permission denied"},
      {"/etc", absl::StatusCode::kFailedPrecondition, "it is not a regular file"},
      {"/etc/file", absl::StatusCode::kOutOfRange, "it is larger than the limit of 4 bytes"},
      {"/etc/circle", absl::StatusCode::kUnavailable, "Too many levels of symbolic links"},
  };
  for (const Case& c : cases) {
    const absl::Status status = read_in_root(root.path(), c.path, 4).status();
    EXPECT_EQ(status.code(), c.code) << c.path;
    EXPECT_EQ(status.message(), c.message) << c.path;
    EXPECT_EQ(read_in_root("", root.path() + c.path, 4).status(), status) << c.path;
  }
}

TEST(RootFiles, OfThisSystemAreReadThroughLinksToo) {
  const TestRoot root;
  root.write("/data/file", "inside");
  root.link("/etc/to-file", "../data/file");
  root.link("/etc/to-directory", root.path() + "/data");
  root.link("/etc/to-nothing", "nothing");
  EXPECT_EQ(read_in_root("", root.path() + "/etc/to-file", 100).value(), "inside");
  EXPECT_EQ(read_in_root("", root.path() + "/etc/to-directory/file", 100).value(), "inside");
  EXPECT_EQ(status_in_root("", root.path() + "/etc/to-directory")->kind, FileKind::kDirectory);
  EXPECT_THAT(list_in_root("", root.path() + "/etc/to-directory", 4).value(), ElementsAre("file"));
  EXPECT_TRUE(absl::IsNotFound(status_in_root("", root.path() + "/etc/to-nothing").status()));
  EXPECT_EQ(status_in_root("", "/")->kind, FileKind::kDirectory);
}

TEST(RootFiles, ListsNamesInByteOrderWithinALimit) {
  const TestRoot root;
  for (const std::string name : {"b", "a", "B", ".hidden"})
    root.write("/etc/" + name, "");
  EXPECT_THAT(list_in_root(root.path(), "/etc", 4).value(), ElementsAre(".hidden", "B", "a", "b"));
  EXPECT_TRUE(absl::IsOutOfRange(list_in_root(root.path(), "/etc", 3).status()));
  EXPECT_TRUE(absl::IsNotFound(list_in_root(root.path(), "/gone", 3).status()));
}

TEST(RootFiles, TellsKindsApart) {
  const TestRoot root;
  root.write("/etc/file", "");
  root.link("/etc/link", "/etc");
  EXPECT_EQ(status_in_root(root.path(), "/etc/file")->kind, FileKind::kRegular);
  EXPECT_EQ(status_in_root(root.path(), "/etc/link")->kind, FileKind::kDirectory);
  EXPECT_EQ(status_in_root(root.path(), "/etc/link")->inode,
            status_in_root(root.path(), "/etc")->inode);
  EXPECT_EQ(status_in_root("", "/dev/null")->kind, FileKind::kOther);
  EXPECT_EQ(status_in_root("", "/")->kind, FileKind::kDirectory);
}

}  // namespace
}  // namespace muster::probe
