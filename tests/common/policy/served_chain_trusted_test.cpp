// served_chain_trusted: where a chain that is served leads.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/common/policy/served_of_both.h"

namespace muster::policy {
namespace {

using namespace muster::testing;  // the words of the tests

constexpr const char* kShop = "shop.example.org";

TEST(ServedChainTrusted, WantsACompleteChainToATrustedRootThatIsForServers) {
  struct Case {
    v1::ServedChain chain;
    v1::Status status;
    std::string reason;
  };
  v1::ServedChain anchored = chain_with({leaf_for(kShop)});
  anchored.set_anchor("CN=Root");
  v1::ServedChain misordered = anchored;
  misordered.set_misordered(true);
  v1::ServedChain of_clients = anchored;
  of_clients.set_for_servers(false);
  v1::ServedChain incomplete = chain_with({leaf_for(kShop)}, v1::CHAIN_TRUST_INCOMPLETE);
  incomplete.set_trust_detail("the issuer CN=Issuing was not served");
  v1::Certificate root = authority(kNow - days(9), kNow + days(900));
  root.set_self_signed(true);
  root.set_subject("CN=Own Root,O=Example");
  const std::vector<Case> cases = {
      {anchored, v1::STATUS_PASS, "shop.example.org leads to CN=Root"},
      {misordered, v1::STATUS_PASS,
       "shop.example.org leads to CN=Root, in a chain that is out of order"},
      {of_clients, v1::STATUS_FAIL, "shop.example.org: its extended key usage leaves servers out"},
      {incomplete, v1::STATUS_FAIL,
       "shop.example.org: its chain is incomplete (the issuer CN=Issuing was not served)"},
      {chain_with({leaf_for(kShop)}, v1::CHAIN_TRUST_BROKEN), v1::STATUS_FAIL,
       "shop.example.org: its chain is broken"},
      {chain_with({leaf_for(kShop)}, v1::CHAIN_TRUST_SELF_SIGNED), v1::STATUS_FAIL,
       "shop.example.org: it has signed itself"},
      {chain_with({leaf_for("box.internal")}, v1::CHAIN_TRUST_SELF_SIGNED), v1::STATUS_PASS,
       "box.internal: it has signed itself, which the policy allows"},
      {chain_with({leaf_for(kShop)}, v1::CHAIN_TRUST_UNTRUSTED_ROOT), v1::STATUS_FAIL,
       "shop.example.org: its chain ends in a root that is not trusted"},
      {chain_with({leaf_for(kShop), root}, v1::CHAIN_TRUST_UNTRUSTED_ROOT), v1::STATUS_PASS,
       "shop.example.org: its chain ends in a root that is not trusted, which the policy allows"},
      {chain_with({leaf_for("box.internal")}, v1::CHAIN_TRUST_BROKEN), v1::STATUS_FAIL,
       "box.internal: its chain is broken"},
      {chain_with({leaf_for(kShop)}, v1::CHAIN_TRUST_UNSPECIFIED), v1::STATUS_UNKNOWN,
       "where the chain of shop.example.org leads is not known"},
      {chain_with({leaf_for(kShop)}, static_cast<v1::ChainTrust>(99)), v1::STATUS_UNKNOWN,
       "where the chain of shop.example.org leads is not known"},
  };
  Control control = control_of("served_chain_trusted");
  control.parameters = {{"allow_self_signed", Globs{"*.internal", "CN=Own Root,*"}}};
  for (const Case& c : cases) {
    const OfBoth found = of_both(control, service_for(kShop), c.chain);
    EXPECT_EQ(found.status, c.status) << c.reason;
    EXPECT_EQ(found.reason, c.reason);
  }
}

TEST(ServedChainTrusted, DoesNotAskForATrustedRootWhereOnlyTheHostItselfGets) {
  const Control control = control_of("served_chain_trusted");
  for (const std::string address : {"127.0.0.1", "::1"}) {
    v1::ListenerFacts facts =
        serving(service_for(kShop), chain_with({leaf_for(kShop)}, v1::CHAIN_TRUST_SELF_SIGNED));
    facts.mutable_listeners(0)->set_address(address);
    EXPECT_EQ(judge_host(control, facts).status(), v1::STATUS_NOT_APPLICABLE) << address;
    facts.mutable_chains(0)->set_trust(v1::CHAIN_TRUST_INCOMPLETE);
    EXPECT_EQ(judge_host(control, facts).status(), v1::STATUS_FAIL) << address;
  }
}

}  // namespace
}  // namespace muster::policy
