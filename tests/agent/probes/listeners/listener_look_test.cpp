// Looks at a server that counts what comes.
#include "agent/probes/listeners/listener_look.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <future>
#include <string>
#include <thread>
#include <vector>

#include "agent/probes/listeners/known_listener.h"
#include "agent/probes/listeners/own_host.h"
#include "muster/v1/listener_facts.pb.h"
#include "tests/agent/probes/tls/tls_server.h"

namespace muster::listeners {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// A server that answers while a look blocks.
class ServerThread {
 public:
  explicit ServerThread(const tls::test::ServerSpec& spec = {})
      : server_(io_, tls::test::make_served({"DNS:default.example.org"}), spec),
        thread_([this] { io_.run(); }) {}
  ~ServerThread() {
    io_.stop();
    thread_.join();
  }
  ServerThread(const ServerThread&) = delete;
  ServerThread& operator=(const ServerThread&) = delete;

  void serve(const std::string& name) {
    in_thread([&] {
      server_.serve(name, tls::test::make_served({"DNS:" + name}));
      return 0;
    });
  }
  int accepted() {
    return in_thread([this] { return server_.accepted(); });
  }
  std::vector<std::string> names() {
    return in_thread([this] { return server_.server_names(); });
  }
  uint32_t port() {
    return in_thread([this] { return server_.port(); });
  }

 private:
  template <typename Call>
  auto in_thread(Call call) -> decltype(call()) {
    std::promise<decltype(call())> answer;
    boost::asio::post(io_, [&] { answer.set_value(call()); });
    return answer.get_future().get();
  }

  boost::asio::io_context io_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{
      io_.get_executor()};
  tls::test::TlsServer server_;
  std::thread thread_;
};

class ListenerLook : public ::testing::Test {
 protected:
  void add_socket(const std::string& address, uint32_t port, uint64_t inode = 41) {
    v1::ListeningSocket& socket = *given_.sockets.add_sockets();
    socket.set_address(address);
    socket.set_port(port);
    socket.set_inode(inode);
    socket.mutable_owner()->set_program("nginx");
    socket.mutable_owner()->set_processes(1);
  }
  void use(const std::vector<std::string>& names) {
    v1::CertificateUse& use = *given_.certificates.add_uses();
    use.set_program("nginx");
    use.mutable_server_names()->Assign(names.begin(), names.end());
  }

  v1::ListenerFacts look() {
    const v1::Section section = look_at_listeners(
        given_, {.leave_alone = leave_alone_, .store = store_, .may_dial = &is_own_address});
    v1::ListenerFacts facts;
    EXPECT_TRUE(facts.ParseFromString(section.facts())) << section.reason();
    given_.before = facts;
    ++given_.look;
    return facts;
  }

  Given given_;
  LeaveAlone leave_alone_;
  tls::TrustStore store_ = tls::TrustStore::missing("none in this test");
};

TEST_F(ListenerLook, MakesOneConnectionAndKnowsAllInTheEnd) {
  ServerThread server;
  server.serve("a.example.org");
  server.serve("b.example.org");
  add_socket("0.0.0.0", server.port());
  use({"a.example.org", "b.example.org"});
  v1::ListenerFacts facts;
  for (int i = 1; i <= 10; ++i) {
    facts = look();
    EXPECT_EQ(server.accepted(), i);
  }
  ASSERT_EQ(facts.listeners_size(), 1);
  const v1::Listener& listener = facts.listeners(0);
  EXPECT_EQ(listener.state(), v1::LISTENER_STATE_TLS);
  EXPECT_THAT(listener.names_not_asked(), IsEmpty());
  ASSERT_EQ(listener.services_size(), 4);
  std::vector<std::string> names;
  for (const v1::TlsService& service : listener.services()) {
    names.push_back(service.server_name());
    EXPECT_EQ(service.answer(), v1::TLS_ANSWER_COMPLETED);
    EXPECT_THAT(service.versions_not_asked(), IsEmpty());
    EXPECT_THAT(service.versions(), ElementsAre("TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"));
    EXPECT_EQ(service.name_matches(), !service.server_name().empty());
  }
  EXPECT_THAT(names, ElementsAre("", "a.example.org", "b.example.org", "default.example.org"));
  EXPECT_EQ(facts.chains_size(), 3);
  // And nothing moves from here on, whatever is asked.
  const std::string bytes = facts.SerializeAsString();
  for (int i = 0; i < 8; ++i)
    EXPECT_EQ(look().SerializeAsString(), bytes);
  EXPECT_EQ(server.accepted(), 18);
}

TEST_F(ListenerLook, AsksAllWhereSomebodyWaits) {
  ServerThread server({.lowest = TLS1_2_VERSION});
  server.serve("a.example.org");
  add_socket("127.0.0.1", server.port());
  use({"a.example.org"});
  given_.all_questions = true;
  const v1::ListenerFacts facts = look();
  ASSERT_EQ(facts.listeners_size(), 1);
  ASSERT_EQ(facts.listeners(0).services_size(), 3);
  EXPECT_THAT(facts.listeners(0).services(1).versions(), ElementsAre("TLSv1.2", "TLSv1.3"));
  EXPECT_THAT(facts.listeners(0).services(1).versions_not_asked(), IsEmpty());
  EXPECT_THAT(server.names(), AllOf(Contains(""), Contains("a.example.org")));
}

TEST_F(ListenerLook, AnotherSocketIsAskedAnew) {
  ServerThread server;
  add_socket("127.0.0.1", server.port());
  for (int i = 0; i < 4; ++i)
    look();
  given_.sockets.mutable_sockets(0)->set_inode(77);
  const v1::ListenerFacts facts = look();
  EXPECT_EQ(facts.listeners(0).inode(), 77U);
  EXPECT_EQ(facts.listeners(0).services_size(), 1);
  EXPECT_THAT(facts.listeners(0).services(0).versions(), ElementsAre("TLSv1.3"));
}

TEST_F(ListenerLook, WhatIsToBeLeftAloneIsNotDialled) {
  ServerThread server;
  add_socket("127.0.0.1", server.port());
  leave_alone_ = *LeaveAlone::parse({std::to_string(server.port())});
  for (int i = 0; i < 5; ++i)
    EXPECT_EQ(look().listeners(0).state(), v1::LISTENER_STATE_LEFT_ALONE);
  given_.all_questions = true;
  look();
  EXPECT_EQ(server.accepted(), 0);
}

// Whatever the section says that it is given: nothing but this host is dialled.
TEST_F(ListenerLook, DialsNoOtherHostWhateverItIsTold) {
  for (const char* const address : {"192.0.2.1", "169.254.169.254", "2001:db8::7", "224.0.0.1",
                                    "255.255.255.255", "www.example.org", ""}) {
    add_socket(address, 80);
  }
  const v1::ListenerFacts facts = look();
  ASSERT_EQ(facts.listeners_size(), 7);
  for (const v1::Listener& listener : facts.listeners()) {
    EXPECT_EQ(listener.state(), v1::LISTENER_STATE_OUT_OF_REACH) << listener.address();
    EXPECT_THAT(listener.detail(), HasSubstr("not an address of this host"));
  }
}

// slapd's ldaps at a port of its own: what is guessed by its program is no TLS, and ends there.
TEST_F(ListenerLook, AWrongGuessIsFollowedByTls) {
  ServerThread server;
  add_socket("127.0.0.1", server.port());
  given_.sockets.mutable_sockets(0)->mutable_owner()->set_program("slapd");
  EXPECT_EQ(look().listeners(0).state(), v1::LISTENER_STATE_NOT_ASKED);
  EXPECT_EQ(look().listeners(0).state(), v1::LISTENER_STATE_TLS);
  EXPECT_EQ(server.accepted(), 2);
}

TEST_F(ListenerLook, AWrongGuessIsFollowedByTlsAtOnceWhereSomebodyWaits) {
  ServerThread server;
  add_socket("127.0.0.1", server.port());
  given_.sockets.mutable_sockets(0)->mutable_owner()->set_program("slapd");
  given_.all_questions = true;
  const v1::ListenerFacts facts = look();
  EXPECT_EQ(facts.listeners(0).state(), v1::LISTENER_STATE_TLS) << facts.listeners(0).detail();
  EXPECT_EQ(facts.listeners(0).starttls(), v1::START_TLS_UNSPECIFIED);
}

TEST_F(ListenerLook, ASocketThatIsGoneIsUnknown) {
  uint32_t port = 0;
  {
    ServerThread server;
    port = server.port();
  }
  add_socket("127.0.0.1", port);
  const v1::ListenerFacts facts = look();
  EXPECT_EQ(facts.listeners(0).state(), v1::LISTENER_STATE_UNKNOWN);
  EXPECT_THAT(facts.listeners(0).detail(), HasSubstr("refused"));
}

TEST_F(ListenerLook, WithoutTimeNothingIsAskedAndThatIsSaid) {
  ServerThread server;
  add_socket("127.0.0.1", server.port());
  const v1::Section section = look_at_listeners(given_, {.leave_alone = leave_alone_,
                                                         .store = store_,
                                                         .may_dial = &is_own_address,
                                                         .look_takes = Duration(0)});
  v1::ListenerFacts facts;
  ASSERT_TRUE(facts.ParseFromString(section.facts()));
  EXPECT_EQ(facts.listeners(0).state(), v1::LISTENER_STATE_NOT_ASKED);
  EXPECT_EQ(server.accepted(), 0);
}

// Others' sockets that spoke TLS, and are silent since: the time of no look is enough for them.
TEST_F(ListenerLook, SlowSocketsOfOthersKeepNobodyFromHisTurn) {
  constexpr uint32_t kSlow = 40;
  ServerThread server;
  boost::asio::io_context io;
  const boost::asio::ip::tcp::acceptor silent(io, {boost::asio::ip::address_v4::any(), 0});
  add_socket("127.0.0.1", server.port());
  for (uint32_t i = 0; i < kSlow; ++i) {
    const std::string address = "127.0.0." + std::to_string(i + 2);
    add_socket(address, silent.local_endpoint().port(), 100 + i);
    v1::SocketOwner& owner = *given_.sockets.mutable_sockets()->rbegin()->mutable_owner();
    owner.set_program("slow-" + std::to_string(i));
    v1::Listener& spoke = *given_.before.add_listeners();
    spoke.set_address(address);
    spoke.set_port(silent.local_endpoint().port());
    spoke.set_inode(100 + i);
    spoke.set_state(v1::LISTENER_STATE_TLS);
    spoke.add_services()->set_answer(v1::TLS_ANSWER_ALERT);
  }
  int looks = 0;
  for (; server.accepted() == 0 && looks < 200; ++looks) {
    const v1::Section section =
        look_at_listeners(given_, {.leave_alone = leave_alone_,
                                   .store = store_,
                                   .may_dial = &is_own_address,
                                   .connection_takes = std::chrono::milliseconds(20),
                                   .look_takes = std::chrono::milliseconds(10)});
    ASSERT_TRUE(given_.before.ParseFromString(section.facts()));
    ++given_.look;
  }
  EXPECT_EQ(server.accepted(), 1) << "after " << looks << " looks";
}

TEST_F(ListenerLook, WhatNoLookHasTimeForIsUnknownInTheEnd) {
  ServerThread server;
  add_socket("127.0.0.1", server.port());
  look();
  v1::ListenerFacts facts;
  for (uint32_t i = 0; i < kMostMissed; ++i) {
    const v1::Section section = look_at_listeners(given_, {.leave_alone = leave_alone_,
                                                           .store = store_,
                                                           .may_dial = &is_own_address,
                                                           .look_takes = Duration(0)});
    ASSERT_TRUE(facts.ParseFromString(section.facts()));
    EXPECT_EQ(facts.listeners(0).services(0).answer(),
              i + 1 < kMostMissed ? v1::TLS_ANSWER_COMPLETED : v1::TLS_ANSWER_UNSPECIFIED);
    given_.before = facts;
    ++given_.look;
  }
  EXPECT_EQ(facts.listeners(0).services(0).chain(), 0U);
  // And known again, as soon as there is time.
  EXPECT_EQ(look().listeners(0).services(0).answer(), v1::TLS_ANSWER_COMPLETED);
}

// A server that closes what is too old for it has said nothing about versions.
// It drops the connection with the hello unread, which resets it.
TEST_F(ListenerLook, WhoResetsTheConnectionHasRefusedNoVersion) {
  ServerThread server({.lowest = TLS1_2_VERSION, .closes_before_tls12 = true});
  add_socket("127.0.0.1", server.port());
  v1::ListenerFacts facts;
  for (int i = 0; i < 12; ++i)
    facts = look();
  ASSERT_GE(facts.listeners(0).services_size(), 1);
  EXPECT_EQ(facts.listeners(0).services(0).answer(), v1::TLS_ANSWER_COMPLETED);
  EXPECT_THAT(facts.listeners(0).services(0).versions_not_asked(),
              AllOf(Contains("TLSv1"), Contains("TLSv1.1")));
}

}  // namespace
}  // namespace muster::listeners
