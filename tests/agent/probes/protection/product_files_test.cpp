#include "agent/probes/protection/product_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/agent/probes/protection/product_world.h"

namespace muster::protection {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class ProductFiles : public testing::Test {
 protected:
  const muster::test::TestRoot root_;
  const probe::HostAnswers answers_ = probe::HostAnswers("a test");
  std::vector<std::string> problems_;
  v1::ProtectionProduct product_;
  const ProductLook look_ = {.root = root_.path(),
                             .answers = answers_,
                             .now = test::ProductWorld::now(),
                             .problems = problems_};
};

TEST_F(ProductFiles, OneOfSeveralPathsMakesAProductInstalled) {
  EXPECT_FALSE(is_there(look_, "X", {"/opt/x/bin/x", "/usr/bin/x"}));
  root_.write("/usr/bin/x", "");
  EXPECT_TRUE(is_there(look_, "X", {"/opt/x/bin/x", "/usr/bin/x"}));
  EXPECT_THAT(problems_, IsEmpty());
}

TEST_F(ProductFiles, WhatMayNotBeLookedAtIsAProblemAndNotAbsent) {
  root_.write("/opt/x/bin/x", "");
  root_.set_mode("/opt/x", 0);
  {
    const muster::test::WithoutRights nobody;
    EXPECT_FALSE(is_there(look_, "X", {"/opt/x/bin/x"}));
  }
  root_.set_mode("/opt/x", 0755);
  EXPECT_THAT(problems_, ElementsAre("X: whether it is installed cannot be told by /opt/x/bin/x: "
                                     "Permission denied"));
}

TEST_F(ProductFiles, AFileThatCannotBeReadMakesItsFactUnread) {
  EXPECT_TRUE(absl::IsNotFound(read_product_file(look_, "/var/x", "running", product_).status()));
  EXPECT_EQ(product_.unread_size(), 0) << "missing is for the reader to judge";
  root_.write("/var/x", std::string(100, 'x'));
  EXPECT_TRUE(read_product_file(look_, "/var/x", "running", product_, 100).ok());
  EXPECT_FALSE(read_product_file(look_, "/var/x", "running", product_, 99).ok());
  EXPECT_THAT(test::why_unread(product_, "running"), HasSubstr("/var/x: "));
}

TEST_F(ProductFiles, TheEndOfALogBeginsWithAWholeLine) {
  root_.write("/var/log/x", "first line\nsecond line\nthird line\n");
  EXPECT_EQ(*read_end_in_root(root_.path(), "/var/log/x", 1000),
            "first line\nsecond line\nthird line\n");
  bool is_cut = true;
  EXPECT_TRUE(read_end_in_root(root_.path(), "/var/log/x", 1000, &is_cut).ok());
  EXPECT_FALSE(is_cut);
  EXPECT_EQ(*read_end_in_root(root_.path(), "/var/log/x", 20, &is_cut), "third line\n");
  EXPECT_TRUE(is_cut);
  EXPECT_EQ(*read_end_in_root(root_.path(), "/var/log/x", 5), "") << "no whole line";
  root_.write("/var/log/empty", "");
  EXPECT_EQ(*read_end_in_root(root_.path(), "/var/log/empty", 5), "");
  EXPECT_TRUE(absl::IsNotFound(read_end_in_root(root_.path(), "/var/log/y", 5).status()));
  ASSERT_EQ(::mkfifo((root_.path() + "/var/log/fifo").c_str(), 0600), 0);
  EXPECT_FALSE(read_end_in_root(root_.path(), "/var/log/fifo", 5).ok());
}

}  // namespace
}  // namespace muster::protection
