// What the probes of patch levels tell, as samples. The whole of it is in full_host.prom.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/common/exposition/full_host.h"

namespace muster::exposition {
namespace {

using namespace muster::testing;  // the words of the tests
using ::testing::HasSubstr;
using ::testing::Not;

TEST(PackageMetrics, EmitZerosAndTheUnknownOnlyWhereThereIsSuchAnUpdate) {
  v1::PackageFacts facts = apt_facts();
  std::vector<SectionState> sections{observed("packages-apt", facts)};
  HostMetricsInput input{.host = "h", .sections = sections};
  std::string text = samples(input);
  EXPECT_THAT(text, HasSubstr("muster_packages_pending{host=\"h\",manager=\"apt\","
                              "kind=\"security\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("muster_packages_installable{host=\"h\",manager=\"apt\","
                              "kind=\"other\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("muster_packages_held{host=\"h\",manager=\"apt\"} 0\n"));
  EXPECT_THAT(text, Not(HasSubstr("unknown")));
  add_update(facts, "x", v1::SECURITY_UNSPECIFIED).set_would_install(false);
  sections[0] = observed("packages-apt", facts);
  text = samples(input);
  EXPECT_THAT(text, HasSubstr("kind=\"unknown\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("muster_packages_installable{host=\"h\",manager=\"apt\","
                              "kind=\"unknown\"} 0\n"));
  // A repository that does not tell makes it a figure, and not nothing.
  facts.clear_pending_updates();
  facts.add_repositories_without_errata("epel");
  sections[0] = observed("packages-apt", facts);
  EXPECT_THAT(samples(input), HasSubstr("kind=\"unknown\"} 0\n"));
}

TEST(PackageMetrics, ShowOfAutomaticUpdatesOnlyWhatCouldBeTold) {
  v1::PackageFacts facts = apt_facts();
  v1::AutomaticUpdateState& state = *facts.mutable_automatic_updates();
  state.set_mechanism("unattended-upgrades");
  const auto shown = [&facts] {
    std::vector<SectionState> sections{observed("packages-apt", facts)};
    const std::string text = samples({.host = "h", .sections = sections});
    const std::string series =
        "muster_automatic_updates{host=\"h\",manager=\"apt\",mechanism=\"unattended-upgrades\"} ";
    const size_t at = text.find(series);
    return at == std::string::npos ? "none" : text.substr(at + series.size(), 1);
  };
  EXPECT_EQ(shown(), "none");
  state.set_state(v1::AUTOMATIC_UPDATES_DOWNLOAD_ONLY);
  EXPECT_EQ(shown(), "0");
  state.set_state(v1::AUTOMATIC_UPDATES_ON);
  EXPECT_EQ(shown(), "0");
  state.set_takes_security(true);
  EXPECT_EQ(shown(), "1");
}

TEST(RestartMetrics, ShowNoRebootOfWhatDoesNotApplyOrCouldNotBeTold) {
  v1::RestartFacts facts = restart_facts();
  const auto shown = [&facts](bool with_packages) {
    std::vector<SectionState> sections{observed("restart", facts)};
    if (with_packages) sections.push_back(observed("packages-apt", whole_apt_facts()));
    return samples({.host = "h", .sections = sections});
  };
  EXPECT_THAT(shown(true), HasSubstr("muster_reboot_pending{host=\"h\",reason=\"kernel\"} 0\n"));
  EXPECT_THAT(shown(true), HasSubstr("reason=\"microcode\"} 0\n"));
  EXPECT_THAT(shown(false), Not(HasSubstr("reason=\"kernel\"")));
  EXPECT_THAT(shown(false), HasSubstr("reason=\"requested\"} 0\n"));
  facts.mutable_kernel()->set_state(v1::RESTART_STATE_NOT_APPLICABLE);
  facts.mutable_microcode()->set_state(v1::RESTART_STATE_NOT_APPLICABLE);
  EXPECT_THAT(shown(true), Not(HasSubstr("reason=\"kernel\"")));
  EXPECT_THAT(shown(true), Not(HasSubstr("reason=\"microcode\"")));
}

}  // namespace
}  // namespace muster::exposition
