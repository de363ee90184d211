#include "agent/probes/certificates/password_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace muster {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

TEST(PasswordTable, GivesThePasswordsWhoseGlobMatches) {
  PasswordTable table;
  ASSERT_TRUE(table
                  .add("# of the application servers\n"
                       "/opt/tomcat/conf/*.p12 s3cret\n"
                       "\n"
                       "/srv/key?store\tpass word \r\n"
                       "/opt/tomcat/conf/b.p12  #second")
                  .ok());
  EXPECT_THAT(table.passwords_for("/opt/tomcat/conf/a.p12", ""), ElementsAre("s3cret"));
  EXPECT_THAT(table.passwords_for("/opt/tomcat/conf/b.p12", ""), ElementsAre("s3cret", "#second"));
  EXPECT_THAT(table.passwords_for("/opt/tomcat/conf/sub/a.p12", ""), IsEmpty());
  EXPECT_THAT(table.passwords_for("/srv/key store", ""), ElementsAre("pass word "));
  // A link counts by either end.
  EXPECT_THAT(table.passwords_for("/etc/link", "/opt/tomcat/conf/a.p12"), ElementsAre("s3cret"));
  EXPECT_THAT(table.passwords_for("/etc/other", ""), IsEmpty());
}

TEST(PasswordTable, RefusesALineByItsNumberWithoutShowingIt) {
  const std::string bad[] = {"relative.p12 secret", "/only/a/path", "/only/a/path   ", "secret"};
  for (const std::string& line : bad) {
    PasswordTable table;
    EXPECT_EQ(table.add("# first\n" + line + "\n").message(),
              "line 2: it must be an absolute path or glob, a blank and the password");
  }
}

TEST(PasswordTable, BoundsItsLinesAndPasswords) {
  PasswordTable table;
  const std::string longest(PasswordTable::kLongest, 'x');
  EXPECT_TRUE(table.add("/a " + longest).ok());
  EXPECT_EQ(table.add("/a " + longest + "x").message(),
            "line 1: a password longer than 1024 bytes");
  std::string lines;
  for (size_t i = 1; i < PasswordTable::kMostLines; ++i)
    lines += "/b p\n";
  EXPECT_TRUE(table.add(lines).ok());
  EXPECT_EQ(table.add("/c p\n").message(), "line 1: more than 1024 passwords");
  EXPECT_THAT(table.passwords_for("/b", ""), SizeIs(PasswordTable::kMostTried));
}

}  // namespace
}  // namespace muster
