// The probes "sockets" and "listeners" in their sandboxes: the one is told whose sockets are and
// sees no process, the other dials this host by what the one said and sees no file.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>

#include "agent/launcher/look_result.h"
#include "agent/looking/probe_list.h"
#include "muster/v1/listener_facts.pb.h"
#include "muster/v1/probe.pb.h"
#include "tests/agent/sandbox/loopback_port.h"
#include "tests/agent/sandbox/sandboxed_program.h"

namespace muster::agent {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

const ProbeRow& row_of(std::string_view name) {
  return *std::find_if(all_probes().begin(), all_probes().end(),
                       [name](const ProbeRow& row) { return row.name == name; });
}

v1::Section look(const ProbeRow& row, const SandboxDeclaration& declaration, Starter starter,
                 const v1::ProbeRequest& request, const std::optional<std::string>& given) {
  LaunchRequest launched;
  launched.program =
      fmt::format("{}/libexec/muster/probes/{}", MUSTER_BUILD_DIRECTORY, row.program);
  launched.timeout = 60s;
  launched.targets = given;
  const SandboxedRun run = run_sandboxed(plan_of(declaration, launched.program), starter,
                                         request.SerializeAsString(), launched);
  for (const MechanismResult& mechanism : run.sandbox) {
    if (starter == Starter::kRoot) {
      EXPECT_EQ(mechanism.error, 0) << mechanism.call;
    }
  }
  return section_of(row, launched, run.result, TimePoint());
}

v1::SocketFacts look_at_sockets(Starter starter, const SandboxDeclaration& declaration) {
  v1::ProbeRequest request;
  request.set_root("/");
  const v1::Section section = look(row_of("sockets"), declaration, starter, request, std::nullopt);
  EXPECT_EQ(section.outcome(), v1::OUTCOME_OBSERVED) << section.reason();
  v1::SocketFacts facts;
  EXPECT_TRUE(facts.ParseFromString(section.facts()));
  return facts;
}

const v1::ListeningSocket* find(const v1::SocketFacts& facts, int port) {
  for (const v1::ListeningSocket& socket : facts.sockets()) {
    if (socket.port() == static_cast<uint32_t>(port)) return &socket;
  }
  return nullptr;
}

// A process of its own that listens: what starts the probe has none of its sockets.
class ListeningProcess {
 public:
  ListeningProcess() {
    std::array<int, 2> ends{};
    EXPECT_EQ(::pipe(ends.data()), 0);
    pid_ = ::fork();
    if (pid_ == 0) {
      const LoopbackPort port(16);
      if (::write(ends[1], &port.number, sizeof port.number) < 0) ::_exit(1);
      for (;;)
        ::pause();
    }
    ::close(ends[1]);
    EXPECT_EQ(::read(ends[0], &number, sizeof number), static_cast<ssize_t>(sizeof number));
    ::close(ends[0]);
  }
  ~ListeningProcess() {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  ListeningProcess(const ListeningProcess&) = delete;
  ListeningProcess& operator=(const ListeningProcess&) = delete;

  int number = 0;

 private:
  pid_t pid_ = -1;
};

TEST(SandboxedSockets, AreSeenWithTheirOwnersWhereRootStartsIt) {
  const ListeningProcess port;
  for (const Starter starter : starters()) {
    const v1::SocketFacts facts = look_at_sockets(starter, row_of("sockets").sandbox);
    const v1::ListeningSocket* const socket = find(facts, port.number);
    ASSERT_NE(socket, nullptr) << name_of(starter);
    EXPECT_EQ(socket->address(), "127.0.0.1");
    const bool sees_owner = starter == Starter::kRoot || ::geteuid() != 0;
    if (sees_owner) {
      EXPECT_THAT(socket->owner().program(), StartsWith("sandboxed_liste"));
      EXPECT_THAT(socket->owner().error(), IsEmpty());
    } else {
      EXPECT_THAT(socket->owner().error(), HasSubstr("Permission denied"));
    }
  }
}

// Where a unit forbids netlink, the table's text is taken, and that is said.
TEST(SandboxedSockets, WithoutTheKernelsAnswerAreThoseOfTheTable) {
  const LoopbackPort port(16);
  SandboxDeclaration declaration = row_of("sockets").sandbox;
  declaration.socket_list = false;
  // Its filter would end it: this is a network probe's, which answers as such a unit does.
  declaration.reach = SandboxDeclaration::Reach::kNetwork;
  for (const Starter starter : starters()) {
    const v1::SocketFacts facts = look_at_sockets(starter, declaration);
    EXPECT_NE(find(facts, port.number), nullptr);
    ASSERT_FALSE(facts.unseen().empty());
    EXPECT_THAT(facts.unseen(0), HasSubstr("Address family not supported"));
  }
}

class SandboxedListeners : public ::testing::Test {
 protected:
  SandboxedListeners() {
    request_.set_root("/");
    request_.mutable_target_rules()->set_own_host_only(true);
  }

  void add(const std::string& address, int port) {
    v1::ListeningSocket& socket = *sockets_.add_sockets();
    socket.set_address(address);
    socket.set_port(static_cast<uint32_t>(port));
    socket.set_inode(static_cast<uint64_t>(sockets_.sockets_size()));
  }
  v1::Section look_at_them(Starter starter) {
    v1::GivenSections given;
    v1::Section& section = *given.add_sections();
    section.set_probe("sockets");
    section.set_outcome(v1::OUTCOME_OBSERVED);
    section.set_facts_type(sockets_.GetTypeName());
    section.set_facts(sockets_.SerializeAsString());
    return look(row_of("listeners"), row_of("listeners").sandbox, starter, request_,
                given.SerializeAsString());
  }

  v1::ProbeRequest request_;
  v1::SocketFacts sockets_;
};

TEST_F(SandboxedListeners, DialThisHostAndNoOther) {
  const LoopbackPort closed(0);
  add("0.0.0.0", closed.number);
  add("192.0.2.1", 443);
  add("169.254.169.254", 80);
  for (const Starter starter : starters()) {
    const v1::Section section = look_at_them(starter);
    ASSERT_EQ(section.outcome(), v1::OUTCOME_OBSERVED) << section.reason();
    v1::ListenerFacts facts;
    ASSERT_TRUE(facts.ParseFromString(section.facts()));
    ASSERT_EQ(facts.listeners_size(), 3);
    for (const v1::Listener& listener : facts.listeners()) {
      if (listener.address() == "0.0.0.0") {
        EXPECT_EQ(listener.state(), v1::LISTENER_STATE_UNKNOWN);
        EXPECT_THAT(listener.detail(), HasSubstr("refused"));
      } else {
        EXPECT_EQ(listener.state(), v1::LISTENER_STATE_OUT_OF_REACH) << listener.address();
      }
    }
  }
}

TEST_F(SandboxedListeners, DialNothingWithoutRootsWord) {
  request_.clear_target_rules();
  add("127.0.0.1", 80);
  for (const Starter starter : starters()) {
    const v1::Section section = look_at_them(starter);
    EXPECT_EQ(section.outcome(), v1::OUTCOME_FAILED);
    EXPECT_THAT(section.reason(), HasSubstr("may dial this host"));
  }
}

TEST_F(SandboxedListeners, SayThatNothingWasGiven) {
  for (const Starter starter : starters()) {
    const v1::Section section = look(row_of("listeners"), row_of("listeners").sandbox, starter,
                                     request_, v1::GivenSections().SerializeAsString());
    EXPECT_EQ(section.outcome(), v1::OUTCOME_FAILED);
    EXPECT_THAT(section.reason(), HasSubstr("which sockets there are"));
  }
}

}  // namespace
}  // namespace muster::agent
