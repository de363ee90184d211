// muster-probe-tcp as the launcher and as an operator runs it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "common/address.h"
#include "common/clock.h"
#include "muster/v1/probe.pb.h"
#include "tests/agent/probes/network/probe_process.h"

namespace muster {
namespace {

using namespace std::chrono_literals;
using network_probe::test::ProbeEnd;
using network_probe::test::ProbeProcess;
using network_probe::test::ProbeRun;
using network_probe::test::run_probe;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr const char* kProbe = MUSTER_BUILD_DIRECTORY "/libexec/muster/probes/muster-probe-tcp";

class TcpProbe : public testing::Test {
 protected:
  std::string address() const {
    return Address{.host = "127.0.0.1", .port = acceptor_.local_endpoint().port()}.text();
  }
  v1::ProbeRequest request() const {
    v1::ProbeRequest request;
    request.set_root("/");
    request.mutable_target_rules()->add_own(address());
    return request;
  }
  v1::TargetBatch batch(const std::string& entity = "own") const {
    v1::TargetBatch batch;
    v1::TargetLook& look = *batch.add_looks();
    look.set_entity(entity);
    look.set_address(address());
    return batch;
  }
  int accepted() {
    int count = 0;
    acceptor_.non_blocking(true);
    boost::system::error_code error;
    while (acceptor_.accept(error), !error)
      ++count;
    return count;
  }

  boost::asio::io_context io_;
  boost::asio::ip::tcp::acceptor acceptor_{io_, {boost::asio::ip::address_v4::loopback(), 0}};
};

TEST_F(TcpProbe, LooksAtTheBatchOfItsDescriptorByTheRulesOfStdin) {
  const std::string bytes = batch().SerializeAsString();
  const ProbeEnd end =
      run_probe({.program = kProbe, .request = request().SerializeAsString(), .batch = &bytes});
  EXPECT_EQ(end.status, 0) << end.errors;
  ASSERT_THAT(end.sections(), SizeIs(1));
  EXPECT_EQ(end.sections()[0].entity(), "own");
  EXPECT_EQ(end.sections()[0].outcome(), v1::OUTCOME_OBSERVED);
  EXPECT_EQ(accepted(), 1);
}

TEST_F(TcpProbe, WithoutRulesNothingIsDialled) {
  const std::string bytes = batch().SerializeAsString();
  const ProbeEnd end = run_probe({.program = kProbe, .batch = &bytes});
  ASSERT_THAT(end.sections(), SizeIs(1));
  EXPECT_EQ(end.sections()[0].outcome(), v1::OUTCOME_FAILED);
  EXPECT_THAT(end.sections()[0].reason(),
              HasSubstr("targets.allow of this agent does not list " + address()));
  EXPECT_EQ(accepted(), 0);
}

TEST_F(TcpProbe, HundredsOfLooksHaveASectionEach) {
  v1::ProbeRequest fast = request();
  fast.mutable_target_rules()->set_per_second(100'000);
  fast.mutable_target_rules()->set_per_address_per_second(100'000);
  v1::TargetBatch many;
  for (int i = 0; i < 800; ++i)
    *many.add_looks() = batch("target" + std::to_string(i)).looks(0);
  const std::string bytes = many.SerializeAsString();
  acceptor_.listen(1000);
  const ProbeEnd end =
      run_probe({.program = kProbe, .request = fast.SerializeAsString(), .batch = &bytes});
  EXPECT_EQ(end.status, 0) << end.errors;
  EXPECT_THAT(end.sections(), SizeIs(800));
}

TEST_F(TcpProbe, AnEmptyBatchIsNothingToDo) {
  const std::string none;
  const ProbeEnd end = run_probe({.program = kProbe, .batch = &none});
  EXPECT_EQ(end.status, 0);
  EXPECT_EQ(end.output, "");
}

TEST_F(TcpProbe, ALookWhoseLeaseIsOverHasNoSectionAndIsNotDialled) {
  v1::TargetBatch late = batch();
  late.mutable_looks(0)->set_end_nanoseconds(1);
  const std::string bytes = late.SerializeAsString();
  const ProbeEnd end =
      run_probe({.program = kProbe, .request = request().SerializeAsString(), .batch = &bytes});
  EXPECT_EQ(end.status, 0) << end.errors;
  EXPECT_THAT(end.sections(), IsEmpty());
  EXPECT_EQ(accepted(), 0);
}

// Stopped before its looks begin, gone on after their leases: whoever has the targets now dials.
TEST_F(TcpProbe, APauseOfTheProcessPastItsLeaseIsFollowedByNoDial) {
  v1::TargetBatch paused = batch();
  const SystemClock clock;
  const Duration end_of_lease = clock.uptime() + 150ms;
  v1::TargetLook& look = *paused.mutable_looks(0);
  look.set_start_nanoseconds((end_of_lease - 50ms) / 1ns);
  look.set_end_nanoseconds(end_of_lease / 1ns);
  const std::string bytes = paused.SerializeAsString();
  ProbeProcess probe(
      {.program = kProbe, .request = request().SerializeAsString(), .batch = &bytes});
  ::kill(probe.pid(), SIGSTOP);
  const bool was_in_time = clock.uptime() < end_of_lease - 50ms;
  while (clock.uptime() < end_of_lease) {
  }
  ::kill(probe.pid(), SIGCONT);
  EXPECT_EQ(probe.wait().status, 0);
  // On a machine so slow that it was stopped too late it may have looked before.
  EXPECT_LE(accepted(), was_in_time ? 0 : 1);
}

TEST_F(TcpProbe, BrokenBytesEndItWithASentence) {
  const std::string broken = "\x0a\xff";
  const ProbeEnd batch_end = run_probe({.program = kProbe, .batch = &broken});
  EXPECT_EQ(batch_end.status, 65);
  EXPECT_THAT(batch_end.errors, HasSubstr("descriptor 99 has no muster.v1.TargetBatch"));
  const ProbeEnd request_end = run_probe({.program = kProbe, .request = broken});
  EXPECT_EQ(request_end.status, 65);
  EXPECT_THAT(request_end.errors, HasSubstr("stdin is not a muster.v1.ProbeRequest"));
  const std::string large(5 << 20, '\0');
  EXPECT_EQ(run_probe({.program = kProbe, .batch = &large}).status, 65);
}

TEST_F(TcpProbe, AnUnknownSettingEndsIt) {
  v1::ProbeRequest request;
  request.add_settings()->set_name("paths");
  const ProbeEnd end = run_probe({.program = kProbe, .request = request.SerializeAsString()});
  EXPECT_EQ(end.status, 65);
  EXPECT_THAT(end.errors, HasSubstr("unknown setting 'paths'"));
}

TEST_F(TcpProbe, ByHandItLooksAnywhereAndPrintsJson) {
  const ProbeEnd end =
      run_probe({.program = kProbe,
                 .arguments = {"--target", address(), "--timeout", "5s", "--format", "json"}});
  EXPECT_EQ(end.status, 0) << end.errors;
  EXPECT_THAT(end.output, HasSubstr("\"answer\": \"TCP_ANSWER_CONNECTED\""));
  EXPECT_EQ(accepted(), 1);
}

TEST_F(TcpProbe, WithoutADescriptorLeftALookFailsAndSaysSo) {
  // Six are the standard streams and what Asio's loop has.
  const ProbeEnd end = run_probe({.program = "/bin/sh",
                                  .arguments = {"-c", "ulimit -n 6; exec \"$0\" \"$@\"", kProbe,
                                                "--target", address(), "--format", "json"}});
  EXPECT_EQ(end.status, 0) << end.errors;
  EXPECT_THAT(end.output, HasSubstr("no socket could be made: Too many open files"));
  EXPECT_EQ(accepted(), 0);
}

TEST_F(TcpProbe, ByHandItSaysWhatIsWrongWithItsArguments) {
  const struct {
    std::vector<std::string> arguments;
    const char* says;
  } cases[] = {{{"--format", "json"}, "name what to look at"},
               {{"--target", "www.example.org"}, "is not an address"},
               {{"--target", "127.0.0.1:0"}, "is not an address"},
               {{"--target", "127.0.0.1:1", "--timeout", "5"}, "5"},
               {{"--target", "127.0.0.1:1", "--timeout", "61s"}, "--timeout is from 100ms to 1m"},
               {{"--format", "xml", "--target", "127.0.0.1:1"}, "xml"}};
  for (const auto& [arguments, says] : cases) {
    const ProbeEnd end = run_probe({.program = kProbe, .arguments = arguments});
    EXPECT_EQ(end.status, 64) << says;
    EXPECT_THAT(end.errors, HasSubstr(says));
  }
}

TEST_F(TcpProbe, ItsHostsFileAndNameServersAreThoseItInherits) {
  const uint16_t port = acceptor_.local_endpoint().port();
  const std::string name = Address{.host = "db1.example.org", .port = port}.text();
  v1::ProbeRequest request;
  request.mutable_target_rules()->add_own(name);
  v1::TargetBatch named = batch();
  named.mutable_looks(0)->set_address(name);
  *named.add_looks() = named.looks(0);
  named.mutable_looks(1)->set_address("db2.example.org:1");
  request.mutable_target_rules()->add_own("db2.example.org:1");
  const std::string bytes = named.SerializeAsString();
  const ProbeEnd end = run_probe({.program = kProbe,
                                  .request = request.SerializeAsString(),
                                  .batch = &bytes,
                                  .inherited = {"", "127.0.0.1 db1.example.org\n"}});
  ASSERT_THAT(end.sections(), SizeIs(2)) << end.errors;
  EXPECT_EQ(accepted(), 1);
  EXPECT_THAT(end.output, HasSubstr("db2.example.org could not be looked up: /etc/resolv.conf"));
}

}  // namespace
}  // namespace muster
