#include "agent/probes/packages_rpm/rpm_database.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rpm/rpmlib.h>
#include <rpm/rpmmacro.h>
#include <rpm/rpmts.h>

#include "tests/agent/probes/test_root.h"

namespace muster::packages_rpm {
namespace {

// A look opens the database again where a package wants files.
TEST(RpmDatabase, IsNotBlamedForTheComplaintOfAnEarlierOne) {
  const test::TestRoot root;
  root.make_directory("/whole");
  ::rpmPushMacro(nullptr, "_db_backend", nullptr, "sqlite", RMIL_CMDLINE);
  ::rpmPushMacro(nullptr, "_dbpath", nullptr, (root.path() + "/whole").c_str(), RMIL_CMDLINE);
  ::rpmPushMacro(nullptr, "_rpmlock_path", nullptr, (root.path() + "/lock").c_str(), RMIL_CMDLINE);
  const rpmts set = ::rpmtsCreate();
  ASSERT_EQ(::rpmtsInitDB(set, 0644), 0);
  ::rpmtsFree(set);
  root.write("/damaged/rpmdb.sqlite", "no database");

  EXPECT_THAT(open_database(root.path() + "/damaged").status().message(),
              testing::HasSubstr("cannot be opened: "));
  const auto whole = open_database(root.path() + "/whole");
  ASSERT_TRUE(whole.ok()) << whole.status();
  EXPECT_EQ(whole->packages, 0u);
}

}  // namespace
}  // namespace muster::packages_rpm
