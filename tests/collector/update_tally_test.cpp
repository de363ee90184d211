#include "collector/fleet/update_tally.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

#include "common/timestamp.h"

namespace muster::collector {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr TimePoint kNow{seconds(1'800'000'000)};

v1::PackageFacts fresh() {
  v1::PackageFacts facts;
  facts.set_lists_present(true);
  *facts.mutable_lists_updated_at() = to_proto(kNow - hours(3));
  return facts;
}

v1::PendingUpdate& add(v1::PackageFacts& facts, const std::string& source,
                       const std::string& package, v1::Security security) {
  v1::PendingUpdate& update = *facts.add_pending_updates();
  update.set_package(package);
  update.set_source_package(source);
  update.set_installed_version("1");
  update.set_candidate_version("2");
  update.set_security(security);
  update.set_would_install(true);
  return update;
}

SectionState section_of(const v1::PackageFacts& facts, const std::string& probe = "packages-apt") {
  SectionState section;
  section.probe = probe;
  section.outcome = v1::OUTCOME_OBSERVED;
  section.looked_at = section.observed_at = kNow - hours(1);
  section.facts_type = facts.GetTypeName();
  section.facts = facts.SerializeAsString();
  return section;
}

class UpdateTallyTest : public testing::Test {
 protected:
  UpdateTallyTest() {
    controls_ = {{.id = "patches", .title = "", .rule = "security_updates"},
                 {.id = "lists", .title = "", .rule = "package_lists_fresh"}};
  }

  void add_host(UpdateTally& tally, const std::string& name, std::vector<SectionState> sections) {
    tally.add({.name = name, .sections = sections, .memory = memory_, .controls = controls_});
  }
  void add_host(UpdateTally& tally, const std::string& name, const v1::PackageFacts& facts) {
    add_host(tally, name, {section_of(facts)});
  }

  policy::FirstSeen memory_;
  std::vector<policy::Control> controls_;
};

TEST_F(UpdateTallyTest, CountsHostsBySourcePackageAndPutsSecurityFirst) {
  UpdateTally tally(kNow);
  v1::PackageFacts facts = fresh();
  add(facts, "openssl", "libssl3", v1::SECURITY_YES).set_severity(v1::ADVISORY_SEVERITY_LOW);
  add(facts, "openssl", "openssl", v1::SECURITY_NO).set_candidate_version("3");
  add(facts, "vim", "vim", v1::SECURITY_NO);
  add(facts, "", "made-here", v1::SECURITY_UNSPECIFIED);
  add_host(tally, "a", facts);
  v1::PackageFacts other = fresh();
  v1::PendingUpdate& held = add(other, "openssl", "openssl", v1::SECURITY_YES);
  held.set_would_install(false);
  held.set_severity(v1::ADVISORY_SEVERITY_CRITICAL);
  add(other, "vim", "vim", v1::SECURITY_NO);
  add(other, "bash", "bash", v1::SECURITY_NO);
  add_host(tally, "b", other);
  const v1::UpdateList list = tally.take();
  EXPECT_EQ(list.hosts_known(), 2u);
  EXPECT_EQ(list.hosts_not_known_count(), 0u);
  EXPECT_EQ(list.update_count(), 4u);
  std::vector<std::string> lines;
  for (const v1::FleetUpdate& update : list.updates()) {
    lines.push_back(fmt::format("{} {} {} {} held {}", update.manager(), update.source_package(),
                                v1::Security_Name(update.security()), update.hosts(),
                                update.hosts_held_back()));
  }
  EXPECT_THAT(lines, ElementsAre("apt openssl SECURITY_YES 2 held 1",
                                 "apt made-here SECURITY_UNSPECIFIED 1 held 0",
                                 "apt vim SECURITY_NO 2 held 0", "apt bash SECURITY_NO 1 held 0"));
  EXPECT_THAT(list.updates(0).packages(), ElementsAre("libssl3", "openssl"));
  EXPECT_THAT(list.updates(0).candidate_versions(), ElementsAre("2", "3"));
  EXPECT_THAT(list.updates(0).host_names(), ElementsAre("a", "b"));
  EXPECT_EQ(list.updates(0).severity(), v1::ADVISORY_SEVERITY_CRITICAL);
}

TEST_F(UpdateTallyTest, NamesCvesOfEachVersionOnceAlsoWhereTheFactsAreNotPlain) {
  for (const char* const repository : {"plain", "gr\xc3\xbc\xc3\x9f"}) {
    UpdateTally tally(kNow);
    for (const char* const host : {"a", "b"}) {
      v1::PackageFacts facts = fresh();
      facts.set_lists_updated_source(repository);
      v1::PendingUpdate& update = add(facts, "openssl", "openssl-libs", v1::SECURITY_YES);
      update.set_candidate_version(host);
      v1::Advisory& advisory = *update.add_advisories();
      advisory.set_id("RHSA-2026:1");
      *advisory.mutable_issued_at() = to_proto(kNow);
      advisory.add_cves("CVE-2026-2");
      advisory.add_cves("CVE-2026-1");
      add_host(tally, host, {section_of(facts, "packages-rpm")});
    }
    const v1::UpdateList list = tally.take();
    ASSERT_EQ(list.updates_size(), 1);
    EXPECT_EQ(list.updates(0).manager(), "rpm");
    EXPECT_THAT(list.updates(0).cves(), ElementsAre("CVE-2026-1", "CVE-2026-2"));
  }
}

TEST_F(UpdateTallyTest, SaysSinceWhenTheHostThatWaitsLongestWaits) {
  UpdateTally tally(kNow);
  v1::PackageFacts facts = fresh();
  add(facts, "openssl", "libssl3", v1::SECURITY_YES);
  add(facts, "vim", "vim", v1::SECURITY_NO);
  memory_ = {{{"", "patches", "openssl"}, kNow - days(2)}};
  add_host(tally, "a", facts);
  // Other controls, other entities and what is not for security do not count.
  memory_ = {{{"", "lists", "openssl"}, kNow - days(90)},
             {{"", "patches", "openssl"}, kNow - days(9)},
             {{"", "patches", "vim"}, kNow - days(50)},
             {{"t", "patches", "openssl"}, kNow - days(80)}};
  add_host(tally, "b", facts);
  const v1::UpdateList list = tally.take();
  ASSERT_EQ(list.updates_size(), 2);
  EXPECT_EQ(from_proto(list.updates(0).waiting_since()), kNow - days(9));
  EXPECT_FALSE(list.updates(1).has_waiting_since());
}

TEST_F(UpdateTallyTest, AHostOfWhichNothingIsKnownIsNeverOneWithoutUpdates) {
  v1::PackageFacts facts = fresh();
  add(facts, "vim", "vim", v1::SECURITY_NO);
  const SectionState good = section_of(facts);
  SectionState old = good;
  old.observed_at = kNow - days(1);
  SectionState failed = good;
  failed.outcome = v1::OUTCOME_FAILED;
  failed.reason = "killed";
  SectionState newer = good;
  newer.facts_type = "muster.v9.PackageFacts";
  SectionState damaged = good;
  damaged.facts = "\xff\xff";
  SectionState absent;
  absent.probe = "packages-rpm";
  absent.outcome = v1::OUTCOME_NOT_APPLICABLE;
  v1::PackageFacts no_lists = facts;
  no_lists.set_lists_present(false);
  v1::PackageFacts old_lists = facts;
  *old_lists.mutable_lists_updated_at() = to_proto(kNow - days(2));
  v1::PackageFacts problems = facts;
  problems.add_problems("sources.list: Permission denied");
  SectionState of_target = good;
  of_target.entity = "web1/t";

  struct Case {
    const char* name;
    std::vector<SectionState> sections;
    bool known;
    uint32_t shown;
  };
  const std::vector<Case> cases{
      {"good", {good}, true, 1},
      {"a manager that it has not", {good, absent}, true, 1},
      {"no section", {}, false, 0},
      {"no manager that is supported", {absent}, false, 0},
      {"not its own", {of_target}, false, 0},
      {"old", {old}, false, 0},
      {"failed", {failed}, false, 1},
      {"newer", {newer}, false, 0},
      {"damaged", {damaged}, false, 0},
      {"no lists", {section_of(no_lists)}, false, 1},
      {"old lists", {section_of(old_lists)}, false, 1},
      {"problems", {section_of(problems)}, false, 1},
      {"one of two", {good, section_of(no_lists, "packages-rpm")}, false, 2}};
  for (const Case& one : cases) {
    UpdateTally tally(kNow);
    add_host(tally, "web1", one.sections);
    const v1::UpdateList list = tally.take();
    EXPECT_EQ(list.hosts_known(), one.known ? 1u : 0u) << one.name;
    EXPECT_EQ(list.hosts_not_known_count(), one.known ? 0u : 1u) << one.name;
    EXPECT_EQ(list.hosts_not_known_size(), one.known ? 0 : 1) << one.name;
    EXPECT_EQ(list.update_count(), one.shown) << one.name;
  }
}

TEST_F(UpdateTallyTest, KeepsLittleHoweverMuchHostsSay) {
  UpdateTally tally(kNow, {.listed = 3,
                           .told_apart = 5,
                           .packages = 2,
                           .versions = 2,
                           .cves = 2,
                           .hosts_of_one = 2,
                           .hosts_of_all = 5});
  for (int host = 0; host < 4; ++host) {
    v1::PackageFacts facts = fresh();
    for (int number = 0; number < 8; ++number) {
      v1::PendingUpdate& update =
          add(facts, fmt::format("s{}", number), fmt::format("p{}", host), v1::SECURITY_YES);
      update.set_candidate_version(std::to_string(host));
      for (int cve = 0; cve < 4; ++cve)
        (update.advisories().empty() ? update.add_advisories() : update.mutable_advisories(0))
            ->add_cves(fmt::format("CVE-{}-{}", host, cve));
    }
    add_host(tally, fmt::format("h{}", host), facts);
  }
  for (int host = 4; host < 8; ++host)
    add_host(tally, fmt::format("h{}", host), std::vector<SectionState>());
  const v1::UpdateList list = tally.take();
  EXPECT_EQ(list.update_count(), 5u);
  ASSERT_EQ(list.updates_size(), 3);
  EXPECT_EQ(list.updates(0).hosts(), 4u);
  EXPECT_THAT(list.updates(0).packages(), ElementsAre("p0", "p1"));
  EXPECT_THAT(list.updates(0).candidate_versions(), ElementsAre("0", "1"));
  EXPECT_THAT(list.updates(0).cves(), ElementsAre("CVE-0-0", "CVE-0-1"));
  EXPECT_THAT(list.updates(0).host_names(), ElementsAre("h0", "h1"));
  EXPECT_THAT(list.updates(1).host_names(), ElementsAre("h0", "h1"));
  EXPECT_THAT(list.updates(2).host_names(), ElementsAre("h0"));
  EXPECT_THAT(list.hosts_not_known(), ElementsAre("h4", "h5"));
  EXPECT_EQ(list.hosts_not_known_count(), 4u);
}

TEST_F(UpdateTallyTest, TextOfAllTogetherIsBounded) {
  UpdateTally tally(kNow, {.text_bytes = 8});
  v1::PackageFacts facts = fresh();
  add(facts, "s", "12345", v1::SECURITY_YES);
  add(facts, "s", "123456", v1::SECURITY_YES);
  add_host(tally, "a", facts);
  const v1::UpdateList list = tally.take();
  EXPECT_THAT(list.updates(0).packages(), ElementsAre("12345"));
  EXPECT_THAT(list.updates(0).candidate_versions(), ElementsAre("2"));
}

TEST_F(UpdateTallyTest, WhatHostsSayIsPrintableAndShort) {
  UpdateTally tally(kNow);
  v1::PackageFacts facts = fresh();
  add(facts, std::string(1000, 's'), "a\x1b[2J", v1::SECURITY_YES);
  add_host(tally, "a", facts);
  const v1::UpdateList list = tally.take();
  EXPECT_LE(list.updates(0).source_package().size(), 256u);
  EXPECT_THAT(list.updates(0).packages(), ElementsAre("a\\x1b[2J"));
}

TEST_F(UpdateTallyTest, PutsTheWorstSeverityFirstAndWhatIsNotGradedBeforeMedium) {
  UpdateTally tally(kNow);
  v1::PackageFacts apt = fresh();
  add(apt, "openssl", "openssl", v1::SECURITY_YES);
  add(apt, "vim", "vim", v1::SECURITY_UNSPECIFIED).set_severity(v1::ADVISORY_SEVERITY_CRITICAL);
  v1::PackageFacts rpm = fresh();
  add(rpm, "low", "low", v1::SECURITY_YES).set_severity(v1::ADVISORY_SEVERITY_LOW);
  add(rpm, "medium", "medium", v1::SECURITY_YES).set_severity(v1::ADVISORY_SEVERITY_MODERATE);
  add(rpm, "high", "high", v1::SECURITY_YES).set_severity(v1::ADVISORY_SEVERITY_IMPORTANT);
  add(rpm, "kernel", "kernel", v1::SECURITY_YES).set_severity(v1::ADVISORY_SEVERITY_CRITICAL);
  add_host(tally, "a", apt);
  add_host(tally, "b", apt);
  add_host(tally, "c", {section_of(rpm, "packages-rpm")});
  const v1::UpdateList list = tally.take();
  std::vector<std::string> names;
  for (const v1::FleetUpdate& update : list.updates())
    names.push_back(update.source_package());
  EXPECT_THAT(names, ElementsAre("kernel", "high", "openssl", "medium", "low", "vim"));
}

TEST_F(UpdateTallyTest, CountsHostsOfEachPackageManagerAndListsThoseOfMostHosts) {
  UpdateTally tally(kNow, {.managers = 2, .managers_told_apart = 4});
  const v1::PackageFacts facts = fresh();
  add_host(tally, "a",
           {section_of(facts, "packages-made"), section_of(facts, "packages-up"),
            section_of(facts, "packages-rpm")});
  add_host(tally, "b", facts);
  add_host(tally, "c", {section_of({}), section_of(facts, "packages-rpm")});
  add_host(tally, "d", {section_of(facts, "packages-rpm"), section_of(facts, "packages-fifth")});
  const v1::UpdateList list = tally.take();
  std::vector<std::string> lines;
  for (const v1::ManagerHosts& hosts : list.managers()) {
    lines.push_back(
        fmt::format("{} {} {}", hosts.manager(), hosts.hosts_known(), hosts.hosts_not_known()));
  }
  EXPECT_THAT(lines, ElementsAre("rpm 3 0", "apt 1 1"));
}

TEST_F(UpdateTallyTest, OfNoHostsSaysNothing) {
  const v1::UpdateList list = UpdateTally(kNow).take();
  EXPECT_THAT(list.updates(), IsEmpty());
  EXPECT_EQ(list.hosts_known() + list.hosts_not_known_count(), 0u);
}

}  // namespace
}  // namespace muster::collector
