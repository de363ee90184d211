// served_name_matches: names that are asked for, and names that are configured.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/common/policy/served.h"

namespace muster::policy {
namespace {

using namespace muster::testing;  // the words of the tests
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr const char* kShop = "shop.example.org";

TEST(ServedNameMatches, HoldsATargetToItsNameOrItsAddress) {
  const Control control = control_of("served_name_matches");
  v1::TlsService service = service_for(kShop);
  const v1::ServedChain chain = chain_with({leaf_for("other.example.org")});
  EXPECT_EQ(judge_target(control, answering(service, chain)).status(), v1::STATUS_PASS);
  service.set_name_matches(false);
  EXPECT_EQ(judge_target(control, answering(service, chain)).summary(),
            "192.0.2.7:443: its certificate is for other.example.org, not for shop.example.org");
  service.clear_server_name();
  EXPECT_EQ(judge_target(control, answering(service, chain)).summary(),
            "192.0.2.7:443: its certificate is for other.example.org, not for its address");
  EXPECT_EQ(judge_target(control, answering(service, chain)).status(), v1::STATUS_FAIL);
}

TEST(ServedNameMatches, HoldsASocketToTheNamesThatConfigurationsHave) {
  const Control control = control_of("served_name_matches");
  v1::TlsService service = service_for(kShop);
  v1::ListenerFacts facts = serving(service, chain_with({leaf_for("other.example.org")}));
  const auto judged = [&](const v1::CertificateFacts& certificates) {
    return judge(control, {observed("listeners", facts), observed("certificates", certificates)});
  };
  v1::CertificateFacts nothing;
  v1::CertificateFacts configured;
  v1::CertificateUse& use = *configured.add_uses();
  use.set_program("nginx");
  use.add_server_names("Shop.example.org");
  EXPECT_EQ(judged(configured).status(), v1::STATUS_PASS);
  facts.mutable_listeners(0)->mutable_services(0)->set_name_matches(false);
  EXPECT_EQ(judged(nothing).status(), v1::STATUS_NOT_APPLICABLE);
  EXPECT_EQ(judged(configured).status(), v1::STATUS_FAIL);
  EXPECT_EQ(judge_host(control, facts).status(), v1::STATUS_UNKNOWN);
  use.set_server_names(0, "*.example.org");
  EXPECT_EQ(judged(configured).status(), v1::STATUS_FAIL);
  use.set_server_names(0, "*.org");
  EXPECT_EQ(judged(configured).status(), v1::STATUS_NOT_APPLICABLE);
  // A configuration that could not be read may have the name.
  configured.add_unread_configurations("/etc/haproxy/haproxy.cfg: Permission denied");
  EXPECT_EQ(judged(configured).status(), v1::STATUS_UNKNOWN);
  EXPECT_THAT(judged(configured).summary(),
              HasSubstr("not for shop.example.org; whether it is to be is not known, could not be "
                        "read: /etc/haproxy/haproxy.cfg: Permission denied"));
  use.set_server_names(0, kShop);
  EXPECT_EQ(judged(configured).status(), v1::STATUS_FAIL);
  // The right one at another port of the same program.
  v1::TlsService& right = *add_listener(facts, 8443).add_services();
  right = service_for(kShop);
  EXPECT_THAT(lines(judged(configured)),
              ElementsAre(HasSubstr("8443/shop.example.org | pass"),
                          HasSubstr("443/shop.example.org | not_applicable")));
  // A name was never asked for.
  facts.mutable_listeners(0)->mutable_services(0)->clear_server_name();
  EXPECT_THAT(lines(judged(configured)),
              ElementsAre(HasSubstr("8443/shop.example.org | pass"),
                          HasSubstr("443 | not_applicable | nginx.service :443: it was asked for "
                                    "no name")));
}

}  // namespace
}  // namespace muster::policy
