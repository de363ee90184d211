#include "common/notify_socket.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <cerrno>
#include <chrono>
#include <string>

#include "tests/common/fake_service_manager.h"
#include "tests/common/temporary_directory.h"

namespace muster {
namespace {

using test::FakeServiceManager;
using test::TemporaryDirectory;
using ::testing::MatchesRegex;

TEST(NotifySocket, TellsEachStateByAMessageOfItsOwn) {
  const TemporaryDirectory directory;
  const FakeServiceManager manager(directory.file("notify"));
  const NotifySocket notify(manager.address());
  EXPECT_EQ(notify.ready("serving 3 hosts"), 0);
  EXPECT_EQ(manager.next(), "READY=1\nSTATUS=serving 3 hosts");
  EXPECT_EQ(notify.alive(), 0);
  EXPECT_EQ(manager.next(), "WATCHDOG=1");
  EXPECT_EQ(notify.status("no report got through"), 0);
  EXPECT_EQ(manager.next(), "STATUS=no report got through");
  EXPECT_EQ(notify.reloading(), 0);
  EXPECT_THAT(manager.next(), MatchesRegex("RELOADING=1\nMONOTONIC_USEC=[0-9]+"));
  EXPECT_EQ(notify.stopping(""), 0);
  EXPECT_EQ(manager.next(), "STOPPING=1");
}

TEST(NotifySocket, TheTimeOfAReloadIsThatOfTheMonotonicClock) {
  const TemporaryDirectory directory;
  const FakeServiceManager manager(directory.file("notify"));
  const auto microseconds_now = [] {
    return std::chrono::duration_cast<std::chrono::microseconds>(
               std::chrono::steady_clock::now().time_since_epoch())
        .count();
  };
  const auto before = microseconds_now();
  NotifySocket(manager.address()).reloading();
  const std::string message = manager.next();
  const auto told = std::stoll(message.substr(message.rfind('=') + 1));
  EXPECT_LE(before, told);
  EXPECT_LE(told, microseconds_now());
}

TEST(NotifySocket, ReachesAnAbstractSocket) {
  const TemporaryDirectory unique;
  const FakeServiceManager manager("@" + unique.path());
  EXPECT_EQ(NotifySocket(manager.address()).ready(""), 0);
  EXPECT_EQ(manager.next(), "READY=1");
}

TEST(NotifySocket, WithoutAnAddressTellsNobodyAndFailsAtNothing) {
  const NotifySocket notify;
  EXPECT_FALSE(notify.is_told());
  EXPECT_EQ(notify.ready("serving"), 0);
  EXPECT_EQ(NotifySocket("").alive(), 0);
}

TEST(NotifySocket, SaysWhyAMessageDidNotArrive) {
  const TemporaryDirectory directory;
  EXPECT_EQ(NotifySocket(directory.file("absent")).ready(""), ENOENT);
  EXPECT_EQ(NotifySocket("vsock:2:9999").ready(""), EAFNOSUPPORT);
  EXPECT_EQ(NotifySocket("relative/path").ready(""), EAFNOSUPPORT);
  // sun_path ends at 108 bytes.
  EXPECT_EQ(NotifySocket("/" + std::string(106, 'x')).ready(""), ENOENT);
  EXPECT_EQ(NotifySocket("/" + std::string(107, 'x')).ready(""), EAFNOSUPPORT);
}

TEST(NotifySocket, AManagerThatDoesNotReadIsNotWaitedForForEver) {
  const TemporaryDirectory directory;
  const FakeServiceManager manager(directory.file("notify"));
  const NotifySocket notify(manager.address());
  int error = 0;
  // The kernel queues a few hundred datagrams at most (net.unix.max_dgram_qlen).
  for (int i = 0; i < 10'000 && error == 0; ++i)
    error = notify.alive();
  EXPECT_EQ(error, EAGAIN);
}

TEST(NotifyMessage, AStatusCanForgeNoOtherMessage) {
  EXPECT_EQ(notify_message("", "host\nWATCHDOG=1\r\x1b[2J\x7f"), "STATUS=host WATCHDOG=1  [2J ");
}

TEST(NotifyMessage, AStatusIsCutBetweenCharacters) {
  EXPECT_EQ(notify_message("", std::string(400, 'a')).size(), 407U);
  EXPECT_EQ(notify_message("", std::string(401, 'a')).size(), 407U);
  // The 400th byte is within "ä".
  EXPECT_EQ(notify_message("", std::string(399, 'a') + "ä"), "STATUS=" + std::string(399, 'a'));
}

}  // namespace
}  // namespace muster
