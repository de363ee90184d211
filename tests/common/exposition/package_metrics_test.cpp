// What the probes of patch levels tell, as samples. The whole of it is in full_host.prom.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
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

// Families of packages and repositories that have samples.
std::set<std::string> families_of(const SectionState& section) {
  const std::vector<SectionState> sections{section};
  const std::string text = samples({.host = "h", .sections = sections});
  std::set<std::string> names;
  for (size_t begin = 0; begin < text.size(); begin = text.find('\n', begin) + 1) {
    const std::string name = text.substr(begin, text.find('{', begin) - begin);
    if (name.starts_with("muster_package") || name.starts_with("muster_repo")) names.insert(name);
  }
  return names;
}

TEST(PackageMetrics, SayWithoutListsNothingThatOnlyListsTell) {
  v1::PackageFacts facts = apt_facts();
  facts.set_obsolete(500);
  const std::set<std::string> of_lists{"muster_package_lists_updated_timestamp_seconds",
                                       "muster_packages_excluded",
                                       "muster_packages_installable",
                                       "muster_packages_obsolete",
                                       "muster_packages_pending",
                                       "muster_packages_third_party",
                                       "muster_repositories_without_errata"};
  const std::set<std::string> of_the_host{"muster_packages_broken", "muster_packages_held",
                                          "muster_packages_installed"};
  std::set<std::string> all = of_lists;
  all.insert(of_the_host.begin(), of_the_host.end());
  EXPECT_EQ(families_of(observed("packages-apt", facts)), all);
  facts.set_lists_present(false);
  EXPECT_EQ(families_of(observed("packages-apt", facts)), of_the_host);
}

TEST(PackageMetrics, SayNoneIsForSecurityOnlyWhereARepositoryWouldTell) {
  v1::PackageFacts facts = apt_facts();
  facts.set_manager("apk");
  for (const char* repository : {"main", "community"}) {
    facts.add_repositories_without_errata(repository);
    add_key(facts, repository, v1::REPOSITORY_KEY_STATE_VALID);
  }
  add_update(facts, "busybox", v1::SECURITY_UNSPECIFIED);
  const auto shown = [&facts] {
    std::vector<SectionState> sections{observed("packages-apk", facts)};
    return samples({.host = "h", .sections = sections});
  };
  EXPECT_THAT(shown(), HasSubstr("kind=\"unknown\"} 1\n"));
  EXPECT_THAT(shown(), Not(HasSubstr("kind=\"security\"")));
  EXPECT_THAT(shown(), Not(HasSubstr("kind=\"other\"")));
  // One that was never fetched tells nothing.
  add_key(facts, "host bookworm", v1::REPOSITORY_KEY_STATE_MISSING)
      .set_reason("it was never fetched");
  EXPECT_THAT(shown(), Not(HasSubstr("kind=\"security\"")));
  // One that tells is enough.
  add_key(facts, "tells", v1::REPOSITORY_KEY_STATE_VALID);
  EXPECT_THAT(shown(), HasSubstr("kind=\"security\"} 0\n"));
  facts.mutable_repository_keys()->RemoveLast();
  add_update(facts, "musl", v1::SECURITY_YES);
  EXPECT_THAT(shown(), HasSubstr("kind=\"security\"} 1\n"));
}

TEST(PackageMetrics, CountBrokenPackagesOnlyWhereTheyAreLookedFor) {
  v1::PackageFacts facts = apt_facts();
  facts.set_manager("rpm");
  const auto shown = [&facts] {
    std::vector<SectionState> sections{observed("packages-rpm", facts)};
    return samples({.host = "h", .sections = sections});
  };
  EXPECT_THAT(shown(), Not(HasSubstr("muster_packages_broken")));
  facts.add_broken("half");
  EXPECT_THAT(shown(), HasSubstr("muster_packages_broken{host=\"h\",manager=\"rpm\"} 1\n"));
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

TEST(RestartMetrics, SayNoneOnlyOfWhatWasLookedAt) {
  v1::RestartFacts facts = restart_facts();
  const auto shown = [&facts] {
    std::vector<SectionState> sections{observed("restart", facts)};
    return samples({.host = "h", .sections = sections});
  };
  EXPECT_THAT(shown(), HasSubstr("muster_stale_services{host=\"h\"} 0\n"));
  EXPECT_THAT(shown(), Not(HasSubstr("reason=\"libraries\"")));
  facts.set_replaced_since_boot_looked_at(true);
  EXPECT_THAT(shown(), HasSubstr("reason=\"libraries\"} 0\n"));
  facts.set_processes_unreadable(50);
  EXPECT_THAT(shown(), Not(HasSubstr("muster_stale_services")));
  facts.set_stale_service_count(2);
  EXPECT_THAT(shown(), HasSubstr("muster_stale_services{host=\"h\"} 2\n"));
  facts.clear_stale_service_count();
  facts.clear_processes_unreadable();
  facts.set_processes_mounts_unseen(1);
  EXPECT_THAT(shown(), Not(HasSubstr("muster_stale_services")));
  facts.clear_processes_mounts_unseen();
  facts.add_problems("only 10 of 20 processes were looked at");
  EXPECT_THAT(shown(), Not(HasSubstr("muster_stale_services")));
  EXPECT_THAT(shown(), HasSubstr("reason=\"requested\"} 0\n"));
  facts.set_problems(0, "/run/reboot-required: Permission denied");
  EXPECT_THAT(shown(), HasSubstr("muster_stale_services{host=\"h\"} 0\n"));
  EXPECT_THAT(shown(), Not(HasSubstr("reason=\"requested\"")));
}

}  // namespace
}  // namespace muster::exposition
