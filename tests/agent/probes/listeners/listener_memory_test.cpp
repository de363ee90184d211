// What the next look begins with.
#include "agent/probes/listeners/listener_memory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/agent/probes/listeners/listener_world.h"

namespace muster::listeners::test {
namespace {

using ::testing::IsEmpty;
using tls::TlsVersion;

using ListenerMemory = ListenerWorld;

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

TEST_F(ListenerMemory, WhatMayBeAListedProgramsIsNeverAsked) {
  leave_alone_ = *LeaveAlone::parse({"program:oracle"});
  sockets_.mutable_sockets(0)->clear_owner();
  const auto listeners = begin();
  EXPECT_EQ(listeners[0].state, v1::LISTENER_STATE_UNKNOWN);
  EXPECT_THAT(unasked_questions(listeners[0]), IsEmpty());
  for (uint64_t turn = 0; turn < 24; ++turn)
    EXPECT_FALSE(next_question(listeners[0], turn)) << turn;
  keep(listeners);
  EXPECT_THAT(before_.listeners(0).detail(), ::testing::HasSubstr("whose it is is not known"));
}

}  // namespace
}  // namespace muster::listeners::test
