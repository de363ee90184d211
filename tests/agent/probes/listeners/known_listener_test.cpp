// What is asked, and how answers are laid to what is known.
#include "agent/probes/listeners/known_listener.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "agent/probes/listeners/listener_questions.h"
#include "agent/probes/tls/clear_answer.h"

namespace muster::listeners {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using tls::TlsVersion;

v1::ListeningSocket socket_at(uint32_t port, uint64_t inode, const std::string& program = "nginx") {
  v1::ListeningSocket socket;
  socket.set_address("0.0.0.0");
  socket.set_port(port);
  socket.set_inode(inode);
  socket.mutable_owner()->set_program(program);
  socket.mutable_owner()->set_processes(1);
  return socket;
}

std::string chain_of(const std::string& name) {
  v1::ServedChain chain;
  chain.add_certificates()->add_subject_alternative_names("DNS:" + name);
  return chain.SerializeAsString();
}

Heard completed(const std::string& name, const std::string& chain, bool matches = true,
                const std::string& version = "TLSv1.3") {
  Heard heard;
  heard.service.set_answer(v1::TLS_ANSWER_COMPLETED);
  heard.service.set_server_name(name);
  heard.service.set_version(version);
  heard.service.set_name_matches(matches);
  heard.chain = chain;
  return heard;
}

Heard ended(v1::TlsAnswer answer, const std::string& detail = "") {
  Heard heard;
  heard.service.set_answer(answer);
  heard.service.set_detail(detail);
  return heard;
}

Heard picked(const std::string& version) {
  return completed("", "", true, version);
}

Heard refused() {
  Heard heard = ended(v1::TLS_ANSWER_ALERT, "protocol version");
  heard.refused = true;
  return heard;
}

class ListenerMemory : public ::testing::Test {
 protected:
  ListenerMemory() { *sockets_.add_sockets() = socket_at(443, 41); }

  std::vector<KnownListener> begin() {
    Recalled recalled = recall(sockets_, before_, leave_alone_);
    choose_names(recalled.listeners, certificates_);
    return std::move(recalled.listeners);
  }
  // As the next look finds it.
  void keep(const std::vector<KnownListener>& listeners) { before_ = to_facts(listeners, 0); }

  void use(const std::string& program, const std::vector<std::string>& names) {
    v1::CertificateUse& use = *certificates_.add_uses();
    use.set_program(program);
    use.mutable_server_names()->Assign(names.begin(), names.end());
  }
  static std::vector<std::string> words(const std::vector<Question>& questions) {
    std::vector<std::string> words;
    for (const Question& question : questions) {
      words.push_back(question.is_of_version() ? fmt::format("{}<={}", question.name,
                                                             tls::version_name(question.highest))
                                               : question.name);
    }
    return words;
  }

  v1::SocketFacts sockets_;
  v1::ListenerFacts before_;
  v1::CertificateFacts certificates_;
  LeaveAlone leave_alone_;
};

TEST_F(ListenerMemory, BeginsWithoutAName) {
  const auto listeners = begin();
  ASSERT_EQ(listeners.size(), 1U);
  EXPECT_EQ(listeners[0].state, v1::LISTENER_STATE_NOT_ASKED);
  EXPECT_THAT(words(unasked_questions(listeners[0])), ElementsAre(""));
}

TEST_F(ListenerMemory, ThenAsksForEachNameAndThenForVersions) {
  use("nginx", {"b.example.org", "*.example.org", "A.example.org"});
  use("postfix", {"mail.example.org"});
  auto listeners = begin();
  take_answer(listeners[0], {}, completed("", chain_of("default.example.org")));
  choose_names(listeners, certificates_);
  EXPECT_EQ(listeners[0].state, v1::LISTENER_STATE_TLS);
  EXPECT_THAT(words(unasked_questions(listeners[0])),
              ElementsAre("a.example.org", "b.example.org", "default.example.org", "<=TLSv1.1",
                          "<=TLSv1.2"));
  keep(listeners);
  EXPECT_THAT(before_.listeners(0).names_not_asked(),
              ElementsAre("a.example.org", "b.example.org", "default.example.org"));
  EXPECT_THAT(before_.listeners(0).services(0).versions(), ElementsAre("TLSv1.3"));
  EXPECT_THAT(before_.listeners(0).services(0).versions_not_asked(),
              ElementsAre("TLSv1", "TLSv1.1", "TLSv1.2"));
}

TEST_F(ListenerMemory, OneRefusalSettlesTwoVersions) {
  auto listeners = begin();
  take_answer(listeners[0], {}, completed("", chain_of("*.example.org")));
  take_answer(listeners[0], {.highest = TlsVersion::kTls11}, refused());
  EXPECT_THAT(words(unasked_questions(listeners[0])), ElementsAre("<=TLSv1.2"));
  take_answer(listeners[0], {.highest = TlsVersion::kTls12}, picked("TLSv1.2"));
  keep(listeners);
  EXPECT_THAT(before_.listeners(0).services(0).versions(), ElementsAre("TLSv1.2", "TLSv1.3"));
  EXPECT_THAT(before_.listeners(0).services(0).versions_not_asked(), IsEmpty());
}

TEST_F(ListenerMemory, WhoTakesAnOldVersionIsAskedForTheOldest) {
  auto listeners = begin();
  take_answer(listeners[0], {}, completed("", chain_of("*.example.org"), true, "TLSv1.2"));
  EXPECT_THAT(words(unasked_questions(listeners[0])), ElementsAre("<=TLSv1.1"));
  take_answer(listeners[0], {.highest = TlsVersion::kTls11}, picked("TLSv1.1"));
  EXPECT_THAT(words(unasked_questions(listeners[0])), ElementsAre("<=TLSv1"));
  take_answer(listeners[0], {.highest = TlsVersion::kTls10}, refused());
  keep(listeners);
  EXPECT_THAT(before_.listeners(0).services(0).versions(), ElementsAre("TLSv1.1", "TLSv1.2"));
  EXPECT_THAT(before_.listeners(0).services(0).versions_not_asked(), IsEmpty());
}

TEST_F(ListenerMemory, AVersionThatWasNotAnsweredStaysUnasked) {
  auto listeners = begin();
  take_answer(listeners[0], {}, completed("", chain_of("*.example.org")));
  take_answer(listeners[0], {.highest = TlsVersion::kTls11},
              ended(v1::TLS_ANSWER_HANDSHAKE_TIMED_OUT));
  keep(listeners);
  EXPECT_THAT(before_.listeners(0).services(0).versions_not_asked(),
              ElementsAre("TLSv1", "TLSv1.1", "TLSv1.2"));
}

TEST_F(ListenerMemory, KnowsTheSameAfterItWasWrittenDown) {
  use("nginx", {"a.example.org"});
  auto listeners = begin();
  take_answer(listeners[0], {}, completed("", chain_of("a.example.org")));
  choose_names(listeners, certificates_);
  take_answer(listeners[0], {.name = "a.example.org"},
              completed("a.example.org", chain_of("a.example.org")));
  take_answer(listeners[0], {.highest = TlsVersion::kTls11}, refused());
  keep(listeners);
  EXPECT_EQ(before_.chains_size(), 1);
  const std::string bytes = before_.SerializeAsString();
  keep(begin());
  EXPECT_EQ(before_.SerializeAsString(), bytes);
}

TEST_F(ListenerMemory, AnotherSocketDropsAllThatWasSaid) {
  auto listeners = begin();
  take_answer(listeners[0], {}, completed("", chain_of("a.example.org")));
  keep(listeners);
  sockets_.mutable_sockets(0)->set_inode(42);
  listeners = begin();
  EXPECT_EQ(listeners[0].state, v1::LISTENER_STATE_NOT_ASKED);
  EXPECT_THAT(listeners[0].services, IsEmpty());
}

TEST_F(ListenerMemory, ATextProtocolIsNotAskedAgain) {
  auto listeners = begin();
  take_answer(listeners[0], {}, ended(v1::TLS_ANSWER_NOT_TLS, "it says SSH-2.0"));
  keep(listeners);
  EXPECT_EQ(before_.listeners(0).state(), v1::LISTENER_STATE_NO_TLS);
  EXPECT_EQ(before_.listeners(0).detail(), "it says SSH-2.0");
  listeners = begin();
  for (uint64_t look = 0; look < 1000; ++look)
    EXPECT_FALSE(next_question(listeners[0], look)) << look;
}

TEST_F(ListenerMemory, ASilentSocketIsAskedOnceInTwelveLooks) {
  auto listeners = begin();
  take_answer(listeners[0], {}, ended(v1::TLS_ANSWER_HANDSHAKE_TIMED_OUT));
  keep(listeners);
  EXPECT_EQ(before_.listeners(0).state(), v1::LISTENER_STATE_UNKNOWN);
  listeners = begin();
  int asked = 0;
  for (uint64_t look = 0; look < 120; ++look)
    asked += next_question(listeners[0], look) ? 1 : 0;
  EXPECT_EQ(asked, 10);
}

// The guess of its port was wrong: the next look begins with TLS.
TEST_F(ListenerMemory, AWrongGuessIsMadeOnce) {
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
TEST_F(ListenerMemory, AGuessThatIsNotAnsweredIsFollowedByTls) {
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
TEST_F(ListenerMemory, ASocketThatAnswersNeitherIsAskedForBothInTurn) {
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
TEST_F(ListenerMemory, XmppIsAskedByAName) {
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
TEST_F(ListenerMemory, AGuessThatTheAnswerToTlsConfirmsIsMadeAgain) {
  *sockets_.mutable_sockets(0) = socket_at(25, 41);
  auto listeners = begin();
  take_answer(listeners[0], {}, ended(v1::TLS_ANSWER_HANDSHAKE_TIMED_OUT));
  take_answer(listeners[0], {},
              ended(v1::TLS_ANSWER_NOT_TLS, tls::describe_clear_answer("220 mail ESMTP\r\n")));
  EXPECT_EQ(listeners[0].state, v1::LISTENER_STATE_UNKNOWN);
  EXPECT_EQ(listeners[0].starttls, v1::START_TLS_SMTP);
}

// The answer says which protocol it is: the next look speaks it, once.
TEST_F(ListenerMemory, AProtocolThatIsToldByItsAnswerIsSpoken) {
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
TEST_F(ListenerMemory, WhatIsNotAnsweredAnyMoreIsNotShownAsItWas) {
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

TEST_F(ListenerMemory, OnceAllIsKnownEachQuestionHasItsTurn) {
  use("nginx", {"a.example.org"});
  auto listeners = begin();
  take_answer(listeners[0], {}, completed("", chain_of("*.example.org")));
  choose_names(listeners, certificates_);
  take_answer(listeners[0], {.name = "a.example.org"},
              completed("a.example.org", chain_of("a.example.org")));
  take_answer(listeners[0], {.highest = TlsVersion::kTls11}, refused());
  take_answer(listeners[0], {.highest = TlsVersion::kTls12}, picked("TLSv1.2"));
  EXPECT_THAT(unasked_questions(listeners[0]), IsEmpty());
  std::vector<Question> asked;
  for (uint64_t look = 0; look < 4; ++look)
    asked.push_back(*next_question(listeners[0], look));
  EXPECT_THAT(words(asked), ElementsAre("", "a.example.org", "<=TLSv1.1", "<=TLSv1.2"));
}

// A question that is never answered keeps nobody from asking the others again.
TEST_F(ListenerMemory, EveryFourthLookGoesToWhatIsKnown) {
  auto listeners = begin();
  take_answer(listeners[0], {}, completed("", chain_of("*.example.org")));
  std::vector<Question> asked;
  for (uint64_t look = 0; look < 8; ++look)
    asked.push_back(*next_question(listeners[0], look));
  EXPECT_THAT(words(asked), ElementsAre("<=TLSv1.1", "<=TLSv1.1", "<=TLSv1.1", "", "<=TLSv1.1",
                                        "<=TLSv1.1", "<=TLSv1.1", "<=TLSv1.1"));
}

TEST_F(ListenerMemory, ANameThatFitsNowhereIsTold) {
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

TEST_F(ListenerMemory, NamesBeyondTheBoundAreCounted) {
  std::vector<std::string> names;
  for (size_t i = 0; i < kMostNames + 3; ++i)
    names.push_back(fmt::format("n{:02}.example.org", i));
  use("nginx", names);
  auto listeners = begin();
  take_answer(listeners[0], {}, completed("", chain_of("*.example.org")));
  choose_names(listeners, certificates_);
  keep(listeners);
  EXPECT_EQ(before_.listeners(0).names_not_asked_size(), static_cast<int>(kMostNames));
  EXPECT_EQ(before_.listeners(0).names_omitted(), 3U);
}

TEST_F(ListenerMemory, ListenersBeyondTheBoundAreCounted) {
  sockets_.clear_sockets();
  for (uint32_t i = 0; i < kMostListeners + 4; ++i)
    *sockets_.add_sockets() = socket_at(i + 1, i);
  sockets_.set_sockets_omitted(2);
  const Recalled recalled = recall(sockets_, before_, leave_alone_);
  EXPECT_EQ(recalled.listeners.size(), kMostListeners);
  EXPECT_EQ(recalled.omitted, 6U);
}

TEST_F(ListenerMemory, FactsStayWithinTheirBound) {
  sockets_.clear_sockets();
  for (uint32_t i = 0; i < 8; ++i)
    *sockets_.add_sockets() = socket_at(i + 1, i);
  auto listeners = begin();
  for (KnownListener& listener : listeners) {
    const std::string large(kMostOfFacts / 5, static_cast<char>('a' + listener.socket.port()));
    take_answer(listener, {}, completed("", chain_of(large)));
  }
  const v1::ListenerFacts facts = to_facts(listeners, 0);
  EXPECT_LE(facts.ByteSizeLong(), kMostOfFacts + kMostOfFacts / 4);
  EXPECT_EQ(facts.listeners_size(), 4);
  EXPECT_EQ(facts.listeners_omitted(), 4U);
}

TEST_F(ListenerMemory, AnotherNetworkIsOutOfReach) {
  sockets_.mutable_sockets(0)->set_network_namespace(4026532000);
  const auto listeners = begin();
  EXPECT_EQ(listeners[0].state, v1::LISTENER_STATE_OUT_OF_REACH);
  EXPECT_THAT(unasked_questions(listeners[0]), IsEmpty());
}

TEST_F(ListenerMemory, SocketsThatShareAPortAreOne) {
  *sockets_.add_sockets() = socket_at(443, 42);
  EXPECT_EQ(begin().size(), 1U);
}

}  // namespace
}  // namespace muster::listeners
