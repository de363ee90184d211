#include "collector/identity/certificate_names.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace muster::collector {
namespace {

using Source = CertificateNames::Source;
using testing::HasSubstr;

TEST(CertificateNames, TheFleetsOwnHaveAnIdInTheirTrustDomain) {
  const CertificateNames ours(std::string("muster.test"));
  const std::string id(32, 'a');
  const std::string uri = "spiffe://muster.test/host/" + id;
  EXPECT_EQ(*ours.host_id_in(std::vector<std::string_view>{uri}), id);
  EXPECT_FALSE(
      ours.host_id_in(std::vector<std::string_view>{"spiffe://other.test/host/" + id}).ok());
  EXPECT_FALSE(ours.host_id_in({}).ok());
  EXPECT_FALSE(ours.is_of_others());
}

TEST(CertificateNames, ARuleFindsTheNameInASpiffeIdADnsNameOrTheCommonName) {
  struct Case {
    Source source;
    std::string pattern;
    std::vector<std::string_view> names;
    // Empty: none.
    std::string name;
  };
  const std::string longest(kCertificateNameLimit, 'a');
  const std::string too_long = longest + "a";
  const std::string nul("web\0x", 5);
  const Case cases[] = {
      {Source::kSpiffe, "spiffe://x.org/server/{id}", {"spiffe://x.org/server/web1"}, "web1"},
      {Source::kSpiffe, "spiffe://x.org/server/{id}", {"spiffe://x.org/server/web1/admin"}, ""},
      {Source::kSpiffe, "spiffe://x.org/server/{id}", {"spiffe://x.org/client/web1"}, ""},
      {Source::kSpiffe, "spiffe://x.org/server/{id}", {"spiffe://x.org/server/"}, ""},
      {Source::kDns, "{id}.servers.x.org", {"web1.servers.x.org"}, "web1"},
      {Source::kDns, "{id}.Servers.x.org", {"WEB1.servers.X.org"}, "web1"},
      {Source::kDns, "{id}.servers.x.org", {"a.b.servers.x.org"}, "a.b"},
      {Source::kDns, "{id}.servers.x.org", {"*.servers.x.org"}, ""},
      {Source::kDns, "{id}.servers.x.org", {"servers.x.org"}, ""},
      {Source::kDns, "{id}.servers.x.org", {".servers.x.org"}, ""},
      {Source::kDns, "{id}.servers.x.org", {"web1.servers.x.org.evil.org"}, ""},
      // Others beside it are no harm; two that fit are.
      {Source::kDns, "{id}.x.org", {"localhost", "web1.x.org", "WEB1.x.org"}, "web1"},
      {Source::kDns, "{id}.x.org", {"web1.x.org", "web2.x.org"}, ""},
      {Source::kCommonName, "{id}", {"web1"}, "web1"},
      {Source::kCommonName, "{id}", {"Web1"}, "web1"},
      {Source::kCommonName, "host {id}", {"host web1"}, "web1"},
      {Source::kCommonName, "{id}", {""}, ""},
      {Source::kCommonName, "{id}", {}, ""},
      {Source::kCommonName, "{id}", {longest}, longest},
      {Source::kCommonName, "{id}", {too_long}, ""},
      {Source::kCommonName, "{id}", {"../etc"}, ""},
      {Source::kCommonName, "{id}", {"-web1"}, ""},
      {Source::kCommonName, "{id}", {"web1."}, ""},
      {Source::kCommonName, "{id}", {"web 1"}, ""},
      {Source::kCommonName,
       "{id}",
       {"w\xc3\xa9"
        "b"},
       ""},
      {Source::kCommonName, "{id}", {nul}, ""},
      {Source::kCommonName, "{id}", {"web1\n"}, ""},
  };
  for (const Case& one : cases) {
    const auto names = CertificateNames::by_rule(one.source, one.pattern);
    ASSERT_TRUE(names.ok()) << names.status();
    EXPECT_EQ(names->name_in(one.names).value_or(""), one.name) << one.pattern;
    const auto id = names->host_id_in(one.names);
    EXPECT_EQ(id.ok(), !one.name.empty());
    if (id.ok()) {
      EXPECT_EQ(*id, host_id_of_name(one.name));
    }
  }
  EXPECT_EQ(host_id_of_name("web1").size(), 32u);
  EXPECT_NE(host_id_of_name("web1"), host_id_of_name("web2"));
}

TEST(CertificateNames, APatternHasOnePlaceholderAndPlainTextAround) {
  struct Case {
    Source source;
    std::string pattern;
    std::string says;
  };
  const Case cases[] = {
      {Source::kDns, "", "{id} once"},
      {Source::kDns, "web1", "{id} once"},
      {Source::kDns, "{id}{id}", "{id} once"},
      {Source::kDns, "{id}.*", "a character that no name has"},
      {Source::kDns, "{name}.{id}", "a character that no name has"},
      {Source::kSpiffe, "{id}", "spiffe://"},
      {Source::kCommonName, "{id}" + std::string(600, 'x'), "512"},
  };
  for (const Case& one : cases) {
    EXPECT_THAT(std::string(CertificateNames::by_rule(one.source, one.pattern).status().message()),
                HasSubstr(one.says));
  }
}

}  // namespace
}  // namespace muster::collector
