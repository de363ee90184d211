// Looks that had no time for a socket.
#include "agent/probes/listeners/missed_looks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "tests/agent/probes/listeners/listener_world.h"

namespace muster::listeners::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using tls::TlsVersion;

class MissedLooks : public ListenerWorld {
 protected:
  // All is known, and written down.
  MissedLooks() {
    use("nginx", {"a.example.org"});
    auto listeners = begin();
    take_answer(listeners[0], {}, completed("", chain_of("*.example.org")));
    choose_names(listeners, certificates_);
    take_answer(listeners[0], {.name = "a.example.org"},
                completed("a.example.org", chain_of("a.example.org")));
    take_answer(listeners[0], {.highest = TlsVersion::kTls11}, refused());
    take_answer(listeners[0], {.highest = TlsVersion::kTls12}, picked("TLSv1.2"));
    keep(listeners);
  }

  void miss(uint32_t looks) {
    for (uint32_t i = 0; i < looks; ++i) {
      auto listeners = begin();
      listeners::miss_look(listeners[0]);
      keep(listeners);
    }
  }
  const v1::Listener& told() const { return before_.listeners(0); }
};

TEST_F(MissedLooks, LeaveWhatWasSaidUntilItIsTooOld) {
  miss(kMostMissed - 1);
  EXPECT_EQ(told().services(0).answer(), v1::TLS_ANSWER_COMPLETED);
  EXPECT_NE(told().services(0).chain(), 0U);
  EXPECT_THAT(told().services(0).versions(), ElementsAre("TLSv1.2", "TLSv1.3"));
  EXPECT_THAT(told().services(0).versions_not_asked(), IsEmpty());
  EXPECT_EQ(told().missed().in_a_row(), kMostMissed - 1);
}

// As every rule about what is served finds it: no certificate, and no word of a version.
TEST_F(MissedLooks, MakeAnOldAnswerUnknown) {
  miss(kMostMissed);
  EXPECT_EQ(told().state(), v1::LISTENER_STATE_TLS);
  ASSERT_EQ(told().services_size(), 2);
  for (const v1::TlsService& service : told().services()) {
    EXPECT_EQ(service.answer(), v1::TLS_ANSWER_UNSPECIFIED);
    EXPECT_EQ(service.chain(), 0U);
    EXPECT_THAT(service.detail(), HasSubstr("not asked since"));
    EXPECT_THAT(service.versions(), IsEmpty());
  }
  EXPECT_EQ(before_.chains_size(), 0);
}

TEST_F(MissedLooks, HaveWhatIsForgottenAskedFirst) {
  miss(kMostMissed);
  auto listeners = begin();
  EXPECT_THAT(words(unasked_questions(listeners[0])), ElementsAre("", "a.example.org"));
  EXPECT_EQ(next_question(listeners[0], 0)->name, "");
  take_answer(listeners[0], {}, completed("", chain_of("*.example.org")));
  EXPECT_THAT(words(unasked_questions(listeners[0])),
              ElementsAre("a.example.org", "<=TLSv1.1", "<=TLSv1.2"));
  keep(listeners);
  EXPECT_EQ(told().services(0).answer(), v1::TLS_ANSWER_COMPLETED);
  EXPECT_EQ(told().missed().in_a_row(), 0U);
}

// One question at a look renews one answer: the others are as old as before.
TEST_F(MissedLooks, CountForEachAnswerByItself) {
  miss(kMostMissed - 1);
  auto listeners = begin();
  take_answer(listeners[0], {}, completed("", chain_of("*.example.org")));
  keep(listeners);
  miss(1);
  ASSERT_EQ(told().services_size(), 2);
  EXPECT_EQ(told().services(0).answer(), v1::TLS_ANSWER_COMPLETED);
  EXPECT_EQ(told().services(1).answer(), v1::TLS_ANSWER_UNSPECIFIED);
  EXPECT_THAT(told().services(0).versions(), ElementsAre("TLSv1.3"));
  EXPECT_THAT(told().services(0).versions_not_asked(), ElementsAre("TLSv1", "TLSv1.1", "TLSv1.2"));
}

TEST_F(MissedLooks, AreNotInTheFactsWhereThereAreNone) {
  EXPECT_FALSE(told().has_missed());
}

TEST_F(MissedLooks, OfAnotherSocketAreNotThisOnes) {
  miss(3);
  sockets_.mutable_sockets(0)->set_inode(42);
  EXPECT_EQ(begin()[0].missed_in_a_row, 0U);
  EXPECT_EQ(turn_of(begin()[0], 7), 7U);
}

// Where a look in four comes to it, each of its four questions is still asked.
TEST_F(MissedLooks, KeepNoQuestionFromItsTurn) {
  std::set<std::string> asked;
  for (uint64_t look = 0; look < 16; ++look) {
    auto listeners = begin();
    if (look % 4 != 0) {
      miss_look(listeners[0]);
    } else {
      asked.insert(words({*next_question(listeners[0], turn_of(listeners[0], look))})[0]);
      for (KnownService& service : listeners[0].services)
        service.missed = 0;
      listeners[0].versions.missed.clear();
    }
    keep(listeners);
  }
  EXPECT_THAT(asked, ElementsAre("", "<=TLSv1.1", "<=TLSv1.2", "a.example.org"));
}

// Also one that said nothing of TLS, which has its turn once in twelve.
TEST_F(MissedLooks, ASilentSocketThatLostItsTurnHasItAtTheNextLook) {
  before_.Clear();
  auto listeners = begin();
  take_answer(listeners[0], {}, ended(v1::TLS_ANSWER_HANDSHAKE_TIMED_OUT));
  const uint64_t due = listeners[0].socket.inode();
  ASSERT_TRUE(next_question(listeners[0], turn_of(listeners[0], due)));
  ASSERT_FALSE(next_question(listeners[0], turn_of(listeners[0], due + 1)));
  miss_look(listeners[0]);
  EXPECT_TRUE(next_question(listeners[0], turn_of(listeners[0], due + 1)));
}

}  // namespace
}  // namespace muster::listeners::test
