#include "agent/probes/domain/rdap/redirects.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace muster::domains::rdap {
namespace {

using ::testing::HasSubstr;
using Author = Bootstrap::Author;

class Redirects : public ::testing::Test {
 protected:
  static Bootstrap bootstrap(Author author) {
    return *Bootstrap::parse(
        R"({"version":"1.0","publication":"2026-11-01T12:00:00Z","services":[
          [["com"],["https://rdap.registry.co.uk/v1/"]],[["org"],["https://rdap.listed.org/"]],
          [["test"],["https://127.0.0.1:8443/","http://rdap.lab.test:8080/"]]]})",
        author);
  }
  static WebUrl url(std::string_view text) { return *parse_web_url(text); }

  // The URL, or why not.
  std::string hop(std::string_view location, Author author = Author::kIana) const {
    const Bootstrap lists = bootstrap(author);
    const auto next = next_hop({lists, suffixes_, {"rdap.registrar.com"}}, asked_, location);
    return next.ok() ? next->text() : "refused: " + std::string(next.status().message());
  }

  PublicSuffixes suffixes_ = *PublicSuffixes::of_this_system();
  std::vector<WebUrl> asked_{url("https://rdap.registry.co.uk/v1/domain/example.com")};
};

TEST_F(Redirects, LeadWhereTheOwnerIsTheSameOrAListSaysSo) {
  EXPECT_EQ(hop("/v2/domain/example.com"), "https://rdap.registry.co.uk/v2/domain/example.com");
  EXPECT_EQ(hop("example.com?full"), "https://rdap.registry.co.uk/v1/domain/example.com?full");
  EXPECT_EQ(hop("//new.registry.co.uk/x"), "https://new.registry.co.uk/x");
  EXPECT_EQ(hop("https://rdap.listed.org/domain/example.com"),
            "https://rdap.listed.org/domain/example.com");
  EXPECT_EQ(hop("https://rdap.registrar.com/domain/example.com"),
            "https://rdap.registrar.com/domain/example.com");
}

TEST_F(Redirects, LeadNowhereElse) {
  for (const std::string_view location :
       {"https://rdap.other.co.uk/", "https://co.uk/", "https://registry.co.uk.evil.example/",
        "https://evil.example/rdap.registry.co.uk", "https://www.registrar.com/",
        "https://rdap.registry.co.uk@evil.example/", "https://evil.example#@rdap.registry.co.uk/",
        "http://rdap.registry.co.uk/", "ftp://rdap.registry.co.uk/", "file:///etc/passwd",
        "javascript:alert(1)", "", "\r\nSet-Cookie: a", "https://rdap.registry.co.uk:22/",
        "https://rdap.listed.org:8443/", "https://rdap.registry.co.uk:0/"}) {
    EXPECT_THAT(hop(location), HasSubstr("refused")) << location;
  }
}

TEST_F(Redirects, LeadToNoAddressHoweverItIsWritten) {
  for (const std::string_view location : {"https://127.0.0.1/",
                                          "https://127.1/",
                                          "https://2130706433/",
                                          "https://0x7f000001/",
                                          "https://0177.0.0.1/",
                                          "https://[::1]/",
                                          "https://[::ffff:127.0.0.1]/",
                                          "https://10.0.0.1/",
                                          "https://192.168.1.1/",
                                          "https://169.254.169.254/latest/meta-data/",
                                          "https://[fe80::1]/",
                                          "https://[fd00::1]/",
                                          "https://8.8.8.8/",
                                          "https://localhost/",
                                          "https://localhost./",
                                          "https://127.0.0.1:8443/",
                                          "https://0.0.0.0/",
                                          "https://%6cocalhost/",
                                          "https://[::]/",
                                          "https://１２７.0.0.1/"}) {
    EXPECT_THAT(hop(location), HasSubstr("refused")) << location;
  }
}

TEST_F(Redirects, LeadWithinWhereTheSitesOwnFileListsTheServer) {
  EXPECT_EQ(hop("https://127.0.0.1:8443/x", Author::kConfiguration), "https://127.0.0.1:8443/x");
  EXPECT_EQ(hop("http://rdap.lab.test:8080/x", Author::kConfiguration),
            "http://rdap.lab.test:8080/x");
  EXPECT_THAT(hop("https://127.0.0.1:8444/x", Author::kConfiguration), HasSubstr("refused"));
  EXPECT_THAT(hop("https://127.0.0.1/x", Author::kConfiguration), HasSubstr("refused"));
  EXPECT_THAT(hop("https://rdap.lab.test:8080/x", Author::kConfiguration), HasSubstr("refused"));
  // IANA cannot send us there.
  EXPECT_THAT(hop("https://127.0.0.1:8443/x"), HasSubstr("refused"));
}

TEST_F(Redirects, EndInNoLoop) {
  EXPECT_THAT(hop("/v1/domain/example.com"), HasSubstr("asked already"));
  EXPECT_THAT(hop("HTTPS://RDAP.Registry.co.uk.:443/v1/./domain/example.com#again"),
              HasSubstr("asked already"));
  asked_.push_back(url("https://rdap.registry.co.uk/v2/"));
  EXPECT_THAT(hop("/v1/domain/example.com"), HasSubstr("asked already"));
  EXPECT_EQ(hop("/v3/"), "https://rdap.registry.co.uk/v3/");
}

TEST_F(Redirects, AreThreeAtMost) {
  for (const char* const next : {"/1", "/2", "/3"}) {
    const std::string text = hop(next);
    ASSERT_EQ(text, "https://rdap.registry.co.uk" + std::string(next));
    asked_.push_back(url(text));
  }
  EXPECT_THAT(hop("/4"), HasSubstr("too many"));
}

TEST_F(Redirects, ServersAreDialledAtAddressesOfTheInternetAlone) {
  const auto may = [](std::string_view to, const std::string& address, Author author) {
    return may_dial(bootstrap(author), url(to), boost::asio::ip::make_address(address)).ok();
  };
  constexpr std::string_view kListed = "https://rdap.listed.org/domain/example.org";
  EXPECT_TRUE(may(kListed, "8.8.8.8", Author::kIana));
  EXPECT_TRUE(may(kListed, "2606:4700::1", Author::kIana));
  for (const char* const address :
       {"127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.0.1", "169.254.169.254", "100.64.0.1",
        "0.0.0.0", "224.0.0.1", "::1", "::", "fe80::1", "fd00::1", "::ffff:127.0.0.1",
        "64:ff9b::7f00:1", "ff02::1"}) {
    EXPECT_FALSE(may(kListed, address, Author::kIana)) << address;
  }
  // A name in the site's own file may lead within; another one not.
  EXPECT_TRUE(may(kListed, "10.1.2.3", Author::kConfiguration));
  EXPECT_TRUE(may("https://127.0.0.1:8443/", "127.0.0.1", Author::kConfiguration));
  EXPECT_FALSE(may("https://rdap.registrar.com/", "10.1.2.3", Author::kConfiguration));
}

}  // namespace
}  // namespace muster::domains::rdap
