// What becomes of sockets and services, for all rules about what is served, and listeners_known.
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

// Anybody can show another's certificate: it counts where the handshake proved that its key is
// there too.
TEST(Served, IsUnknownOfACertificateWhoseKeyWasNotProved) {
  for (int answer = 0; answer <= v1::TlsAnswer_MAX + 1; ++answer) {
    v1::TlsService service = service_for(kShop);
    service.set_answer(static_cast<v1::TlsAnswer>(answer));
    const bool is_proved =
        answer == v1::TLS_ANSWER_COMPLETED || answer == v1::TLS_ANSWER_CLIENT_CERTIFICATE_WANTED;
    for (const std::string rule :
         {"served_certificate_valid", "served_certificate_renewal", "served_name_matches",
          "served_chain_trusted", "served_not_revoked", "tls_strong"}) {
      service.set_revocation(v1::REVOCATION_GOOD);
      const v1::ServedChain chain = chain_with({leaf_for(kShop)});
      const v1::Status expected = is_proved ? v1::STATUS_PASS : v1::STATUS_UNKNOWN;
      EXPECT_EQ(judge_host(control_of(rule), serving(service, chain)).status(), expected)
          << rule << answer;
      EXPECT_EQ(judge_target(control_of(rule), answering(service, chain)).status(), expected)
          << rule << answer;
    }
  }
  v1::TlsService service = service_for(kShop);
  service.set_answer(v1::TLS_ANSWER_CLOSED);
  service.set_detail("after its certificates came");
  // Nor does what is wrong with it count.
  v1::ListenerFacts facts =
      serving(service, chain_with({with_dates(leaf_for(kShop), kNow - days(9), kNow - days(1))}));
  const std::string sentence =
      "nginx.service :443 shop.example.org showed a certificate and did not prove that it has its "
      "key, so that it is not judged: it closes the connection during the handshake (after its "
      "certificates came)";
  EXPECT_EQ(judge_host(control_of("served_certificate_valid"), facts).summary(), sentence);
  EXPECT_EQ(judge(control_of("served_is_on_disk"),
                  {observed("listeners", facts), observed("certificates", v1::CertificateFacts())})
                .summary(),
            sentence);
}

// A server that refuses a name that it is configured with does not serve it; one that refuses a
// name of another's certificate has nothing to be judged.
TEST(Served, IsUnknownWhereAConfiguredNameIsRefused) {
  v1::TlsService service = service_for(kShop, 0);
  service.set_answer(v1::TLS_ANSWER_ALERT);
  service.set_detail("unrecognized name");
  v1::ListenerFacts facts = serving(service, chain_with({leaf_for(kShop)}));
  const Control control = control_of("served_certificate_valid");
  EXPECT_EQ(judge_host(control, facts).status(), v1::STATUS_NOT_APPLICABLE);
  facts.mutable_listeners(0)->add_configured_names(kShop);
  EXPECT_EQ(judge_host(control, facts).status(), v1::STATUS_UNKNOWN);
  EXPECT_EQ(judge_host(control, facts).summary(),
            "nginx.service :443 shop.example.org showed no certificate: it refuses the handshake "
            "with an alert (unrecognized name)");
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
