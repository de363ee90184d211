#include "collector/http_client/http_url.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace muster::collector {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(HttpUrl, IsWhatARequestNeeds) {
  struct Case {
    std::string text;
    bool tls;
    std::string host;
    uint16_t port;
    std::string target;
    std::string authority;
    std::string shown;
  };
  const std::vector<Case> cases = {
      {"https://inventory.example.org", true, "inventory.example.org", 443, "/",
       "inventory.example.org", "https://inventory.example.org/"},
      {"http://127.0.0.1:8080/hosts?token=x&a=%20", false, "127.0.0.1", 8080,
       "/hosts?token=x&a=%20", "127.0.0.1:8080", "http://127.0.0.1:8080/hosts"},
      {"https://[::1]:9443/a%20b/", true, "::1", 9443, "/a%20b/", "[::1]:9443",
       "https://[::1]:9443/a%20b/"},
      {"https://a:443/", true, "a", 443, "/", "a", "https://a/"},
      {"http://a:443/", false, "a", 443, "/", "a:443", "http://a:443/"},
  };
  for (const Case& one : cases) {
    const absl::StatusOr<HttpUrl> url = parse_http_url(one.text);
    ASSERT_TRUE(url.ok()) << url.status();
    EXPECT_EQ(url->tls, one.tls) << one.text;
    EXPECT_EQ(url->host, one.host);
    EXPECT_EQ(url->port, one.port);
    EXPECT_EQ(url->target, one.target);
    EXPECT_EQ(url->authority(), one.authority);
    EXPECT_EQ(url->shown(), one.shown);
  }
}

TEST(HttpUrl, IsRefusedWithWhatToDoAndWithoutItsSecrets) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"", "is not a URL"},
      {"inventory.example.org/secret", "is not a URL"},
      {"ftp://a/secret", "is not a URL"},
      {"https://a/ secret", "is not a URL"},
      {"https:///secret", "names no host"},
      {"https://a:0/secret", "has a port"},
      {"https://a:65536/secret", "has a port"},
      {"https://a:99999/secret", "has a port"},
      {"https://user:secret@a/", "has a user in it"},
      {"https://a/#secret", "has a fragment"},
      {"https://a/" + std::string(1991, 's'), "is longer than 2000 bytes"},
  };
  for (const auto& [text, why] : cases) {
    const absl::Status status = parse_http_url(text).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << text;
    EXPECT_THAT(std::string(status.message()), HasSubstr(why)) << text;
    EXPECT_THAT(std::string(status.message()), Not(HasSubstr("secret"))) << text;
  }
  EXPECT_TRUE(parse_http_url("https://a/" + std::string(1990, 's')).ok());
}

}  // namespace
}  // namespace muster::collector
