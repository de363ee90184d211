// The program on this host's own sockets.
#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>

#include "common/descriptor.h"
#include "muster/v1/listener_facts.pb.h"
#include "tests/agent/probes/probe_section.h"

namespace muster {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

v1::SocketFacts look(const std::vector<std::string>& prefix = {}) {
  const v1::Section section = test::section_of_probe("sockets", "/", prefix);
  EXPECT_EQ(section.outcome(), v1::OUTCOME_OBSERVED) << section.reason();
  v1::SocketFacts facts;
  EXPECT_TRUE(facts.ParseFromString(section.facts()));
  return facts;
}

struct Listening {
  Descriptor socket;
  uint32_t port = 0;
};

Listening listen_at(const sockaddr* address, socklen_t size, bool only_ipv6 = false) {
  Listening listening{.socket =
                          Descriptor(::socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0))};
  const int value = only_ipv6 ? 1 : 0;
  if (address->sa_family == AF_INET6) {
    ::setsockopt(listening.socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, &value, sizeof value);
  }
  EXPECT_EQ(::bind(listening.socket.get(), address, size), 0);
  EXPECT_EQ(::listen(listening.socket.get(), 1), 0);
  sockaddr_in6 bound{};
  socklen_t bound_size = sizeof bound;
  ::getsockname(listening.socket.get(), reinterpret_cast<sockaddr*>(&bound), &bound_size);
  // At the same place in both families.
  listening.port = ntohs(bound.sin6_port);
  return listening;
}

Listening listen_v4() {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return listen_at(reinterpret_cast<const sockaddr*>(&address), sizeof address);
}

Listening listen_v6(bool only_ipv6) {
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  return listen_at(reinterpret_cast<const sockaddr*>(&address), sizeof address, only_ipv6);
}

std::optional<v1::ListeningSocket> find(const v1::SocketFacts& facts, uint32_t port,
                                        bool in_other_network = false) {
  for (const v1::ListeningSocket& socket : facts.sockets()) {
    if (socket.port() == port && (socket.network_namespace() != 0) == in_other_network) {
      return socket;
    }
  }
  return std::nullopt;
}

TEST(SocketProbe, SeesWhatThisProcessListensAt) {
  const Listening four = listen_v4();
  const Listening both = listen_v6(false);
  const Listening six = listen_v6(true);
  const v1::SocketFacts facts = look();
  const auto of_four = find(facts, four.port);
  ASSERT_TRUE(of_four);
  EXPECT_EQ(of_four->address(), "127.0.0.1");
  EXPECT_THAT(of_four->owner().program(), StartsWith("socket_probe_te"));
  EXPECT_THAT(of_four->owner().executable(), HasSubstr("socket_probe_test"));
  EXPECT_EQ(of_four->owner().processes(), 1U);
  EXPECT_THAT(of_four->owner().error(), IsEmpty());
  const auto of_both = find(facts, both.port);
  ASSERT_TRUE(of_both);
  EXPECT_EQ(of_both->address(), "::");
  EXPECT_TRUE(of_both->both_families());
  const auto of_six = find(facts, six.port);
  ASSERT_TRUE(of_six);
  EXPECT_FALSE(of_six->both_families());
}

TEST(SocketProbe, SeesNothingThatDoesNotListen) {
  Listening listening = listen_v4();
  const uint32_t port = listening.port;
  ASSERT_TRUE(find(look(), port));
  listening.socket.reset(-1);
  EXPECT_FALSE(find(look(), port));
}

TEST(SocketProbe, AnotherUserSeesTheSocketAndSaysThatItKnowsNoOwner) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can be somebody else";
  const Listening four = listen_v4();
  const v1::SocketFacts facts =
      look({"setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"});
  const auto found = find(facts, four.port);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->owner().processes(), 0U);
  EXPECT_THAT(found->owner().error(), HasSubstr("Permission denied"));
  EXPECT_THAT(facts.unseen(), Not(IsEmpty()));
}

// A process of its own network, which nobody dials from here.
class OtherNetwork {
 public:
  OtherNetwork() {
    std::array<int, 2> ends{};
    EXPECT_EQ(::pipe(ends.data()), 0);
    pid_ = ::fork();
    if (pid_ == 0) {
      const bool is_apart = ::unshare(CLONE_NEWNET) == 0;
      const Listening listening = listen_v6(false);
      port = is_apart ? listening.port : 0;
      if (::write(ends[1], &port, sizeof port) != sizeof port) ::_exit(1);
      for (;;)
        ::pause();
    }
    ::close(ends[1]);
    EXPECT_EQ(::read(ends[0], &port, sizeof port), static_cast<ssize_t>(sizeof port));
    ::close(ends[0]);
  }
  ~OtherNetwork() {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  OtherNetwork(const OtherNetwork&) = delete;
  OtherNetwork& operator=(const OtherNetwork&) = delete;

  uint32_t port = 0;

 private:
  pid_t pid_ = -1;
};

TEST(SocketProbe, SeesWhatListensInAnotherNetwork) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can make a network of its own";
  const OtherNetwork other;
  ASSERT_NE(other.port, 0U);
  const v1::SocketFacts facts = look();
  const auto found = find(facts, other.port, true);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->owner().processes(), 1U);
  EXPECT_FALSE(find(facts, other.port));
}

TEST(SocketProbe, DoesNotApplyToAnImage) {
  const v1::Section section = test::section_of_probe("sockets", "/usr", {});
  EXPECT_EQ(section.outcome(), v1::OUTCOME_NOT_APPLICABLE);
}

}  // namespace
}  // namespace muster
