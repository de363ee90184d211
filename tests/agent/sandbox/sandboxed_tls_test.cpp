// The probe tls in its sandbox: handshakes need no file and no call that it does not have, and what
// it is given open is what it trusts and shows.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <string>
#include <thread>

#include "agent/launcher/section_stream.h"
#include "agent/looking/probe_list.h"
#include "muster/v1/probe.pb.h"
#include "muster/v1/tls_facts.pb.h"
#include "tests/agent/probes/tls/tls_server.h"
#include "tests/agent/sandbox/sandboxed_program.h"
#include "tests/common/certificate_maker.h"
#include "tests/common/temporary_directory.h"

namespace muster::agent {
namespace {

using ::testing::ElementsAre;

constexpr const char* kProgram = MUSTER_BUILD_DIRECTORY "/libexec/muster/probes/muster-probe-tls";

const ProbeRow& tls_row() {
  return *std::find_if(all_probes().begin(), all_probes().end(),
                       [](const ProbeRow& row) { return row.name == "tls"; });
}

std::string authority_of(const tls::test::ServedCertificate& served) {
  const auto* der = reinterpret_cast<const unsigned char*>(served.chain[1].data());
  const X509Ptr authority(d2i_X509(nullptr, &der, static_cast<long>(served.chain[1].size())));
  return muster::test::certificate_pem(authority.get());
}

// What the row inherits, each from a file of the test's; but for resolver data and the first bundle
// of authorities none is there.
class SandboxedTls : public ::testing::Test {
 protected:
  SandboxedTls() { ::chmod(directory_.path().c_str(), 0755); }

  v1::TlsFacts look(Starter starter, const std::string& address, const std::string& authority) {
    const std::string servers = directory_.write("resolv.conf", "");
    const std::string names = directory_.write("hosts", "127.0.0.1 www.example.org\n");
    const std::string bundle = directory_.write("bundle.pem", authority);
    const std::string none = directory_.path() + "/none";
    const std::vector<std::string_view> inherited{servers, names, none, bundle, none, none, none};
    EXPECT_EQ(inherited.size(), tls_row().sandbox.inherited.size());
    v1::ProbeRequest request;
    request.set_root("/");
    request.mutable_target_rules()->set_anywhere(true);
    v1::TargetBatch batch;
    v1::TargetLook& one = *batch.add_looks();
    one.set_entity("target");
    one.set_address(address);
    one.set_timeout_milliseconds(30'000);
    LaunchRequest launched;
    launched.program = kProgram;
    launched.timeout = tls_row().timeout;
    launched.targets = batch.SerializeAsString();
    SandboxPlan plan = plan_of(tls_row().sandbox, kProgram);
    plan.declaration.inherited = inherited;
    const SandboxedRun run = run_sandboxed(plan, starter, request.SerializeAsString(), launched);
    EXPECT_EQ(run.result.end, LaunchResult::End::kExited) << run.result.code;
    EXPECT_EQ(run.result.code, 0) << run.result.error_output;
    v1::TlsFacts facts;
    const auto whole = parse_whole_sections(run.result.output);
    EXPECT_TRUE(whole.ok() && whole->sections.size() == 1) << whole.status();
    if (!whole.ok() || whole->sections.empty()) return facts;
    EXPECT_EQ(whole->sections[0].outcome(), v1::OUTCOME_OBSERVED) << whole->sections[0].reason();
    EXPECT_TRUE(facts.ParseFromString(whole->sections[0].facts()));
    return facts;
  }

  test::TemporaryDirectory directory_;
};

TEST_F(SandboxedTls, TellsTheChainByTheAuthoritiesItIsGivenAndTheOldVersions) {
  const tls::test::ServedCertificate served = tls::test::make_served({"DNS:www.example.org"});
  boost::asio::io_context io(1);
  const tls::test::TlsServer server(io, served);
  const std::string address = fmt::format("www.example.org:{}", server.port());
  std::thread serving([&io] { io.run(); });
  for (const Starter starter : starters()) {
    const v1::TlsFacts facts = look(starter, address, authority_of(served));
    ASSERT_EQ(facts.services_size(), 1) << name_of(starter);
    EXPECT_EQ(facts.services(0).answer(), v1::TLS_ANSWER_COMPLETED) << facts.services(0).detail();
    EXPECT_TRUE(facts.services(0).name_matches());
    EXPECT_THAT(facts.services(0).versions(),
                ElementsAre("TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"));
    ASSERT_EQ(facts.chains_size(), 1);
    EXPECT_EQ(facts.chains(0).trust(), v1::CHAIN_TRUST_TRUSTED) << facts.chains(0).trust_detail();
  }
  io.stop();
  serving.join();
}

}  // namespace
}  // namespace muster::agent
