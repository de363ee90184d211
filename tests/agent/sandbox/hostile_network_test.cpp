// A network probe that has been taken over has TCP, UDP, its batch and the files that it is given,
// and nothing more.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "tests/agent/sandbox/hostile_look.h"

namespace muster::agent {
namespace {

using ::testing::ContainsRegex;
using ::testing::EndsWith;
using ::testing::HasSubstr;

TEST_F(HostileProbe, OfTheNetworkConnectsAndSeesNoFile) {
  const SandboxDeclaration network{.reach = SandboxDeclaration::Reach::kNetwork};
  for (const Starter starter : starters()) {
    for (const Try attempt : std::to_array<Try>({
             {"connect", "{port}"},
             {"datagram"},
             {"datagram-6"},
             {"no-blocking"},
             {"no-delay"},
             {"forbid-dumps"},
             {"send-datagrams", "{port}"},
             {"wait-for-many"},
             {"sockets", "900"},
         })) {
      const v1::Section section = look(attempt, starter, network);
      EXPECT_EQ(section.outcome(), v1::OUTCOME_OBSERVED)
          << described(attempt) << ", " << name_of(starter) << ": " << section.reason();
    }
  }
  for (const Try attempt : std::to_array<Try>({
           {"read", "{declared}/file"},
           {"read", "/etc/passwd"},
           {"read", "/etc/hosts"},
           {"list", "{declared}"},
       })) {
    refuses(attempt, network, EndsWith("was refused: Permission denied"));
  }
  for (const Try attempt : std::to_array<Try>({{"listen"},
                                               {"raw"},
                                               {"raw-6"},
                                               {"packets"},

                                               {"fork"},
                                               {"threads"},
                                               {"trace", "{agent}"},
                                               {"signal", "{agent}"},
                                               {"execute-shell"}})) {
    refuses(attempt, network, HasSubstr(kForbidden));
  }
  for (const Try attempt :
       std::to_array<Try>({{"netlink"}, {"abstract-socket", "muster-hostile-{agent}"}})) {
    refuses(attempt, network, EndsWith("was refused: Address family not supported by protocol"));
  }
}

// Which sockets listen is one question to the kernel, by a socket that leads nowhere else.
TEST_F(HostileProbe, ThatAsksWhichSocketsListenMakesNoOther) {
  const SandboxDeclaration asks{.socket_list = true};
  for (const Starter starter : starters()) {
    const v1::Section section = look({"socket-list"}, starter, asks);
    EXPECT_EQ(section.outcome(), v1::OUTCOME_OBSERVED) << section.reason();
  }
  for (const Try attempt : std::to_array<Try>({{"netlink"},
                                               {"audit"},
                                               {"connect", "{port}"},
                                               {"datagram"},
                                               {"abstract-socket", "muster-hostile-{agent}"},
                                               {"socket-pair"},
                                               {"raw"},
                                               {"packets"},
                                               {"listen"}})) {
    refuses(attempt, asks, HasSubstr(kForbidden));
  }
  refuses({"socket-list-of-another-type"}, asks, EndsWith("was refused: Function not implemented"));
  // Without its declaration there is none at all.
  refuses({"socket-list"}, HasSubstr(kForbidden));
}

TEST_F(HostileProbe, OfTheNetworkHasTcpAndUdpAndNoOtherProtocolNorOption) {
  const SandboxDeclaration network{.reach = SandboxDeclaration::Reach::kNetwork};
  for (const Try attempt : std::to_array<Try>({{"socket-pair"},
                                               {"multipath"},
                                               {"streams-of-sctp"},
                                               {"ping"},
                                               {"sequenced"},
                                               {"virtual-machine"},
                                               {"bluetooth"},
                                               {"bind-to-device"},
                                               {"kernel-tls"}})) {
    refuses(attempt, network, EndsWith("was refused: Function not implemented"));
  }
  refuses({"sockets", "1100"}, network, EndsWith("socket was refused: Too many open files"));
}

TEST_F(HostileProbe, OfTheNetworkReadsItsBatchAndChangesItForNobody) {
  const SandboxDeclaration network{.reach = SandboxDeclaration::Reach::kNetwork};
  targets_ = "a batch, which whoever ordered the run wrote";
  for (const Starter starter : starters()) {
    const v1::Section section = look({"read-descriptor", "99"}, starter, network);
    EXPECT_EQ(section.outcome(), v1::OUTCOME_OBSERVED) << section.reason();
  }
  refuses({"write-descriptor", "99"}, network, ContainsRegex("was refused: |was ended by SIGXFSZ"));
  refuses({"execute-descriptor", "99"}, network, HasSubstr(kForbidden));
  targets_.reset();
  refuses({"read-descriptor", "99"}, network, EndsWith("was refused: Bad file descriptor"));
}

TEST_F(HostileProbe, OfTheNetworkReadsTheFilesThatItIsGivenAndNothingMoreOfThem) {
  const std::string given = directory_.path() + "/shared/file";
  const std::string secret = directory_.write("secret", "of root's alone", 0600);
  const std::string fifo = directory_.path() + "/fifo";
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0666), 0);
  const std::vector<std::string_view> paths{given,       "/there/is/none",  fifo,
                                            "/dev/zero", directory_.path(), secret};
  const SandboxDeclaration network{.reach = SandboxDeclaration::Reach::kNetwork,
                                   .inherited = paths};
  for (const Starter starter : starters()) {
    const v1::Section section = look({"read-descriptor", "100"}, starter, network);
    EXPECT_EQ(section.outcome(), v1::OUTCOME_OBSERVED) << section.reason();
  }
  // What it is given is the file, for reading: not its place, and not more.
  refuses({"write-descriptor", "100"}, network, EndsWith("was refused: Bad file descriptor"));
  for (const char* path : {"/proc/self/fd/100", "{shared}/file"}) {
    refuses({"read", path}, network, EndsWith("was refused: Permission denied"));
    refuses({"append", path}, network, ContainsRegex("was refused: |was ended by SIGSYS"));
  }
  // None of these holds whoever opens it, or stands for a file.
  for (const char* number : {"101", "102", "103", "104", "106"}) {
    refuses({"read-descriptor", number}, network, EndsWith("was refused: Bad file descriptor"));
  }
  // Who starts it decides what there is to give.
  if (::geteuid() == 0) {
    EXPECT_EQ(look({"read-descriptor", "105"}, Starter::kRoot, network).outcome(),
              v1::OUTCOME_OBSERVED);
    EXPECT_EQ(look({"read-descriptor", "105"}, Starter::kSomebody, network).outcome(),
              v1::OUTCOME_FAILED);
  }
}

}  // namespace
}  // namespace muster::agent
