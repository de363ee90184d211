#include "agent/probes/domain/names/public_suffixes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace muster::domains {
namespace {

using ::testing::HasSubstr;

constexpr std::string_view kList = R"(// a comment
// ===BEGIN ICANN DOMAINS===
com
org
uk
co.uk
*.ck
!www.ck
jp
*.kawasaki.jp
!city.kawasaki.jp
// xn--85x722f.com.cn
cn
com.cn
公司.cn
// ===END ICANN DOMAINS===
// ===BEGIN PRIVATE DOMAINS===
github.io
blogspot.com
uk.com
// ===END PRIVATE DOMAINS===
)";

// Empty: nobody can register it.
std::string registrable(const PublicSuffixes& suffixes, std::string_view name) {
  const auto found = suffixes.registrable(name);
  if (found.ok()) return found->name;
  EXPECT_THAT(std::string(found.status().message()), HasSubstr("is a public suffix")) << name;
  return "";
}

struct Row {
  std::string_view name;
  std::string_view registrable;
};

TEST(PublicSuffixes, FollowTheRulesOfTheList) {
  const auto suffixes = PublicSuffixes::parse(kList);
  ASSERT_TRUE(suffixes.ok()) << suffixes.status();
  for (const Row& row : {
           Row{"example.com", "example.com"},
           Row{"WwW.Example.COM", "example.com"},
           Row{"a.b.example.com.", "example.com"},
           Row{"example.uk", "example.uk"},
           Row{"co.uk", ""},
           Row{"example.co.uk", "example.co.uk"},
           Row{"a.b.example.co.uk", "example.co.uk"},
           // A wildcard, and the exception of it.
           Row{"test.ck", ""},
           Row{"b.test.ck", "b.test.ck"},
           Row{"a.b.test.ck", "b.test.ck"},
           Row{"www.ck", "www.ck"},
           Row{"www.www.ck", "www.ck"},
           Row{"c.kawasaki.jp", ""},
           Row{"b.c.kawasaki.jp", "b.c.kawasaki.jp"},
           Row{"city.kawasaki.jp", "city.kawasaki.jp"},
           Row{"www.city.kawasaki.jp", "city.kawasaki.jp"},
           // In both its forms.
           Row{"食狮.公司.cn", "xn--85x722f.xn--55qx5d.cn"},
           Row{"www.xn--85x722f.xn--55qx5d.cn", "xn--85x722f.xn--55qx5d.cn"},
           Row{"公司.cn", ""},
       }) {
    EXPECT_EQ(registrable(*suffixes, row.name), row.registrable) << row.name;
  }
}

TEST(PublicSuffixes, OfTheSectionOfRegistriesOnly) {
  const auto suffixes = PublicSuffixes::parse(kList);
  ASSERT_TRUE(suffixes.ok()) << suffixes.status();
  // Who has a page at such a service has no domain: that is the service's.
  EXPECT_EQ(registrable(*suffixes, "page.blogspot.com"), "blogspot.com");
  EXPECT_EQ(registrable(*suffixes, "shop.example.uk.com"), "uk.com");
}

TEST(PublicSuffixes, SayWhetherTheListHasTheSuffix) {
  const auto suffixes = PublicSuffixes::parse(kList);
  ASSERT_TRUE(suffixes.ok()) << suffixes.status();
  const auto listed = suffixes->registrable("www.example.co.uk");
  ASSERT_TRUE(listed.ok()) << listed.status();
  EXPECT_EQ(*listed, (RegistrableName{"example.co.uk", "co.uk", true}));
  const auto unlisted = suffixes->registrable("www.example.internal");
  ASSERT_TRUE(unlisted.ok()) << unlisted.status();
  EXPECT_EQ(*unlisted, (RegistrableName{"example.internal", "internal", false}));
  const auto service = suffixes->registrable("page.github.io");
  ASSERT_TRUE(service.ok()) << service.status();
  EXPECT_EQ(*service, (RegistrableName{"github.io", "io", false}));
}

TEST(PublicSuffixes, AreNoneOfWhatIsNoName) {
  const auto suffixes = PublicSuffixes::parse(kList);
  ASSERT_TRUE(suffixes.ok()) << suffixes.status();
  for (const std::string_view name : {"", "com", "192.0.2.1", "a..com", "a b.com"}) {
    EXPECT_FALSE(suffixes->registrable(name).ok()) << name;
  }
}

TEST(PublicSuffixes, TellTwoOwnersApart) {
  const auto suffixes = PublicSuffixes::parse(kList);
  ASSERT_TRUE(suffixes.ok()) << suffixes.status();
  EXPECT_TRUE(suffixes->same_owner("rdap.example.co.uk", "www.example.co.uk"));
  EXPECT_TRUE(suffixes->same_owner("example.com", "RDAP.example.com."));
  EXPECT_FALSE(suffixes->same_owner("example.co.uk", "other.co.uk"));
  EXPECT_FALSE(suffixes->same_owner("co.uk", "co.uk"));
  EXPECT_FALSE(suffixes->same_owner("192.0.2.1", "192.0.2.1"));
  // Registered as one, and not one's own.
  EXPECT_FALSE(suffixes->same_owner("one.blogspot.com", "other.blogspot.com"));
  EXPECT_TRUE(suffixes->same_owner("a.one.blogspot.com", "one.blogspot.com"));
}

TEST(PublicSuffixes, AListIsOneOrIsRefused) {
  EXPECT_FALSE(PublicSuffixes::parse("").ok());
  EXPECT_FALSE(PublicSuffixes::parse("<html>proxy error</html>").ok());
  EXPECT_FALSE(PublicSuffixes::parse("// ===BEGIN ICANN DOMAINS===\n").ok());
  std::string large(kList);
  large.resize(4 << 20, '\n');
  EXPECT_TRUE(PublicSuffixes::parse(large).ok());
  EXPECT_FALSE(PublicSuffixes::parse(large + "\n").ok());
}

// Of the list that ships with the system: what its authors test it with, as far as registries make
// it.
TEST(PublicSuffixes, OfThisSystemKnowTheWorld) {
  const auto suffixes = PublicSuffixes::of_this_system();
  ASSERT_TRUE(suffixes.ok()) << suffixes.status();
  for (const Row& row : {
           Row{"b.example.com", "example.com"},
           Row{"test.ac.jp", "test.ac.jp"},
           Row{"ac.jp", ""},
           Row{"kyoto.jp", ""},
           Row{"a.b.ide.kyoto.jp", "b.ide.kyoto.jp"},
           Row{"www.k12.ak.us", "www.k12.ak.us"},
           Row{"k12.ak.us", ""},
           Row{"example.公司.cn", "example.xn--55qx5d.cn"},
           Row{"www.食狮.中国", "xn--85x722f.xn--fiqs8s"},
           Row{"page.github.io", "github.io"},
           Row{"www.ck", "www.ck"},
           Row{"example.de", "example.de"},
       }) {
    EXPECT_EQ(registrable(*suffixes, row.name), row.registrable) << row.name;
  }
}

}  // namespace
}  // namespace muster::domains
