// The probe tcp in its sandbox: it reaches what root's rules allow, asks name servers over UDP and
// TCP, and has all the sockets that a batch of hundreds of looks takes.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <string>

#include "agent/launcher/section_stream.h"
#include "agent/looking/probe_list.h"
#include "muster/v1/probe.pb.h"
#include "muster/v1/tcp_facts.pb.h"
#include "tests/agent/sandbox/loopback_port.h"
#include "tests/agent/sandbox/sandboxed_program.h"
#include "tests/common/temporary_directory.h"

namespace muster::agent {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

constexpr const char* kProgram = MUSTER_BUILD_DIRECTORY "/libexec/muster/probes/muster-probe-tcp";

const ProbeRow& tcp() {
  return *std::find_if(all_probes().begin(), all_probes().end(),
                       [](const ProbeRow& row) { return row.name == "tcp"; });
}

class SandboxedTcp : public ::testing::Test {
 protected:
  SandboxedTcp() { ::chmod(directory_.path().c_str(), 0755); }

  void add(const std::string& entity, const std::string& address, bool allowed = true) {
    v1::TargetLook& look = *batch_.add_looks();
    look.set_entity(entity);
    look.set_address(address);
    look.set_timeout_milliseconds(10'000);
    if (allowed) request_.mutable_target_rules()->add_own(address);
  }

  // The sections by their entities. Name servers and hosts are those of this text.
  std::map<std::string, v1::Section> look(Starter starter, const std::string& resolv_conf,
                                          const std::string& hosts) {
    const std::string servers = directory_.write("resolv.conf", resolv_conf);
    const std::string names = directory_.write("hosts", hosts);
    const std::vector<std::string_view> inherited{servers, names};
    request_.set_root("/");
    LaunchRequest launched;
    launched.program = kProgram;
    launched.timeout = tcp().timeout;
    launched.targets = batch_.SerializeAsString();
    SandboxPlan plan = plan_of(tcp().sandbox, kProgram);
    plan.declaration.inherited = inherited;
    const SandboxedRun run = run_sandboxed(plan, starter, request_.SerializeAsString(), launched);
    EXPECT_EQ(run.result.end, LaunchResult::End::kExited) << run.result.code;
    EXPECT_EQ(run.result.code, 0) << run.result.error_output;
    std::map<std::string, v1::Section> sections;
    const auto whole = parse_whole_sections(run.result.output);
    EXPECT_TRUE(whole.ok()) << whole.status();
    if (!whole.ok()) return sections;
    for (const v1::Section& section : whole->sections)
      sections[section.entity()] = section;
    return sections;
  }

  static v1::TcpAnswer answer_of(const v1::Section& section) {
    v1::TcpFacts facts;
    EXPECT_EQ(section.outcome(), v1::OUTCOME_OBSERVED) << section.reason();
    EXPECT_TRUE(facts.ParseFromString(section.facts()));
    return facts.answer();
  }

  test::TemporaryDirectory directory_;
  v1::ProbeRequest request_;
  v1::TargetBatch batch_;
};

TEST_F(SandboxedTcp, SeesWhatAnswersWhereRootAllowsItAndDialsNothingElse) {
  const LoopbackPort open(16);
  const LoopbackPort closed(0);
  add("open", fmt::format("127.0.0.1:{}", open.number));
  add("named", fmt::format("shop.internal:{}", open.number));
  add("closed", fmt::format("127.0.0.1:{}", closed.number));
  add("forbidden", fmt::format("127.0.0.2:{}", open.number), false);
  add("metadata", "169.254.169.254:80", false);
  for (const Starter starter : starters()) {
    auto sections = look(starter, "", "127.0.0.1 localhost shop.internal\n");
    ASSERT_EQ(sections.size(), 5) << name_of(starter);
    EXPECT_EQ(answer_of(sections["open"]), v1::TCP_ANSWER_CONNECTED);
    EXPECT_EQ(answer_of(sections["named"]), v1::TCP_ANSWER_CONNECTED);
    EXPECT_EQ(answer_of(sections["closed"]), v1::TCP_ANSWER_REFUSED);
    EXPECT_THAT(sections["forbidden"].reason(), HasSubstr("targets.allow"));
    EXPECT_THAT(sections["metadata"].reason(), HasSubstr("targets.allow"));
  }
}

// Nobody listens there, which the kernel says at once: the probe can ask, and hears the answer.
TEST_F(SandboxedTcp, AsksTheNameServersThatItIsGiven) {
  add("shop", "shop.internal:443");
  for (const Starter starter : starters()) {
    for (const char* transport : {"", "options use-vc\n"}) {
      auto sections = look(starter, std::string("nameserver 127.0.0.153\n") + transport, "");
      EXPECT_EQ(sections["shop"].outcome(), v1::OUTCOME_FAILED);
      EXPECT_THAT(sections["shop"].reason(), HasSubstr("127.0.0.153"))
          << name_of(starter) << transport;
    }
  }
}

// Nobody accepts what waits there, so that all of them are under way together until they time out.
TEST_F(SandboxedTcp, LooksAtHundredsAtOnce) {
  constexpr int kTargets = 600;
  const LoopbackPort full(1);
  for (int i = 0; i < kTargets; ++i) {
    add(fmt::format("target-{}", i), fmt::format("127.0.0.1:{}", full.number));
    batch_.mutable_looks(i)->set_timeout_milliseconds(1000);
  }
  request_.mutable_target_rules()->set_per_second(10'000);
  request_.mutable_target_rules()->set_per_address_per_second(10'000);
  for (const Starter starter : starters()) {
    const auto sections = look(starter, "", "");
    ASSERT_EQ(sections.size(), kTargets) << name_of(starter);
    int timed_out = 0;
    for (const auto& [entity, section] : sections)
      timed_out += answer_of(section) == v1::TCP_ANSWER_TIMED_OUT ? 1 : 0;
    EXPECT_GT(timed_out, kTargets / 2);
  }
}

}  // namespace
}  // namespace muster::agent
