// How answers are laid to what is known.
#include "agent/probes/listeners/listener_answer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/probes/tls/clear_answer.h"
#include "tests/agent/probes/listeners/listener_world.h"

namespace muster::listeners::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using tls::TlsVersion;

using ListenerAnswer = ListenerWorld;

TEST_F(ListenerAnswer, AVersionThatWasNotAnsweredStaysUnasked) {
  auto listeners = begin();
  take_answer(listeners[0], {}, completed("", chain_of("*.example.org")));
  take_answer(listeners[0], {.highest = TlsVersion::kTls11},
              ended(v1::TLS_ANSWER_HANDSHAKE_TIMED_OUT));
  keep(listeners);
  EXPECT_THAT(before_.listeners(0).services(0).versions_not_asked(),
              ElementsAre("TLSv1", "TLSv1.1", "TLSv1.2"));
}

// The guess of its port was wrong: the next look begins with TLS.
TEST_F(ListenerAnswer, AWrongGuessIsMadeOnce) {
  *sockets_.mutable_sockets(0) = socket_at(5432, 41);
  auto listeners = begin();
  EXPECT_EQ(listeners[0].starttls, v1::START_TLS_POSTGRES);
  take_answer(listeners[0], {}, ended(v1::TLS_ANSWER_NOT_THE_PROTOCOL, "HTTP/1.1 400"));
  keep(listeners);
  EXPECT_EQ(before_.listeners(0).state(), v1::LISTENER_STATE_NOT_ASKED);
  EXPECT_THAT(before_.listeners(0).detail(), HasSubstr("postgres"));
  listeners = begin();
  EXPECT_EQ(listeners[0].starttls, v1::START_TLS_UNSPECIFIED);
  EXPECT_TRUE(next_question(listeners[0], 0));
  take_answer(listeners[0], {}, ended(v1::TLS_ANSWER_NOT_TLS, "HTTP/1.1 400"));
  EXPECT_EQ(listeners[0].state, v1::LISTENER_STATE_NO_TLS);
}

// Who waits for TLS says nothing to who waits for a greeting, or ends it at what is no TLS.
TEST_F(ListenerAnswer, AGuessThatIsNotAnsweredIsFollowedByTls) {
  for (const v1::TlsAnswer answer : {v1::TLS_ANSWER_HANDSHAKE_TIMED_OUT, v1::TLS_ANSWER_CLOSED}) {
    before_.Clear();
    *sockets_.mutable_sockets(0) = socket_at(5432, 41);
    auto listeners = begin();
    take_answer(listeners[0], {}, ended(answer, "not a word"));
    keep(listeners);
    EXPECT_EQ(before_.listeners(0).state(), v1::LISTENER_STATE_NOT_ASKED);
    EXPECT_EQ(before_.listeners(0).detail(), "it does not speak postgres: not a word");
    listeners = begin();
    EXPECT_EQ(listeners[0].starttls, v1::START_TLS_UNSPECIFIED);
    EXPECT_TRUE(next_question(listeners[0], 0));
    take_answer(listeners[0], {}, completed("", chain_of("db.example.org")));
    keep(listeners);
    EXPECT_EQ(before_.listeners(0).state(), v1::LISTENER_STATE_TLS);
    EXPECT_EQ(before_.listeners(0).starttls(), v1::START_TLS_UNSPECIFIED);
    EXPECT_EQ(before_.listeners(0).detail(), "");
  }
}

// It is asked for both in turn, and as long as neither is answered nothing moves.
TEST_F(ListenerAnswer, ASocketThatAnswersNeitherIsAskedForBothInTurn) {
  *sockets_.mutable_sockets(0) = socket_at(5432, 41);
  auto listeners = begin();
  take_answer(listeners[0], {}, ended(v1::TLS_ANSWER_CLOSED));
  take_answer(listeners[0], {}, ended(v1::TLS_ANSWER_HANDSHAKE_TIMED_OUT));
  keep(listeners);
  EXPECT_EQ(before_.listeners(0).state(), v1::LISTENER_STATE_UNKNOWN);
  const std::string known = before_.SerializeAsString();
  std::vector<v1::StartTls> asked;
  for (uint64_t look = 0; look < 48; ++look) {
    listeners = begin();
    if (!next_question(listeners[0], look)) continue;
    choose_protocol(listeners[0], look);
    asked.push_back(listeners[0].starttls);
    take_answer(listeners[0], {}, ended(v1::TLS_ANSWER_CLOSED, "another word"));
    keep(listeners);
    EXPECT_EQ(before_.SerializeAsString(), known);
  }
  EXPECT_THAT(asked, ElementsAre(v1::START_TLS_POSTGRES, v1::START_TLS_UNSPECIFIED,
                                 v1::START_TLS_POSTGRES, v1::START_TLS_UNSPECIFIED));
}

// XMPP names the host before TLS: without one the server ends the stream, and that is not for want
// of TLS.
TEST_F(ListenerAnswer, XmppIsAskedByAName) {
  *sockets_.mutable_sockets(0) = socket_at(5222, 41, "lua5.4");
  auto listeners = begin();
  choose_names(listeners, certificates_);
  EXPECT_EQ(next_question(listeners[0], 0)->name, "");
  take_answer(listeners[0], {}, ended(v1::TLS_ANSWER_NO_STARTTLS, "improper-addressing"));
  EXPECT_EQ(listeners[0].state, v1::LISTENER_STATE_UNKNOWN);
  EXPECT_EQ(listeners[0].detail, "improper-addressing");
  use("prosody", {"chat.example.org"});
  listeners = begin();
  choose_names(listeners, certificates_);
  EXPECT_EQ(next_question(listeners[0], 0)->name, "chat.example.org");
  take_answer(listeners[0], {.name = "chat.example.org"},
              completed("chat.example.org", chain_of("chat.example.org")));
  EXPECT_EQ(listeners[0].state, v1::LISTENER_STATE_TLS);
  for (uint64_t look = 0; look < 12; ++look)
    EXPECT_EQ(next_question(listeners[0], look)->name, "chat.example.org");
}

// A mail server that was too busy to greet is not one without TLS.
TEST_F(ListenerAnswer, AGuessThatTheAnswerToTlsConfirmsIsMadeAgain) {
  *sockets_.mutable_sockets(0) = socket_at(25, 41);
  auto listeners = begin();
  take_answer(listeners[0], {}, ended(v1::TLS_ANSWER_HANDSHAKE_TIMED_OUT));
  take_answer(listeners[0], {},
              ended(v1::TLS_ANSWER_NOT_TLS, tls::describe_clear_answer("220 mail ESMTP\r\n")));
  EXPECT_EQ(listeners[0].state, v1::LISTENER_STATE_UNKNOWN);
  EXPECT_EQ(listeners[0].starttls, v1::START_TLS_SMTP);
}

// The answer says which protocol it is: the next look speaks it, once.
TEST_F(ListenerAnswer, AProtocolThatIsToldByItsAnswerIsSpoken) {
  auto listeners = begin();
  take_answer(listeners[0], {},
              ended(v1::TLS_ANSWER_NOT_TLS, tls::describe_clear_answer("220 mail ESMTP\r\n")));
  keep(listeners);
  EXPECT_EQ(before_.listeners(0).state(), v1::LISTENER_STATE_NOT_ASKED);
  listeners = begin();
  EXPECT_EQ(listeners[0].starttls, v1::START_TLS_SMTP);
  take_answer(listeners[0], {}, ended(v1::TLS_ANSWER_NOT_THE_PROTOCOL, "nonsense"));
  take_answer(listeners[0], {},
              ended(v1::TLS_ANSWER_NOT_TLS, tls::describe_clear_answer("220 mail ESMTP\r\n")));
  EXPECT_EQ(listeners[0].state, v1::LISTENER_STATE_NO_TLS);
}

// A server that is asked again and does not answer serves nothing that is known.
TEST_F(ListenerAnswer, WhatIsNotAnsweredAnyMoreIsNotShownAsItWas) {
  auto listeners = begin();
  take_answer(listeners[0], {}, completed("", chain_of("*.example.org")));
  take_answer(listeners[0], {}, ended(v1::TLS_ANSWER_CLOSED));
  keep(listeners);
  EXPECT_EQ(before_.listeners(0).state(), v1::LISTENER_STATE_UNKNOWN);
  EXPECT_EQ(before_.listeners(0).services(0).chain(), 0U);
  EXPECT_EQ(before_.chains_size(), 0);
  // It spoke TLS once: it is asked at every look.
  listeners = begin();
  EXPECT_TRUE(next_question(listeners[0], 5));
}

TEST_F(ListenerAnswer, ANameThatFitsNowhereIsTold) {
  use("nginx", {"a.example.org"});
  auto listeners = begin();
  take_answer(listeners[0], {}, completed("", chain_of("*.example.net")));
  choose_names(listeners, certificates_);
  take_answer(listeners[0], {.name = "a.example.org"},
              completed("a.example.org", chain_of("*.example.net"), false));
  choose_names(listeners, certificates_);
  keep(listeners);
  ASSERT_EQ(before_.listeners(0).services_size(), 2);
  EXPECT_FALSE(before_.listeners(0).services(1).name_matches());
}

// It may have been a busy server, or one that has begun to take it: what was known is not any more.
TEST_F(ListenerAnswer, AVersionThatIsNotAnsweredAnyMoreIsNotRefused) {
  for (const v1::TlsAnswer answer : {v1::TLS_ANSWER_CLOSED, v1::TLS_ANSWER_HANDSHAKE_TIMED_OUT}) {
    before_.Clear();
    auto listeners = begin();
    take_answer(listeners[0], {}, completed("", chain_of("*.example.org")));
    take_answer(listeners[0], {.highest = TlsVersion::kTls11}, refused());
    take_answer(listeners[0], {.highest = TlsVersion::kTls12}, picked("TLSv1.2"));
    take_answer(listeners[0], {.highest = TlsVersion::kTls11}, ended(answer));
    keep(listeners);
    EXPECT_THAT(before_.listeners(0).services(0).versions(), ElementsAre("TLSv1.2", "TLSv1.3"));
    EXPECT_THAT(before_.listeners(0).services(0).versions_not_asked(),
                ElementsAre("TLSv1", "TLSv1.1"));
    EXPECT_THAT(words(unasked_questions(listeners[0])), ElementsAre("<=TLSv1.1"));
  }
}

// A server that refuses a name that it is configured for is something else than one that refuses a
// name of its certificate.
TEST_F(ListenerAnswer, TellsWhichOfTheNamesAreConfigured) {
  use("nginx", {"a.example.org", "b.example.org"});
  auto listeners = begin();
  take_answer(listeners[0], {}, ended(v1::TLS_ANSWER_ALERT, "unrecognized name"));
  choose_names(listeners, certificates_);
  for (const std::string name : {"a.example.org", "b.example.org"}) {
    Heard heard = ended(v1::TLS_ANSWER_ALERT, "handshake failure");
    heard.service.set_server_name(name);
    take_answer(listeners[0], {.name = name}, heard);
  }
  keep(listeners);
  EXPECT_EQ(before_.listeners(0).state(), v1::LISTENER_STATE_TLS);
  EXPECT_EQ(before_.listeners(0).services_size(), 3);
  EXPECT_THAT(before_.listeners(0).configured_names(),
              ElementsAre("a.example.org", "b.example.org"));
  // Those of the certificate are none of them.
  take_answer(listeners[0], {}, completed("", chain_of("c.example.org")));
  choose_names(listeners, certificates_);
  keep(listeners);
  EXPECT_THAT(before_.listeners(0).names_not_asked(), ElementsAre("c.example.org"));
  EXPECT_THAT(before_.listeners(0).configured_names(),
              ElementsAre("a.example.org", "b.example.org"));
}

}  // namespace
}  // namespace muster::listeners::test
