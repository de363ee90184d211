// muster-probe-domain as the launcher runs it: root's word on stdin, the batch on its descriptor,
// the host's files open, and what an earlier run left.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <thread>

#include "agent/probes/domain/registry/registry_inputs.h"
#include "muster/v1/domain_facts.pb.h"
#include "muster/v1/probe.pb.h"
#include "muster/v1/registry_memory.pb.h"
#include "tests/agent/probes/domain/registry/registry_answers.h"
#include "tests/agent/probes/domain/registry/registry_server.h"
#include "tests/agent/probes/network/probe_process.h"

namespace muster::domains::registry {
namespace {

using network_probe::test::ProbeEnd;
using network_probe::test::run_probe;
using test::http_answer;
using test::kRecord;
using test::Saying;
using ::testing::HasSubstr;
using ::testing::SizeIs;
using ::testing::StartsWith;

constexpr const char* kProbe = MUSTER_BUILD_DIRECTORY "/libexec/muster/probes/muster-probe-domain";

class DomainProbe : public ::testing::Test {
 protected:
  DomainProbe() {
    server.answer = [](const std::string&) { return Saying{http_answer("200 OK", kRecord)}; };
    bootstrap = fmt::format(
        R"({{"version":"1.0","publication":"2026-11-01T12:00:00Z","services":[
          [["org"],["https://rdap.example.net:{}/"]]]}})",
        server.port());
    v1::AllowedTarget& target = *request.mutable_target_rules()->add_allow();
    target.add_names("example.org");
    target.add_kinds("domain");
    v1::AllowedTarget& servers = *request.mutable_target_rules()->add_allow();
    servers.add_networks("127.0.0.0/8");
    servers.add_kinds("domain");
    request.set_root("/");
  }

  // A run of one look. The server answers meanwhile, in a thread of its own.
  ProbeEnd run(const std::string& memory = "") {
    v1::TargetBatch batch;
    v1::TargetLook& look = *batch.add_looks();
    look.set_entity("our-domain");
    look.set_address("example.org expires=2027-03-31");
    look.set_timeout_milliseconds(30'000);
    batch.set_memory(memory);
    const std::string bytes = batch.SerializeAsString();
    io.restart();
    std::thread served([this] { io.run(); });
    ProbeEnd end = run_probe({.program = kProbe,
                              .request = request.SerializeAsString(),
                              .batch = &bytes,
                              .inherited = {"", "127.0.0.1 rdap.example.net\n",
                                            identity.authority_pem, "", "", "", "", bootstrap}});
    io.stop();
    served.join();
    return end;
  }

  boost::asio::io_context io{1};
  const test::ServerIdentity identity{"DNS:rdap.example.net"};
  test::RegistryServer server{io, &identity};
  std::string bootstrap;
  v1::ProbeRequest request;
};

TEST_F(DomainProbe, TellsOfADomainAndLeavesWhatItKnowsForItsNextRun) {
  const ProbeEnd end = run();
  ASSERT_EQ(end.status, 0) << end.errors;
  // It leaves nothing, as nobody has to be left alone and IANA was not asked.
  const auto sections = end.sections();
  ASSERT_THAT(sections, SizeIs(1));
  EXPECT_EQ(sections[0].entity(), "our-domain");
  EXPECT_EQ(sections[0].probe(), "domain");
  v1::DomainFacts facts;
  ASSERT_EQ(sections[0].facts_type(), "muster.v1.DomainFacts") << sections[0].reason();
  ASSERT_TRUE(facts.ParseFromString(sections[0].facts()));
  EXPECT_EQ(facts.answer(), v1::REGISTRY_ANSWER_REGISTERED);
  EXPECT_EQ(facts.registrar(), "Example Registrar");
  EXPECT_TRUE(facts.has_expires_by_hand());
  EXPECT_THAT(server.questions, SizeIs(1));
}

TEST_F(DomainProbe, LeavesAServerAloneAlsoInItsNextRun) {
  server.answer = [](const std::string&) {
    return Saying{http_answer("429 Too Many Requests", "", "Retry-After: 3600\r\n")};
  };
  const auto first = run().sections();
  ASSERT_THAT(first, SizeIs(2));
  EXPECT_THAT(first[0].reason(), StartsWith("rate-limited: rdap.example.net asked"));
  EXPECT_EQ(first[0].outcome(), v1::OUTCOME_FAILED);
  EXPECT_EQ(first[1].entity(), "");
  EXPECT_EQ(first[1].facts_type(), "muster.v1.RegistryMemory");
  v1::RegistryMemory memory;
  ASSERT_TRUE(memory.ParseFromString(first[1].facts()));
  EXPECT_THAT(memory.servers_at_rest(), SizeIs(1));
  EXPECT_THAT(server.questions, SizeIs(1));
  const auto second = run(first[1].facts()).sections();
  ASSERT_THAT(second, SizeIs(2));
  EXPECT_EQ(second[0].reason(), first[0].reason());
  EXPECT_EQ(second[1].facts(), first[1].facts());
  EXPECT_EQ(server.accepted, 1);
}

TEST_F(DomainProbe, AsksNobodyWhereRootDoesNotListTheServersNetworkForIt) {
  request.mutable_target_rules()->mutable_allow(1)->set_kinds(0, "tls");
  const auto sections = run().sections();
  ASSERT_THAT(sections, SizeIs(1));
  EXPECT_THAT(sections[0].reason(), HasSubstr("not an address that may be asked"));
  EXPECT_EQ(server.accepted, 0);
}

TEST_F(DomainProbe, DoesNotRunWithABrokenListOfTheSite) {
  bootstrap = "{";
  const ProbeEnd end = run();
  EXPECT_EQ(end.status, 65);
  EXPECT_THAT(end.errors, StartsWith("/etc/muster/rdap-bootstrap.json: "));
  EXPECT_EQ(server.accepted, 0);
}

TEST_F(DomainProbe, TakesNoListOfTheSiteThatOthersMayWriteTo) {
  constexpr int kList = agent::kFirstInherited + 7;
  const Descriptor file = network_probe::test::file_of(bootstrap);
  ::fchmod(file.get(), 0620);
  ASSERT_EQ(::dup2(file.get(), kList), kList);
  EXPECT_THAT(std::string(read_registry_inputs().status().message()),
              HasSubstr("must be root's to write alone"));
  ::fchmod(file.get(), 0640);
  const absl::StatusOr<RegistryInputs> inputs = read_registry_inputs();
  ::close(kList);
  ASSERT_TRUE(inputs.ok()) << inputs.status();
  EXPECT_TRUE(inputs->of_site.has_value());
}

}  // namespace
}  // namespace muster::domains::registry
