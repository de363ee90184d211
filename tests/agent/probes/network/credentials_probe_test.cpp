// That a network probe says credentials to whom they are bound and to nobody else, and that nothing
// that leaves it otherwise has them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>

#include "common/address.h"
#include "muster/v1/probe.pb.h"
#include "tests/agent/probes/network/probe_process.h"

namespace muster::network_probe {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* kProbe = MUSTER_BUILD_DIRECTORY "/tests/credentials_probe";
constexpr const char* kFile =
    "credentials:\n"
    "  - {networks: [127.9.0.0/16], kinds: [bmc], username: audit, password: hunter2}\n"
    "  - {networks: [127.8.0.0/16], kinds: [snmp], username: audit, password: of-snmp}\n";

class CredentialsProbe : public testing::Test {
 protected:
  // What one who listens there was told, and how the probe ended.
  std::pair<std::string, test::ProbeEnd> told_to(const std::string& address,
                                                 const std::string& file = kFile) {
    boost::asio::io_context io;
    boost::asio::ip::tcp::acceptor acceptor(io, {boost::asio::ip::make_address(address), 0});
    v1::ProbeRequest request;
    v1::AllowedTarget& entry = *request.mutable_target_rules()->add_allow();
    entry.add_networks("127.0.0.0/8");
    entry.add_ports(acceptor.local_endpoint().port());
    v1::TargetBatch batch;
    v1::TargetLook& look = *batch.add_looks();
    look.set_entity("bmc1");
    look.set_address(Address{.host = address, .port = acceptor.local_endpoint().port()}.text());
    const std::string bytes = batch.SerializeAsString();
    test::ProbeEnd end = test::run_probe({.program = kProbe,
                                          .request = request.SerializeAsString(),
                                          .batch = &bytes,
                                          .inherited = {"", "", file}});
    acceptor.non_blocking(true);
    boost::system::error_code error;
    boost::asio::ip::tcp::socket socket = acceptor.accept(error);
    std::string told;
    if (!error) boost::asio::read(socket, boost::asio::dynamic_buffer(told), error);
    return {told, end};
  }
};

TEST_F(CredentialsProbe, SaysThemWhereTheyAreBoundAndNowhereElseThatAnybodyReads) {
  const auto [told, end] = told_to("127.9.0.1");
  EXPECT_EQ(told, "audit:hunter2");
  ASSERT_EQ(end.status, 0) << end.errors;
  EXPECT_THAT(end.output, HasSubstr("something to say"));
  EXPECT_THAT(end.output + end.errors, Not(HasSubstr("hunter2")));
  EXPECT_THAT(end.output + end.errors, Not(HasSubstr("audit")));
}

TEST_F(CredentialsProbe, SaysNothingAtAnotherAddressOrForAnotherKind) {
  for (const char* address : {"127.0.0.1", "127.10.0.1", "127.8.0.1"}) {
    const auto [told, end] = told_to(address);
    EXPECT_EQ(told, "") << address;
    ASSERT_EQ(end.status, 0) << end.errors;
    EXPECT_THAT(end.output, HasSubstr("nothing to say")) << address;
    EXPECT_THAT(end.output, HasSubstr("its own")) << address;
  }
}

TEST_F(CredentialsProbe, LeavesNoCoreDump) {
  EXPECT_THAT(told_to("127.9.0.1").second.output, HasSubstr("leaves no core"));
}

TEST_F(CredentialsProbe, AWrongFileEndsItWithItsPlaceAndNotWithWhatItHas) {
  const auto [told, end] = told_to("127.9.0.1", "credentials:\n  - {pasword: hunter2}\n");
  EXPECT_EQ(told, "");
  EXPECT_EQ(end.status, 65);
  EXPECT_THAT(end.errors, HasSubstr("/etc/muster/target-credentials.yml:2:"));
  EXPECT_THAT(end.errors, Not(HasSubstr("hunter2")));
  EXPECT_EQ(end.output, "");
}

TEST_F(CredentialsProbe, OfALargerFileThanOneMebibyteNothingIsUsed) {
  const auto [told, end] =
      told_to("127.9.0.1", std::string(kFile) + "#" + std::string(1 << 20, 'x'));
  EXPECT_EQ(told, "");
  EXPECT_EQ(end.status, 65);
  EXPECT_THAT(end.errors, HasSubstr("is larger than 1 MiB"));
}

}  // namespace
}  // namespace muster::network_probe
