// The agent understands what earlier versions kept on disk, what earlier collectors answer, and
// probes of then; probes understand what agents of then asked.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/config/config.h"
#include "agent/launcher/section_stream.h"
#include "agent/outbox/outbox.h"
#include "common/digest.h"
#include "muster/v1/certificate_facts.pb.h"
#include "muster/v1/host_facts.pb.h"
#include "muster/v1/package_facts.pb.h"
#include "muster/v1/probe.pb.h"
#include "tests/common/temporary_directory.h"
#include "tests/compatibility/golden_set.h"

namespace muster::agent {
namespace {

using test::GoldenSet;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class ClockOfThen : public Clock {
 public:
  TimePoint now() const override {
    return std::chrono::sys_days(std::chrono::year(2026) / 3 / 1) + std::chrono::hours(17);
  }
};

class GoldenAgent : public ::testing::TestWithParam<GoldenSet> {
 protected:
  std::unique_ptr<Outbox> open_outbox() {
    const std::string path = directory_.file("outbox");
    if (!std::filesystem::exists(path)) {
      std::filesystem::copy(GetParam().path("outbox"), path,
                            std::filesystem::copy_options::recursive);
    }
    auto outbox = Outbox::open({.directory = path, .write = {}}, clock_);
    EXPECT_TRUE(outbox.ok()) << outbox.status();
    return outbox.ok() ? *std::move(outbox) : nullptr;
  }

  test::TemporaryDirectory directory_;
  ClockOfThen clock_;
};

std::vector<std::string> texts(const v1::SyncRequest& request) {
  std::vector<std::string> result;
  for (const v1::SectionVersion& version : request.versions()) {
    result.push_back(fmt::format("{} {} {} {}", version.probe(), version.sequence(),
                                 v1::Outcome_Name(version.outcome()).substr(8),
                                 version.has_facts() ? "facts" : "-"));
  }
  return result;
}

TEST_P(GoldenAgent, SendsTheOutboxThatWasLeftInItsOrder) {
  const auto outbox = open_outbox();
  ASSERT_NE(outbox, nullptr);
  EXPECT_EQ(outbox->statistics().damaged, 0);
  EXPECT_EQ(outbox->statistics().waiting, 2);
  v1::SyncRequest request = outbox->batch(1 << 20);
  EXPECT_FALSE(request.more());
  EXPECT_THAT(texts(request), ElementsAre("host 2 FAILED -", "certificates 3 OBSERVED facts"));
  EXPECT_EQ(request.versions(1).digest(), sha256(request.versions(1).facts()));
}

TEST_P(GoldenAgent, GoesOnInTheEpochOfThen) {
  const auto outbox = open_outbox();
  ASSERT_NE(outbox, nullptr);
  v1::SyncRequest before;
  ASSERT_TRUE(before.ParseFromString(GetParam().read("requests/web1-3-failed")));
  EXPECT_EQ(outbox->epoch(), before.epoch());
}

TEST_P(GoldenAgent, TakesTheAnswersOfACollectorOfThen) {
  for (const std::string& file : GetParam().list("responses")) {
    v1::SyncResponse response;
    const std::string bytes = GetParam().read("responses/" + file);
    ASSERT_TRUE(response.ParseFromString(bytes)) << file;
    EXPECT_EQ(response.SerializeAsString(), bytes) << file;
    EXPECT_GT(response.epoch(), 0) << file;
    EXPECT_EQ(response.host(), file.substr(0, file.find('-')));
    EXPECT_TRUE(response.has_server_time()) << file;
    EXPECT_EQ(response.next_sync_milliseconds(), 1000) << file;
    EXPECT_GT(response.committed_size(), 0) << file;
    v1::SyncRequest request;
    ASSERT_TRUE(request.ParseFromString(GetParam().read("requests/" + file)));
    for (const v1::CommittedSection& committed : response.committed()) {
      EXPECT_TRUE(std::any_of(request.versions().begin(), request.versions().end(),
                              [&](const auto& version) {
                                return version.probe() == committed.probe() &&
                                       version.sequence() == committed.sequence();
                              }))
          << file << " " << committed.probe();
    }
  }
}

TEST_P(GoldenAgent, AcknowledgesWhatTheCollectorOfThenCommitted) {
  const auto outbox = open_outbox();
  ASSERT_NE(outbox, nullptr);
  v1::SyncResponse response;
  ASSERT_TRUE(response.ParseFromString(GetParam().read("responses/web1-1-first")));
  for (v1::CommittedSection& committed : *response.mutable_committed()) {
    if (committed.probe() == "host") committed.set_sequence(2);
    if (committed.probe() == "certificates") committed.set_sequence(3);
  }
  EXPECT_TRUE(outbox->acknowledge(response));
  EXPECT_EQ(outbox->statistics().waiting, 0);
}

template <typename Facts>
Facts facts_of(const GoldenSet& golden, const std::string& probe) {
  const auto sections = parse_section_stream(golden.read("probe/section-" + probe));
  EXPECT_TRUE(sections.ok()) << sections.status();
  Facts facts;
  if (!sections.ok() || sections->size() != 1) return facts;
  const v1::Section& section = sections->front();
  EXPECT_EQ(section.probe(), probe);
  EXPECT_EQ(section.outcome(), v1::OUTCOME_OBSERVED);
  EXPECT_EQ(section.facts_type(), Facts::descriptor()->full_name());
  EXPECT_TRUE(facts.ParseFromString(section.facts()));
  return facts;
}

TEST_P(GoldenAgent, TakesTheSectionsOfProbesOfThen) {
  const auto host = facts_of<v1::HostFacts>(GetParam(), "host");
  EXPECT_EQ(host.fqdn(), "web1.example.org");
  EXPECT_EQ(host.os_id(), "debian");
  EXPECT_EQ(host.machine_id_hash().size(), 32);

  const auto packages = facts_of<v1::PackageFacts>(GetParam(), "packages-apt");
  EXPECT_EQ(packages.manager(), "apt");
  EXPECT_EQ(packages.installed(), 3);
  ASSERT_EQ(packages.pending_updates_size(), 2);
  EXPECT_EQ(packages.pending_updates(0).package(), "curl");
  EXPECT_EQ(packages.pending_updates(0).security(), v1::SECURITY_NO);
  EXPECT_EQ(packages.pending_updates(1).package(), "openssl");
  EXPECT_EQ(packages.pending_updates(1).candidate_version(), "3.0.17-1");
  EXPECT_EQ(packages.pending_updates(1).security(), v1::SECURITY_YES);
  EXPECT_EQ(packages.pending_updates(1).origins(0).label(), "Debian-Security");

  const auto certificates = facts_of<v1::CertificateFacts>(GetParam(), "certificates");
  ASSERT_EQ(certificates.files_size(), 2);
  EXPECT_EQ(certificates.files(0).path(), "/srv/certificates/api.example.org.pem");
  EXPECT_EQ(certificates.files(1).certificates(0).not_after().seconds(), 1769904000);
  EXPECT_THAT(certificates.files(1).certificates(0).subject_alternative_names(),
              ElementsAre("DNS:shop.example.org"));
}

TEST_P(GoldenAgent, ProbesUnderstandWhatAnAgentOfThenAsks) {
  v1::ProbeRequest request;
  ASSERT_TRUE(request.ParseFromString(GetParam().read("probe/request-certificates")));
  EXPECT_EQ(request.root(), "/");
  ASSERT_EQ(request.settings_size(), 1);
  EXPECT_EQ(request.settings(0).name(), "paths");
  EXPECT_THAT(request.settings(0).values(), ElementsAre("/srv/certificates"));
  ASSERT_TRUE(request.ParseFromString(GetParam().read("probe/request-host")));
  EXPECT_EQ(request.root(), "/");
  EXPECT_THAT(request.settings(), IsEmpty());
}

TEST_P(GoldenAgent, ReadsTheConfigurationThatEnrolmentWrote) {
  const auto config = parse_config(GetParam().read("agent.yml"), "agent.yml");
  ASSERT_TRUE(config.ok()) << config.status();
  ASSERT_EQ(config->collectors.size(), 1);
  EXPECT_EQ(config->collectors[0].text(), "collector.example.org:8433");
  EXPECT_EQ(config->state_directory, "/var/lib/muster-agent");
}

TEST(GoldenSets, AreThere) {
  EXPECT_THAT(GoldenSet::all(), ::testing::Not(IsEmpty()));
}

INSTANTIATE_TEST_SUITE_P(Of, GoldenAgent, ::testing::ValuesIn(GoldenSet::all()),
                         test::version_of_test);

}  // namespace
}  // namespace muster::agent
