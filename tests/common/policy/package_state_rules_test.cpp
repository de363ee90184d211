// The rules about the state of packages and repositories: held, broken, without a repository, keys,
// automatic updates.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "common/policy/rules.h"
#include "tests/common/policy/judging.h"
#include "tests/common/policy/restart.h"

namespace muster::policy {
namespace {

using namespace muster::testing;  // the words of the tests
using ::testing::ElementsAre;

std::vector<std::string> judged(const Control& control, const v1::PackageFacts& facts) {
  return lines(judge(control, {observed("packages-apt", facts)}));
}

TEST(HeldSecurityUpdates, AreThoseOfPackagesThatAreHeld) {
  const Control control = control_of("held_security_updates");
  v1::PackageFacts facts = apt_facts();
  add_update(facts, "openssl", v1::SECURITY_YES);
  v1::PendingUpdate& libssl = add_update(facts, "libssl3", v1::SECURITY_YES);
  libssl.set_source_package("openssl");
  libssl.set_would_install(false);
  libssl.set_not_installed_because("held");
  v1::PendingUpdate& kept = add_update(facts, "bash", v1::SECURITY_YES);
  kept.set_would_install(false);
  kept.set_not_installed_because("kept back");
  add_update(facts, "vim", v1::SECURITY_NO);
  facts.add_held("vim");
  EXPECT_THAT(judged(control, facts), ElementsAre(" | pass | no security update is held"));
  facts.add_held("libssl3");
  EXPECT_THAT(judged(control, facts),
              ElementsAre("openssl | fail | 1.0-2 waits: libssl3, openssl, but an upgrade would "
                          "not install libssl3 (held)"));
  facts.set_lists_present(false);
  EXPECT_THAT(judged(control, facts),
              ElementsAre(" | unknown | no package lists are present, so nothing is known of "
                          "updates"));
}

TEST(PackagesWhole, NameEachThatIsNot) {
  const Control control = control_of("packages_whole");
  v1::PackageFacts facts = apt_facts();
  EXPECT_THAT(judged(control, facts), ElementsAre(" | pass | every package is fully installed"));
  facts.add_broken("half");
  facts.add_broken("worse\n");
  EXPECT_THAT(judged(control, facts),
              ElementsAre("half | fail | it is not fully installed or configured",
                          "worse\\x0a | fail | it is not fully installed or configured"));
}

TEST(PackagesHaveRepository, UpToANumber) {
  Control control = control_of("packages_have_repository");
  v1::PackageFacts facts = apt_facts();
  EXPECT_THAT(judged(control, facts),
              ElementsAre("apt | pass | every installed package is in a repository"));
  facts.set_obsolete(1);
  EXPECT_THAT(judged(control, facts),
              ElementsAre("apt | fail | 1 installed package is in no repository"));
  control.parameters = {{"at_most", int64_t{3}}};
  facts.set_obsolete(3);
  EXPECT_THAT(judged(control, facts),
              ElementsAre("apt | pass | 3 installed packages are in no repository; 3 may be"));
  facts.set_obsolete(4);
  EXPECT_THAT(judged(control, facts),
              ElementsAre("apt | fail | 4 installed packages are in no repository; 3 may be"));
  facts.set_lists_present(false);
  EXPECT_THAT(judged(control, facts),
              ElementsAre("apt | unknown | no package lists are present, so it cannot be told "
                          "what they offer"));
}

TEST(RepositoryKeys, AreJudgedByRepositoryAndTheBestOfEachCounts) {
  struct Story {
    v1::RepositoryKeyState state;
    std::string line;
  };
  const std::vector<Story> stories = {
      {v1::REPOSITORY_KEY_STATE_VALID, "r | pass | AB12 (Archive) ends on 2026-12-01"},
      {v1::REPOSITORY_KEY_STATE_EXPIRED, "r | fail | AB12 (Archive) ended on 2026-12-01"},
      {v1::REPOSITORY_KEY_STATE_REVOKED, "r | fail | AB12 (Archive) was revoked"},
      {v1::REPOSITORY_KEY_STATE_MISSING, "r | fail | AB12 (Archive) is in none of its keyrings"},
      {v1::REPOSITORY_KEY_STATE_UNSIGNED, "r | fail | nothing that it offers need be signed"},
      {v1::REPOSITORY_KEY_STATE_UNSPECIFIED,
       "r | unknown | how AB12 (Archive) stands could not be told"},
  };
  const Control control = control_of("repository_keys_valid");
  for (const Story& story : stories) {
    v1::PackageFacts facts = apt_facts();
    v1::RepositoryKey& key = add_key(facts, "r", story.state);
    key.set_fingerprint("AB12");
    key.set_user_id("Archive");
    *key.mutable_not_after() = to_proto(kNow + days(10));
    EXPECT_THAT(judged(control, facts), ElementsAre(story.line));
    // Beside a good one it does not matter; the other way about neither.
    add_key(facts, "r", v1::REPOSITORY_KEY_STATE_VALID);
    add_key(facts, "r", v1::REPOSITORY_KEY_STATE_MISSING);
    EXPECT_THAT(judged(control, facts), ElementsAre("r | pass | its key has no end"));
  }
}

TEST(RepositoryKeys, EndByThemselves) {
  v1::PackageFacts facts = apt_facts();
  *add_key(facts, "r", v1::REPOSITORY_KEY_STATE_VALID).mutable_not_after() =
      to_proto(kNow + hours(2));
  const std::vector<SectionState> sections{observed("packages-apt", facts)};
  const Control control = control_of("repository_keys_valid");
  const auto standing = [&](TimePoint now) {
    return evaluate({.sections = sections}, {}, {{control}}, now).standings[0];
  };
  EXPECT_EQ(standing(kNow).status, v1::STATUS_PASS);
  EXPECT_EQ(standing(kNow).valid_until, kNow + hours(2));
  EXPECT_EQ(standing(kNow + hours(2)).status, v1::STATUS_FAIL);
}

TEST(RepositoryKeys, AreUnknownWhereNoneIsToldOf) {
  const Control control = control_of("repository_keys_valid");
  v1::PackageFacts facts = apt_facts();
  EXPECT_THAT(judged(control, facts),
              ElementsAre("apt | unknown | the probe tells of no repository's key"));
  facts.set_lists_present(false);
  EXPECT_THAT(judged(control, facts),
              ElementsAre("apt | not_applicable | no package lists are present"));
}

TEST(AutomaticUpdates, AreOnWhereTheyInstallWhatIsForSecurity) {
  const Control control = control_of("automatic_updates_on");
  v1::PackageFacts facts = whole_apt_facts();
  EXPECT_THAT(judged(control, facts),
              ElementsAre("apt | pass | unattended-upgrades is on, last with success on "
                          "2026-11-21"));
  v1::AutomaticUpdateState& state = *facts.mutable_automatic_updates();
  state.clear_last_success_at();
  EXPECT_THAT(judged(control, facts), ElementsAre("apt | pass | unattended-upgrades is on"));
  state.set_takes_security(false);
  EXPECT_THAT(judged(control, facts),
              ElementsAre("apt | fail | unattended-upgrades is on, and takes no security updates"));
  state.set_reason("APT::Periodic::Unattended-Upgrade is \"0\"");
  state.set_state(v1::AUTOMATIC_UPDATES_OFF);
  EXPECT_THAT(judged(control, facts), ElementsAre("apt | fail | unattended-upgrades is off: "
                                                  "APT::Periodic::Unattended-Upgrade is \"0\""));
  state.set_state(v1::AUTOMATIC_UPDATES_DOWNLOAD_ONLY);
  EXPECT_THAT(judged(control, facts),
              ElementsAre("apt | fail | unattended-upgrades installs nothing: "
                          "APT::Periodic::Unattended-Upgrade is \"0\""));
  state.clear_state();
  state.clear_mechanism();
  state.clear_reason();
  EXPECT_THAT(judged(control, facts),
              ElementsAre("apt | unknown | what installs updates is there, and it could not be "
                          "told whether it is on"));
  facts.clear_automatic_updates();
  EXPECT_THAT(judged(control, facts),
              ElementsAre("apt | unknown | the probe does not tell whether something installs "
                          "updates by itself"));
}

}  // namespace
}  // namespace muster::policy
