// Which sockets are not dialled.
#include "agent/probes/listeners/leave_alone.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace muster::listeners {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

v1::ListeningSocket socket_at(const std::string& address, uint32_t port,
                              const std::string& program) {
  v1::ListeningSocket socket;
  socket.set_address(address);
  socket.set_port(port);
  socket.mutable_owner()->set_program(program);
  socket.mutable_owner()->set_processes(1);
  return socket;
}

// Empty: it is dialled.
std::string words(const LeaveAlone& alone, const v1::ListeningSocket& socket) {
  const auto reason = alone.why(socket);
  return reason ? reason->words : "";
}

TEST(LeaveAlone, IsByPortByPlaceAndByProgram) {
  const auto alone =
      LeaveAlone::parse({"25", "192.0.2.1:443", "[2001:db8::7]:8443", "program:oracle"});
  ASSERT_TRUE(alone.ok()) << alone.status();
  EXPECT_THAT(words(*alone, socket_at("0.0.0.0", 25, "master")), HasSubstr("25"));
  EXPECT_THAT(words(*alone, socket_at("192.0.2.1", 443, "nginx")), HasSubstr("192.0.2.1"));
  EXPECT_THAT(words(*alone, socket_at("192.0.2.2", 443, "nginx")), IsEmpty());
  EXPECT_THAT(words(*alone, socket_at("192.0.2.1", 444, "nginx")), IsEmpty());
  EXPECT_THAT(words(*alone, socket_at("2001:db8::7", 8443, "nginx")), HasSubstr("2001:db8::7"));
  EXPECT_THAT(words(*alone, socket_at("::", 1521, "oracle")), HasSubstr("program:oracle"));
  EXPECT_EQ(alone->why(socket_at("::", 1521, "oracle"))->state, v1::LISTENER_STATE_LEFT_ALONE);
}

// The kernel cuts the name of a process to 15 bytes, and a process may change it.
TEST(LeaveAlone, FindsAProgramByItsCutNameAndByWhatItExecutes) {
  const auto alone = LeaveAlone::parse({"program:legacy-payment-gateway"});
  EXPECT_THAT(words(*alone, socket_at("::", 7000, "legacy-payment-")), HasSubstr("gateway"));
  v1::ListeningSocket renamed = socket_at("::", 7000, "gateway: idle");
  renamed.mutable_owner()->set_executable("/opt/pay/bin/legacy-payment-gateway");
  EXPECT_THAT(words(*alone, renamed), HasSubstr("gateway"));
  EXPECT_THAT(words(*alone, socket_at("::", 7000, "legacy")), IsEmpty());
}

// It may be the one that is listed.
TEST(LeaveAlone, ByProgramLeavesASocketAloneOfWhichNobodyKnowsWhoseItIs) {
  v1::ListeningSocket unseen = socket_at("::", 1521, "");
  unseen.mutable_owner()->set_processes(0);
  unseen.mutable_owner()->set_error("no process that could be looked into has it open");
  const auto reason = LeaveAlone::parse({"program:oracle"})->why(unseen);
  ASSERT_TRUE(reason);
  EXPECT_EQ(reason->state, v1::LISTENER_STATE_UNKNOWN);
  EXPECT_EQ(reason->words,
            "it is not dialled: leave_alone lists programs, and whose it is is not known: no "
            "process that could be looked into has it open");
  // One that has no error, and no name either.
  EXPECT_TRUE(LeaveAlone::parse({"program:oracle"})->why(socket_at("::", 1521, "")));
  EXPECT_FALSE(LeaveAlone::parse({"25"})->why(unseen));
  EXPECT_FALSE(LeaveAlone().why(unseen));
}

v1::ListeningSocket of_process_1(const std::string& executable) {
  v1::ListeningSocket socket = socket_at("::", 9090, "systemd");
  socket.mutable_owner()->set_executable(executable);
  socket.mutable_owner()->set_is_first_process(true);
  return socket;
}

TEST(LeaveAlone, WakesNoServiceThatSystemdWaitsFor) {
  for (const char* const executable :
       {"/usr/lib/systemd/systemd", "/lib/systemd/systemd", /* not to be seen: */ ""}) {
    EXPECT_THAT(words(LeaveAlone(), of_process_1(executable)), HasSubstr("would start"));
  }
  // It runs, and systemd holds the socket besides.
  v1::ListeningSocket shared = of_process_1("/usr/lib/systemd/systemd");
  shared.mutable_owner()->set_processes(2);
  EXPECT_THAT(words(LeaveAlone(), shared), IsEmpty());
}

// Any process may call itself so, and a user may start that very program.
TEST(LeaveAlone, AsksWhoOnlyCallsItselfSystemd) {
  v1::ListeningSocket socket = socket_at("::", 9090, "systemd");
  for (const char* const executable :
       {"/home/eve/systemd", "/home/eve/systemd/systemd", "/usr/lib/systemd/systemd", ""}) {
    socket.mutable_owner()->set_executable(executable);
    EXPECT_THAT(words(LeaveAlone(), socket), IsEmpty()) << executable;
  }
  // In a container its server is process 1.
  EXPECT_THAT(words(LeaveAlone(), of_process_1("/usr/sbin/nginx")), IsEmpty());
}

TEST(LeaveAlone, SaysWhichTextMakesNoSense) {
  for (const char* const text : {"", "0", "65536", "nginx", "program:", "192.0.2.1", "25\n"}) {
    const auto alone = LeaveAlone::parse({text});
    ASSERT_FALSE(alone.ok()) << text;
    EXPECT_THAT(std::string(alone.status().message()), HasSubstr("leave_alone"));
  }
}

}  // namespace
}  // namespace muster::listeners
