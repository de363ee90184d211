// The rules about what is served by TLS, on a host's own sockets and at targets.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/common/policy/served.h"

namespace muster::policy {
namespace {

using namespace muster::testing;  // the words of the tests
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr const char* kShop = "shop.example.org";
const std::string at_443 = "nginx.service :443 shop.example.org: ";

v1::Certificate authority(TimePoint begins, TimePoint ends) {
  v1::Certificate certificate = with_dates(leaf_for("Issuing"), begins, ends);
  certificate.set_certificate_authority(true);
  return certificate;
}

// Of one service, by both kinds of facts: the code is one, and so must be the answer.
struct OfBoth {
  v1::Status status;
  std::string reason;
};
OfBoth of_both(const Control& control, const v1::TlsService& service,
               const v1::ServedChain& chain) {
  const v1::Verdict of_host = judge_host(control, serving(service, chain));
  const v1::Verdict of_target = judge_target(control, answering(service, chain));
  EXPECT_EQ(of_host.status(), of_target.status());
  EXPECT_EQ(of_host.subjects(0).subject(), "443/shop.example.org");
  EXPECT_EQ(of_target.subjects(0).subject(), "192.0.2.7:443");
  const std::string reason = of_host.subjects(0).reason();
  EXPECT_TRUE(reason.starts_with(at_443)) << reason;
  EXPECT_EQ(of_target.subjects(0).reason(), "192.0.2.7:443: " + reason.substr(at_443.size()));
  return {of_host.status(), reason.substr(at_443.size())};
}

TEST(ServedCertificateValid, HoldsTheLeafWhatIsServedWithItAndWhereItLeadsToTheirDates) {
  struct Case {
    v1::ServedChain chain;
    v1::Status status;
    std::string reason;
  };
  const v1::Certificate good = leaf_for(kShop);
  v1::ServedChain old_anchor = chain_with({good});
  old_anchor.set_anchor("CN=Root");
  *old_anchor.mutable_anchor_not_after() = to_proto(kNow);
  v1::Certificate undated = good;
  undated.clear_not_after();
  const std::vector<Case> cases = {
      {chain_with({good}), v1::STATUS_PASS, "shop.example.org is valid until 2027-01-20"},
      {chain_with({with_dates(good, kNow - days(9), kNow + kMicrosecond)}), v1::STATUS_PASS,
       "shop.example.org is valid until 2026-11-21"},
      {chain_with({with_dates(good, kNow - days(9), kNow)}), v1::STATUS_FAIL,
       "shop.example.org expired on 2026-11-21"},
      {chain_with({with_dates(good, kNow + kMicrosecond, kNow + days(9))}), v1::STATUS_FAIL,
       "shop.example.org is not valid before 2026-11-21T12:00:00Z"},
      {chain_with({good, authority(kNow - days(900), kNow - days(1))}), v1::STATUS_FAIL,
       "Issuing, served with it, expired on 2026-11-20"},
      {old_anchor, v1::STATUS_FAIL, "CN=Root, to which it leads, expired on 2026-11-21"},
      {chain_with({undated}), v1::STATUS_UNKNOWN,
       "the dates of shop.example.org could not be read"},
      // Whatever else is not known.
      {chain_with({undated, authority(kNow - days(900), kNow - days(1))}), v1::STATUS_FAIL,
       "Issuing, served with it, expired on 2026-11-20"},
  };
  for (const Case& c : cases) {
    const OfBoth found =
        of_both(control_of("served_certificate_valid"), service_for(kShop), c.chain);
    EXPECT_EQ(found.status, c.status) << c.reason;
    EXPECT_EQ(found.reason, c.reason);
  }
}

TEST(ServedCertificateRenewal, IsDueInTheLastThirdAndCountsAnAuthorityThatEndsBefore) {
  struct Case {
    v1::ServedChain chain;
    v1::Status status;
    std::string reason;
  };
  const v1::Certificate good = leaf_for(kShop);
  v1::ServedChain anchored = chain_with({good});
  anchored.set_anchor("CN=Root");
  *anchored.mutable_anchor_not_after() = to_proto(kNow + days(20));
  const std::vector<Case> cases = {
      {chain_with({good}), v1::STATUS_PASS,
       "shop.example.org ends on 2027-01-20, to be renewed from 2026-12-21"},
      // A certificate of 6 days is due for two, one of 47 days for 15 and a bit.
      {chain_with({with_dates(good, kNow - days(3), kNow + days(3))}), v1::STATUS_PASS,
       "shop.example.org ends on 2026-11-24, to be renewed from 2026-11-22"},
      {chain_with({with_dates(good, kNow - days(4), kNow + days(2))}), v1::STATUS_DUE,
       "shop.example.org ends on 2026-11-23 and is not renewed"},
      {chain_with({with_dates(good, kNow - days(32), kNow + days(15))}), v1::STATUS_DUE,
       "shop.example.org ends on 2026-12-06 and is not renewed"},
      {chain_with({with_dates(good, kNow - days(40), kNow + days(7))}), v1::STATUS_FAIL,
       "shop.example.org ends on 2026-11-28 and is not renewed"},
      {chain_with({good, authority(kNow - days(900), kNow + days(20))}), v1::STATUS_DUE,
       "Issuing, served with it, ends on 2026-12-11 and is not renewed"},
      {chain_with({with_dates(good, kNow - days(2), kNow + days(4)),
                   authority(kNow - days(900), kNow + days(20))}),
       v1::STATUS_PASS, "shop.example.org ends on 2026-11-25, to be renewed from 2026-11-23"},
      {anchored, v1::STATUS_DUE,
       "CN=Root, to which it leads, ends on 2026-12-11 and is not renewed"},
      {chain_with({with_dates(good, kNow - days(9), kNow)}), v1::STATUS_NOT_APPLICABLE,
       "shop.example.org expired on 2026-11-21"},
  };
  for (const Case& c : cases) {
    const OfBoth found =
        of_both(control_of("served_certificate_renewal"), service_for(kShop), c.chain);
    EXPECT_EQ(found.status, c.status) << c.reason;
    EXPECT_EQ(found.reason, c.reason);
  }
}

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

TEST(ServedNotRevoked, HearsTheStapleAndTheAuthorityAndIsNotApplicableWhereNobodyWasAsked) {
  struct Case {
    v1::Revocation revocation;
    // UNSPECIFIED: there is none.
    v1::Revocation staple;
    Duration staple_lasts;
    v1::Status status;
    std::string reason;
  };
  const v1::Revocation none = v1::REVOCATION_UNSPECIFIED;
  const v1::Revocation good = v1::REVOCATION_GOOD;
  const v1::Revocation revoked = v1::REVOCATION_REVOKED;
  const v1::Revocation unknown = v1::REVOCATION_UNKNOWN;
  const std::string old_staple =
      "its staple (OCSP) ended on 2026-11-21T12:00:00Z: the server does not fetch new ones";
  const std::vector<Case> cases = {
      {none,
       none,
       {},
       v1::STATUS_NOT_APPLICABLE,
       "nobody was asked whether shop.example.org is revoked"},
      {good, none, {}, v1::STATUS_PASS, "shop.example.org is not revoked"},
      {revoked, none, {}, v1::STATUS_FAIL, "shop.example.org is revoked"},
      {unknown, none, {}, v1::STATUS_UNKNOWN, "whether shop.example.org is revoked is not known"},
      {static_cast<v1::Revocation>(99),
       none,
       {},
       v1::STATUS_UNKNOWN,
       "whether shop.example.org is revoked is not known"},
      {good, good, kMicrosecond, v1::STATUS_PASS, "shop.example.org is not revoked"},
      {none, good, kMicrosecond, v1::STATUS_PASS,
       "shop.example.org is not revoked, says its staple"},
      {good, good, Duration(0), v1::STATUS_FAIL, old_staple},
      {unknown, good, Duration(0), v1::STATUS_FAIL, old_staple},
      {good, revoked, days(1), v1::STATUS_FAIL, "shop.example.org is revoked"},
      {none, unknown, days(1), v1::STATUS_UNKNOWN,
       "whether shop.example.org is revoked, its staple does not say"},
  };
  for (const Case& c : cases) {
    v1::TlsService service = service_for(kShop);
    service.set_revocation(c.revocation);
    if (c.staple != none) {
      service.mutable_staple()->set_status(c.staple);
      *service.mutable_staple()->mutable_next_update() = to_proto(kNow + c.staple_lasts);
    }
    const OfBoth found =
        of_both(control_of("served_not_revoked"), service, chain_with({leaf_for(kShop)}));
    EXPECT_EQ(found.status, c.status) << c.reason;
    EXPECT_EQ(found.reason, c.reason);
  }
  // A staple that says nothing of the leaf does not revoke it.
  v1::TlsService service = service_for(kShop);
  service.mutable_staple()->set_error("it is about another certificate");
  service.mutable_staple()->set_status(revoked);
  EXPECT_EQ(
      of_both(control_of("served_not_revoked"), service, chain_with({leaf_for(kShop)})).reason,
      "whether shop.example.org is revoked, its staple does not say (it is about another "
      "certificate)");
}

TEST(TlsStrong, FindsOldVersionsShortKeysAndOldHashes) {
  struct Case {
    std::vector<std::string> versions;
    std::vector<std::string> not_asked;
    std::string key_type;
    uint32_t key_bits;
    std::string signature;
    bool self_signed;
    v1::Status status;
    std::string reason;
  };
  const std::vector<std::string> modern = {"TLSv1.2", "TLSv1.3"};
  const std::string sha256 = "sha256WithRSAEncryption";
  const std::string good = "takes nothing older than TLSv1.2, key ";
  const std::vector<Case> cases = {
      {modern, {}, "RSA", 2048, sha256, false, v1::STATUS_PASS, good + "RSA 2048"},
      {modern,
       {},
       "RSA",
       2047,
       sha256,
       false,
       v1::STATUS_FAIL,
       "the key of shop.example.org has only 2047 bits (RSA)"},
      {modern, {}, "EC", 224, sha256, false, v1::STATUS_PASS, good + "EC 224"},
      {modern,
       {},
       "EC",
       192,
       sha256,
       false,
       v1::STATUS_FAIL,
       "the key of shop.example.org has only 192 bits (EC)"},
      {modern, {}, "ED25519", 253, "ED25519", false, v1::STATUS_PASS, good + "ED25519 253"},
      {modern,
       {},
       "",
       0,
       sha256,
       false,
       v1::STATUS_UNKNOWN,
       "the key of shop.example.org could not be read"},
      {modern,
       {},
       "RSA",
       2048,
       "sha1WithRSAEncryption",
       false,
       v1::STATUS_FAIL,
       "shop.example.org is signed by sha1WithRSAEncryption"},
      {modern,
       {},
       "EC",
       256,
       "ecdsa-with-SHA1",
       false,
       v1::STATUS_FAIL,
       "shop.example.org is signed by ecdsa-with-SHA1"},
      {modern, {}, "RSA", 2048, "md5WithRSAEncryption", true, v1::STATUS_PASS, good + "RSA 2048"},
      {{"TLSv1", "TLSv1.2"}, {}, "RSA", 2048, sha256, false, v1::STATUS_FAIL, "takes TLSv1"},
      {{"TLSv1.1", "TLSv1.2"},
       {},
       "RSA",
       1024,
       sha256,
       false,
       v1::STATUS_FAIL,
       "takes TLSv1.1; the key of shop.example.org has only 1024 bits (RSA)"},
      {{"SSLv3"}, {}, "RSA", 2048, sha256, false, v1::STATUS_FAIL, "takes SSLv3"},
      {{"TLSv1.3"}, {"TLSv1.2"}, "RSA", 2048, sha256, false, v1::STATUS_PASS, good + "RSA 2048"},
      {{"TLSv1.3"},
       {"TLSv1.1"},
       "RSA",
       2048,
       sha256,
       false,
       v1::STATUS_UNKNOWN,
       "TLSv1.1 was not asked for yet"},
      // What is weak is so whatever else was not asked.
      {{"TLSv1.3"},
       {"TLSv1"},
       "RSA",
       512,
       sha256,
       false,
       v1::STATUS_FAIL,
       "the key of shop.example.org has only 512 bits (RSA)"},
      {{},
       {},
       "RSA",
       2048,
       sha256,
       false,
       v1::STATUS_UNKNOWN,
       "which versions it takes was not asked yet"},
  };
  for (const Case& c : cases) {
    v1::TlsService service = service_for(kShop);
    service.mutable_versions()->Assign(c.versions.begin(), c.versions.end());
    service.mutable_versions_not_asked()->Assign(c.not_asked.begin(), c.not_asked.end());
    v1::Certificate leaf = leaf_for(kShop);
    leaf.set_key_type(c.key_type);
    leaf.set_key_bits(c.key_bits);
    leaf.set_signature_algorithm(c.signature);
    leaf.set_self_signed(c.self_signed);
    const OfBoth found = of_both(control_of("tls_strong"), service, chain_with({leaf}));
    EXPECT_EQ(found.status, c.status) << c.reason;
    EXPECT_EQ(found.reason, c.reason);
  }
}

TEST(TlsStrong, HasItsLimitsFromThePolicyAndVersionsOfASocketFromAnyNameOfIt) {
  Control control = control_of("tls_strong");
  control.parameters = {{"minimum_version", 1.3}, {"minimum_rsa_bits", int64_t{3072}}};
  v1::TlsService service = service_for(kShop);
  EXPECT_EQ(of_both(control, service, chain_with({leaf_for(kShop)})).reason,
            "takes TLSv1.2; the key of shop.example.org has only 2048 bits (RSA)");
  v1::ListenerFacts facts = serving(service, chain_with({leaf_for(kShop)}));
  v1::TlsService& other = *facts.mutable_listeners(0)->add_services();
  other = service_for("other.example.org");
  other.clear_versions();
  EXPECT_THAT(lines(judge_host(control_of("tls_strong"), facts)),
              ElementsAre(HasSubstr("443/other.example.org | pass"),
                          HasSubstr("443/shop.example.org | pass")));
  facts.mutable_listeners(0)->mutable_services(0)->set_versions(0, "TLSv1");
  EXPECT_THAT(lines(judge_host(control_of("tls_strong"), facts)),
              ElementsAre(HasSubstr("443/other.example.org | fail"),
                          HasSubstr("443/shop.example.org | fail")));
}

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
  use.set_server_names(0, kShop);
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

// What becomes of a socket, for all rules about what is served, and for the one that asks whether
// that is known.
TEST(Served, LeavesASocketOfWhichNothingIsKnownToListenersKnown) {
  struct Case {
    v1::ListenerState state;
    v1::Status status;
    std::string reason;
    v1::Status known;
    std::string known_reason;
  };
  const v1::Status does_not_apply = v1::STATUS_NOT_APPLICABLE;
  const std::string nobody_knows =
      "no socket is known to speak TLS; of 1 it is not known (listeners_known)";
  const std::string newer = "nginx.service :443 was looked at in a way newer than this collector";
  const std::vector<Case> cases = {
      {v1::LISTENER_STATE_NO_TLS, does_not_apply, "no listening socket speaks TLS", v1::STATUS_PASS,
       "nginx.service :443 speaks no TLS: the detail"},
      {v1::LISTENER_STATE_LEFT_ALONE, does_not_apply,
       "nginx.service :443 is left alone: the detail", v1::STATUS_PASS,
       "nginx.service :443 is left alone: the detail"},
      {v1::LISTENER_STATE_NOT_ASKED, does_not_apply, nobody_knows, v1::STATUS_UNKNOWN,
       "nginx.service :443 was not asked yet: the detail"},
      {v1::LISTENER_STATE_UNKNOWN, does_not_apply, nobody_knows, v1::STATUS_UNKNOWN,
       "whether nginx.service :443 speaks TLS is not known: the detail; if that is right, have the "
       "agent's leave_alone list \"443\""},
      {v1::LISTENER_STATE_OUT_OF_REACH, does_not_apply, nobody_knows, v1::STATUS_UNKNOWN,
       "nginx.service :443 is in a network that cannot be dialled from the host: the detail"},
      {v1::LISTENER_STATE_TLS, v1::STATUS_UNKNOWN,
       "nginx.service :443 speaks TLS, and what it serves was not told", v1::STATUS_PASS,
       "nginx.service :443 speaks TLS"},
      {v1::LISTENER_STATE_UNSPECIFIED, v1::STATUS_UNKNOWN, newer, v1::STATUS_UNKNOWN, newer},
      {static_cast<v1::ListenerState>(99), v1::STATUS_UNKNOWN, newer, v1::STATUS_UNKNOWN, newer},
  };
  for (const Case& c : cases) {
    v1::ListenerFacts facts;
    add_listener(facts, 443, c.state).set_detail("the detail");
    const v1::Verdict verdict = judge_host(control_of("tls_strong"), facts);
    EXPECT_EQ(verdict.status(), c.status) << c.reason;
    EXPECT_EQ(verdict.summary(), c.reason);
    const v1::Verdict known = judge_host(control_of("listeners_known"), facts);
    EXPECT_EQ(known.status(), c.known) << c.known_reason;
    EXPECT_EQ(known.summary(), c.known_reason);
  }
  v1::ListenerFacts container;
  add_listener(container, 443, v1::LISTENER_STATE_OUT_OF_REACH)
      .mutable_owner()
      ->set_container("3f2a");
  for (const std::string rule : {"tls_strong", "listeners_known"}) {
    EXPECT_EQ(judge_host(control_of(rule), container).status(), does_not_apply);
    EXPECT_EQ(judge_host(control_of(rule), {}).status(), does_not_apply);
    EXPECT_EQ(judge(control_of(rule), {}).status(), v1::STATUS_UNKNOWN);
  }
}

TEST(Served, JudgesWhatSpeaksTlsBesideASocketOfWhichNothingIsKnown) {
  v1::ListenerFacts facts = serving(service_for(kShop), chain_with({leaf_for(kShop)}));
  for (const uint32_t port : {8090U, 8091U})
    add_listener(facts, port, v1::LISTENER_STATE_UNKNOWN, "licensed", "");
  add_listener(facts, 22, v1::LISTENER_STATE_NO_TLS, "sshd", "ssh.service");
  for (const std::string rule : {"served_certificate_valid", "served_certificate_renewal",
                                 "served_chain_trusted", "tls_strong"}) {
    const v1::Verdict verdict = judge_host(control_of(rule), facts);
    EXPECT_EQ(verdict.status(), v1::STATUS_PASS) << rule;
    EXPECT_EQ(verdict.subjects_size(), 1) << rule;
  }
  EXPECT_EQ(judge_host(control_of("listeners_known"), facts).summary(),
            "whether licensed :8090 speaks TLS is not known; if that is right, have the agent's "
            "leave_alone list \"8090\"; and 1 more of 4 sockets");
  // One that spoke TLS, and whose answer for a name did not come, is its subject.
  facts.mutable_listeners(0)->mutable_services(0)->set_answer(v1::TLS_ANSWER_CLOSED);
  facts.mutable_listeners(0)->mutable_services(0)->clear_chain();
  EXPECT_EQ(judge_host(control_of("tls_strong"), facts).status(), v1::STATUS_UNKNOWN);
  for (const int i : {1, 2})
    facts.mutable_listeners(i)->set_state(v1::LISTENER_STATE_LEFT_ALONE);
  EXPECT_EQ(judge_host(control_of("listeners_known"), facts).summary(),
            "4 listening sockets: it is known of each whether it speaks TLS");
  facts.set_listeners_omitted(2);
  EXPECT_EQ(judge_host(control_of("listeners_known"), facts).summary(),
            "2 more listening sockets are beyond the probe's limit");
  EXPECT_EQ(judge_host(control_of("listeners_known"), facts).status(), v1::STATUS_UNKNOWN);
}

TEST(Served, IsUnknownOfWhatWasNotAskedBesideWhatIsKnown) {
  v1::ListenerFacts facts = serving(service_for(""), chain_with({leaf_for(kShop)}));
  v1::Listener& listener = *facts.mutable_listeners(0);
  listener.add_names_not_asked("b.example.org");
  listener.set_names_omitted(3);
  facts.set_listeners_omitted(2);
  add_listener(facts, 8443).set_address("2001:db8::7");
  EXPECT_THAT(
      lines(judge_host(control_of("served_certificate_valid"), facts)),
      ElementsAre(" | unknown | 2 more listening sockets are beyond the probe's limit",
                  "443/* | unknown | nginx.service :443 is not asked for 3 more names: there are "
                  "too many",
                  "443/b.example.org | unknown | nginx.service :443 was not asked for "
                  "b.example.org yet",
                  "[2001:db8::7]:8443 | unknown | nginx.service [2001:db8::7]:8443 speaks TLS, and "
                  "what it serves was not told",
                  "443 | pass | nginx.service :443: shop.example.org is valid until 2027-01-20"));
}

TEST(Served, IsUnknownAtATargetWithoutACertificateAndNotApplicableOnAHostThatRefusesTheName) {
  struct Case {
    v1::TlsAnswer answer;
    v1::Status of_host;
  };
  for (const Case& c : {Case{v1::TLS_ANSWER_UNSPECIFIED, v1::STATUS_UNKNOWN},
                        {v1::TLS_ANSWER_COMPLETED, v1::STATUS_UNKNOWN},
                        {v1::TLS_ANSWER_ALERT, v1::STATUS_NOT_APPLICABLE},
                        {v1::TLS_ANSWER_NO_STARTTLS, v1::STATUS_NOT_APPLICABLE},
                        {v1::TLS_ANSWER_CLOSED, v1::STATUS_UNKNOWN},
                        {v1::TLS_ANSWER_HANDSHAKE_TIMED_OUT, v1::STATUS_UNKNOWN},
                        {v1::TLS_ANSWER_REFUSED, v1::STATUS_UNKNOWN},
                        {static_cast<v1::TlsAnswer>(99), v1::STATUS_UNKNOWN}}) {
    // Whether there is no number, or one of no chain.
    for (const uint32_t chain : {0U, 2U, 4'000'000'000U}) {
      v1::TlsService service = service_for(kShop, chain);
      service.set_answer(c.answer);
      const v1::ServedChain good = chain_with({leaf_for(kShop)});
      EXPECT_EQ(judge_host(control_of("tls_strong"), serving(service, good)).status(), c.of_host);
      EXPECT_EQ(judge_target(control_of("tls_strong"), answering(service, good)).status(),
                v1::STATUS_UNKNOWN);
    }
  }
  // A chain without certificates is none.
  EXPECT_EQ(judge_target(control_of("tls_strong"), answering(service_for(kShop), chain_with({})))
                .status(),
            v1::STATUS_UNKNOWN);
}

TEST(Served, SummarizesMoreThanOneService) {
  v1::ListenerFacts facts = serving(service_for("a.example"), chain_with({leaf_for(kShop)}));
  *facts.mutable_listeners(0)->add_services() = service_for("b.example");
  EXPECT_EQ(judge_host(control_of("served_certificate_valid"), facts).summary(),
            "2 services: all certificates that are served are within their dates");
  *facts.mutable_chains(0)->mutable_certificates(0)->mutable_not_after() = to_proto(kNow - days(1));
  EXPECT_EQ(judge_host(control_of("served_certificate_valid"), facts).summary(),
            "nginx.service :443 a.example: shop.example.org expired on 2026-11-20; and 1 more of 2 "
            "services");
}

TEST(TlsAnswers, WantsEveryAddressToSpeakTls) {
  const Control control = control_of("tls_answers");
  v1::TlsFacts facts = answering(service_for(kShop), chain_with({leaf_for(kShop)}));
  EXPECT_EQ(judge_target(control, facts).summary(), "192.0.2.7:443 answers, by TLSv1.3");
  v1::TlsService& second = *facts.add_services();
  second = service_for(kShop);
  second.set_address("192.0.2.8:443");
  second.set_answer(v1::TLS_ANSWER_CLIENT_CERTIFICATE_WANTED);
  EXPECT_EQ(judge_target(control, facts).status(), v1::STATUS_PASS);
  EXPECT_EQ(judge_target(control, facts).summary(), "all 2 addresses answer");
  for (int answer = v1::TLS_ANSWER_ALERT; answer <= v1::TLS_ANSWER_PROXY_REFUSED; ++answer) {
    second.set_answer(static_cast<v1::TlsAnswer>(answer));
    const v1::Verdict verdict = judge_target(control, facts);
    EXPECT_EQ(verdict.status(), v1::STATUS_FAIL) << answer;
    EXPECT_THAT(verdict.summary(),
                ::testing::StartsWith("1 of 2 addresses does not answer: 192.0.2.8:443 "));
    EXPECT_EQ(verdict.subjects(0).subject(), "192.0.2.8:443");
    EXPECT_EQ(verdict.subjects(1).status(), v1::STATUS_PASS);
  }
  second.set_answer(v1::TLS_ANSWER_UNSPECIFIED);
  second.set_detail("no more file descriptors");
  EXPECT_EQ(judge_target(control, facts).status(), v1::STATUS_UNKNOWN);
  EXPECT_EQ(judge_target(control, facts).summary(),
            "192.0.2.8:443 could not be asked (no more file descriptors)");
  second.set_answer(static_cast<v1::TlsAnswer>(99));
  EXPECT_EQ(judge_target(control, facts).status(), v1::STATUS_UNKNOWN);
}

TEST(TlsAnswers, IsUnknownOfAddressesThatMayNotBeDialledAndWhereThereIsNone) {
  const Control control = control_of("tls_answers");
  v1::TlsFacts facts = answering(service_for(kShop), chain_with({leaf_for(kShop)}));
  facts.add_not_allowed("198.51.100.1:443");
  EXPECT_EQ(judge_target(control, facts).summary(),
            "198.51.100.1:443 was not asked: targets.allow does not list it");
  EXPECT_EQ(judge_target(control, facts).status(), v1::STATUS_UNKNOWN);
  EXPECT_EQ(judge_target(control_of("tls_strong"), facts).status(), v1::STATUS_UNKNOWN);
  EXPECT_EQ(judge_target(control, {}).status(), v1::STATUS_UNKNOWN);
  EXPECT_EQ(judge_target(control, facts, kNow + days(1)).status(), v1::STATUS_UNKNOWN) << "too old";
}

TEST(Served, ShowsNothingThatMovesACursor) {
  v1::TlsService service = service_for("a\x1b[2J");
  service.set_address("b\n");
  service.set_name_matches(false);
  service.set_detail("c\r");
  v1::Certificate leaf = leaf_for("d\x1b");
  leaf.set_key_type("e\x1b");
  leaf.set_signature_algorithm("sha1\x1b");
  v1::ServedChain chain = chain_with({leaf}, v1::CHAIN_TRUST_BROKEN);
  chain.set_trust_detail("f\x1b");
  v1::ListenerFacts host = serving(service, chain);
  host.mutable_listeners(0)->mutable_owner()->set_unit("g\x1b");
  host.mutable_listeners(0)->add_names_not_asked("h\x1b");
  add_listener(host, 80, v1::LISTENER_STATE_UNKNOWN, "i\x1b", "").set_detail("j\n");
  for (const std::string rule :
       {"served_certificate_valid", "served_certificate_renewal", "served_name_matches",
        "served_chain_trusted", "served_not_revoked", "tls_strong", "listeners_known"}) {
    for (const v1::Verdict& verdict :
         {judge_host(control_of(rule), host),
          judge_target(control_of(rule), answering(service, chain)),
          judge_target(control_of("tls_answers"), answering(service, chain))}) {
      for (const std::string& line : lines(verdict)) {
        EXPECT_EQ(line.find_first_of("\x1b\n\r"), std::string::npos) << line;
      }
    }
  }
}

}  // namespace
}  // namespace muster::policy
