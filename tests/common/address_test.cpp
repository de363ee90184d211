#include "common/address.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace muster {
namespace {

using ::testing::HasSubstr;

TEST(Address, ReadsNamesAndBothKindsOfIpAddress) {
  const struct {
    const char* text;
    Address address;
  } cases[] = {
      {"collector.example.org:8433", {"collector.example.org", 8433}},
      {"192.0.2.1:1", {"192.0.2.1", 1}},
      {"[::1]:65535", {"::1", 65535}},
      {"[fe80::1%eth0]:8433", {"fe80::1%eth0", 8433}},
  };
  for (const auto& test : cases) {
    const auto address = parse_address(test.text);
    ASSERT_TRUE(address.ok()) << test.text;
    EXPECT_EQ(*address, test.address);
    EXPECT_EQ(address->text(), test.text);
  }
}

TEST(Address, RefusesWhatIsNone) {
  for (const char* text : {"", "collector", "collector:", ":8433", "collector:0", "collector:65536",
                           "collector:84x", "::1:8433", "[::1]", "[collector]:8433", "a b:1",
                           "collector:8433/", "user@collector:8433", "collector:-1"}) {
    EXPECT_THAT(parse_address(text).status().message(), HasSubstr("is not an address")) << text;
  }
  EXPECT_FALSE(parse_address(std::string(254, 'a') + ":1").ok());
}

TEST(Url, ReadsWhatPeopleWrite) {
  const struct {
    const char* text;
    Address address;
  } cases[] = {
      {"https://collector.example.org:8443", {"collector.example.org", 8443}},
      {"https://collector.example.org/", {"collector.example.org", 443}},
      {"https://[::1]:8443/", {"::1", 8443}},
      {"https://[::1]", {"::1", 443}},
  };
  for (const auto& test : cases) {
    const auto address = parse_url(test.text, "https", 443);
    ASSERT_TRUE(address.ok()) << test.text;
    EXPECT_EQ(*address, test.address) << test.text;
  }
}

TEST(Url, RefusesOtherSchemesPathsAndUsers) {
  for (const char* text : {"http://collector:1", "collector:8443", "https://", "https://a/path",
                           "https://user:secret@a:1", "https://a:1?x"}) {
    EXPECT_THAT(parse_url(text, "https", 443).status().message(),
                HasSubstr("write it like https://"))
        << text;
  }
}

}  // namespace
}  // namespace muster
