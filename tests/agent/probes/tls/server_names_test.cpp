#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>
#include <openssl/x509v3.h>

#include "agent/probes/tls/chain_verification.h"
#include "tests/agent/probes/tls/test_pki.h"

namespace muster::tls {
namespace {

std::string certificate_for(const std::string& alternative_names,
                            const std::string& common_name = "cn.example.org") {
  test::IdentitySpec spec{.name = common_name};
  if (!alternative_names.empty()) {
    spec.extensions.emplace_back(NID_subject_alt_name, alternative_names);
  }
  return test::make_identity(spec).der();
}

struct Row {
  const char* alternative_names;
  const char* server_name;
  bool matches;
};

void check(std::initializer_list<Row> rows) {
  for (const Row& row : rows) {
    EXPECT_EQ(certificate_names(certificate_for(row.alternative_names), row.server_name),
              row.matches)
        << row.server_name << " by " << row.alternative_names;
  }
}

TEST(ServerNames, ThatAreListedMatch) {
  check({{"DNS:www.example.org", "www.example.org", true},
         {"DNS:example.net,DNS:www.example.org", "www.example.org", true},
         {"DNS:WWW.Example.ORG", "www.example.org", true},
         {"DNS:www.example.org", "WWW.EXAMPLE.org", true},
         {"DNS:www.example.org", "www.example.org.", true},
         {"DNS:localhost", "localhost", true},
         {"DNS:_sip.example.org", "_sip.example.org", true},
         {"DNS:www.example.org", "example.org", false},
         {"DNS:example.org", "www.example.org", false},
         {"DNS:www.example.org", "www.example.org.evil.test", false},
         {"DNS:www.example.org", "wwww.example.org", false},
         {"DNS:www.example.org", "", false},
         {"DNS:www.example.org", ".", false},
         {"DNS:www.example.org", ".example.org", false},
         {"DNS:www.example.org", "www..example.org", false},
         {"DNS:www.example.org", "www.example.org..", false},
         {"DNS:www.example.org", "www.example.org ", false}});
}

// RFC 9525, 6.3.
TEST(ServerNames, AWildcardIsForOneWholeLabelAtTheLeft) {
  check({{"DNS:*.example.org", "www.example.org", true},
         {"DNS:*.example.org", "WWW.example.org.", true},
         {"DNS:*.example.org", "xn--mnchen-3ya.example.org", true},
         {"DNS:*.example.org", "example.org", false},
         {"DNS:*.example.org", ".example.org", false},
         {"DNS:*.example.org", "a.b.example.org", false},
         {"DNS:*.example.org", "*.example.org", false},
         {"DNS:w*.example.org", "www.example.org", false},
         {"DNS:*w.example.org", "www.example.org", false},
         {"DNS:w*w.example.org", "www.example.org", false},
         {"DNS:www.*.org", "www.example.org", false},
         {"DNS:*.*.org", "www.example.org", false},
         {"DNS:*", "localhost", false},
         {"DNS:*.org", "example.org", false},
         {"DNS:xn--*.example.org", "xn--mnchen-3ya.example.org", false},
         {"DNS:*.example.org", "192.0.2.1", false}});
}

TEST(ServerNames, ACommonNameCountsForNothing) {
  EXPECT_FALSE(certificate_names(certificate_for(""), "cn.example.org"));
  EXPECT_FALSE(certificate_names(certificate_for("DNS:www.example.org"), "cn.example.org"));
  EXPECT_FALSE(certificate_names(certificate_for("email:a@example.org"), "cn.example.org"));
  EXPECT_FALSE(certificate_names(certificate_for("IP:192.0.2.1"), "cn.example.org"));
  EXPECT_FALSE(certificate_names(certificate_for("", "192.0.2.1"), "192.0.2.1"));
}

TEST(ServerNames, AnAddressMatchesAddressesAlone) {
  check({{"IP:192.0.2.1", "192.0.2.1", true},
         {"DNS:example.org,IP:192.0.2.7,IP:192.0.2.1", "192.0.2.1", true},
         {"IP:2001:db8::7", "2001:db8::7", true},
         {"IP:2001:db8::7", "2001:DB8:0:0::7", true},
         {"IP:192.0.2.1", "192.0.2.2", false},
         {"DNS:192.0.2.1", "192.0.2.1", false},
         {"DNS:*.0.2.1", "192.0.2.1", false},
         {"IP:127.0.0.1", "127.1", false},
         {"DNS:127.1", "127.1", false},
         {"IP:127.0.0.1", "0x7f.0.0.1", false},
         {"IP:192.0.2.1", "192.0.2.1.", false},
         {"IP:192.0.2.1", "::ffff:192.0.2.1", false},
         {"IP:FE80::1", "fe80::1%eth0", false},
         {"URI:https://192.0.2.1/", "192.0.2.1", false}});
}

TEST(ServerNames, OtherKindsOfNamesAreNone) {
  check(
      {{"URI:https://www.example.org/", "www.example.org", false},
       {"email:www@www.example.org", "www.example.org", false},
       {"RID:1.2.3.4", "www.example.org", false},
       {"otherName:1.3.6.1.5.5.7.8.7;IA5STRING:_https.www.example.org", "www.example.org", false}});
}

TEST(ServerNames, InternationalizedOnesAreKnownAsALabels) {
  check({{"DNS:xn--mnchen-3ya.example.org", "xn--mnchen-3ya.example.org", true},
         {"DNS:XN--MNCHEN-3YA.example.org", "xn--mnchen-3ya.example.org", true},
         {"DNS:xn--mnchen-3ya.example.org", "m\xc3\xbcnchen.example.org", false},
         {"DNS:*.example.org", "m\xc3\xbcnchen.example.org", false}});
}

TEST(ServerNames, ANulEndsNoName) {
  const std::string certificate = certificate_for("DNS:www.example.org,IP:192.0.2.1");
  EXPECT_FALSE(certificate_names(certificate, std::string("www.example.org\0.evil.test", 26)));
  EXPECT_FALSE(certificate_names(certificate, std::string("192.0.2.1\0x", 11)));
  EXPECT_FALSE(certificate_names("no certificate", "www.example.org"));
}

TEST(ServerNames, OfTenThousandAllCount) {
  std::vector<std::string> names;
  for (int i = 0; i < 10'000; ++i)
    names.push_back(fmt::format("DNS:host{}.example.org", i));
  const std::string certificate = certificate_for(fmt::format("{}", fmt::join(names, ",")));
  EXPECT_TRUE(certificate_names(certificate, "host0.example.org"));
  EXPECT_TRUE(certificate_names(certificate, "host9999.example.org"));
  EXPECT_FALSE(certificate_names(certificate, "host10000.example.org"));
}

TEST(ServerNames, AreAtMost253BytesOfLabelsOfAtMost63) {
  const std::string label(63, 'a');
  const std::string longest = label + "." + label + "." + label + "." + std::string(61, 'b');
  ASSERT_EQ(longest.size(), 253);
  EXPECT_TRUE(certificate_names(certificate_for("DNS:" + longest), longest));
  EXPECT_FALSE(certificate_names(certificate_for("DNS:" + longest + "b"), longest + "b"));
  EXPECT_TRUE(certificate_names(certificate_for("DNS:" + label + ".org"), label + ".org"));
  EXPECT_FALSE(certificate_names(certificate_for("DNS:" + label + "a.org"), label + "a.org"));
}

}  // namespace
}  // namespace muster::tls
