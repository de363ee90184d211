// What a listener is asked, and what next.
#include "agent/probes/listeners/listener_questions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "tests/agent/probes/listeners/listener_world.h"

namespace muster::listeners::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using tls::TlsVersion;

using ListenerQuestions = ListenerWorld;

TEST_F(ListenerQuestions, BeginsWithoutAName) {
  const auto listeners = begin();
  ASSERT_EQ(listeners.size(), 1U);
  EXPECT_EQ(listeners[0].state, v1::LISTENER_STATE_NOT_ASKED);
  EXPECT_THAT(words(unasked_questions(listeners[0])), ElementsAre(""));
}

TEST_F(ListenerQuestions, ThenAsksForEachNameAndThenForVersions) {
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

// A process has another name than the program whose configuration it runs by.
TEST_F(ListenerQuestions, NamesAreThoseOfTheProgramWhateverItsProcessIsCalled) {
  const std::vector<std::pair<std::string, std::string>> programs = {
      {"apache2", "httpd"},     {"httpd", "apache2"},       {"exim4", "exim"},
      {"master", "postfix"},    {"mysqld", "mysql"},        {"mariadbd", "mariadb"},
      {"named", "bind"},        {"postgres", "postgresql"}, {"lua5.4", "prosody"},
      {"imap-login", "dovecot"}};
  for (const auto& [process, configured] : programs) {
    certificates_.Clear();
    use(configured, {"a.example.org"});
    use("unheard-of", {"b.example.org"});
    *sockets_.mutable_sockets(0) = socket_at(443, 41, process);
    auto listeners = begin();
    take_answer(listeners[0], {}, completed("", chain_of("*.example.org")));
    choose_names(listeners, certificates_);
    EXPECT_THAT(listeners[0].names, ElementsAre("a.example.org")) << process;
  }
}

TEST_F(ListenerQuestions, OneRefusalSettlesTwoVersions) {
  auto listeners = begin();
  take_answer(listeners[0], {}, completed("", chain_of("*.example.org")));
  take_answer(listeners[0], {.highest = TlsVersion::kTls11}, refused());
  EXPECT_THAT(words(unasked_questions(listeners[0])), ElementsAre("<=TLSv1.2"));
  take_answer(listeners[0], {.highest = TlsVersion::kTls12}, picked("TLSv1.2"));
  keep(listeners);
  EXPECT_THAT(before_.listeners(0).services(0).versions(), ElementsAre("TLSv1.2", "TLSv1.3"));
  EXPECT_THAT(before_.listeners(0).services(0).versions_not_asked(), IsEmpty());
}

TEST_F(ListenerQuestions, WhoTakesAnOldVersionIsAskedForTheOldest) {
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

TEST_F(ListenerQuestions, ATextProtocolIsNotAskedAgain) {
  auto listeners = begin();
  take_answer(listeners[0], {}, ended(v1::TLS_ANSWER_NOT_TLS, "it says SSH-2.0"));
  keep(listeners);
  EXPECT_EQ(before_.listeners(0).state(), v1::LISTENER_STATE_NO_TLS);
  EXPECT_EQ(before_.listeners(0).detail(), "it says SSH-2.0");
  listeners = begin();
  for (uint64_t look = 0; look < 1000; ++look)
    EXPECT_FALSE(next_question(listeners[0], look)) << look;
}

TEST_F(ListenerQuestions, ASilentSocketIsAskedOnceInTwelveLooks) {
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

TEST_F(ListenerQuestions, OnceAllIsKnownEachQuestionHasItsTurn) {
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
TEST_F(ListenerQuestions, EveryFourthLookGoesToWhatIsKnown) {
  auto listeners = begin();
  take_answer(listeners[0], {}, completed("", chain_of("*.example.org")));
  std::vector<Question> asked;
  for (uint64_t look = 0; look < 8; ++look)
    asked.push_back(*next_question(listeners[0], look));
  EXPECT_THAT(words(asked), ElementsAre("<=TLSv1.1", "<=TLSv1.1", "<=TLSv1.1", "", "<=TLSv1.1",
                                        "<=TLSv1.1", "<=TLSv1.1", "<=TLSv1.1"));
}

TEST_F(ListenerQuestions, NamesBeyondTheBoundAreCounted) {
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

}  // namespace
}  // namespace muster::listeners::test
