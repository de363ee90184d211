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

// A package manager that no probe knows may leave anything open.
TEST(PackageRules, AreUnknownWhereNoPackageManagerThatIsKnownApplies) {
  const SectionState apk = not_applicable("packages-apk", "no apk database");
  const SectionState rpm = not_applicable("packages-rpm", "no rpm database");
  for (const char* const rule :
       {"security_updates", "package_lists_fresh", "held_security_updates", "packages_whole",
        "packages_have_repository", "repository_keys_valid", "automatic_updates_on"}) {
    EXPECT_THAT(lines(judge(control_of(rule), {apk, rpm})),
                ElementsAre(" | unknown | which package manager it uses is not known: it is none "
                            "of apk, rpm"));
    EXPECT_THAT(lines(judge(control_of(rule), {rpm})),
                ElementsAre(" | unknown | which package manager it uses is not known: it is none "
                            "of rpm"));
    EXPECT_THAT(lines(judge(control_of(rule), {apk, failed(rpm, "killed")})),
                ElementsAre(" | unknown | the probe packages-rpm could not look: killed",
                            "apk | not_applicable | no apk database"))
        << rule;
  }
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
}

TEST(HeldSecurityUpdates, AreUnknownWhereNobodyTellsWhatAHeldUpdateIsFor) {
  const Control control = control_of("held_security_updates");
  v1::PackageFacts facts = apt_facts();
  add_update(facts, "busybox", v1::SECURITY_UNSPECIFIED);
  add_update(facts, "nginx", v1::SECURITY_UNSPECIFIED);
  EXPECT_THAT(judged(control, facts), ElementsAre(" | pass | no security update is held"));
  facts.add_held("busybox");
  const v1::Verdict verdict = judge(control, {observed("packages-apk", facts)});
  EXPECT_EQ(verdict.summary(), "nobody tells whether 1 held update closes security holes: busybox");
  EXPECT_THAT(lines(verdict),
              ElementsAre("busybox | unknown | 1.0-2 waits; its repository does not tell whether "
                          "it closes security holes"));
  facts.add_held("nginx");
  EXPECT_EQ(judge(control, {observed("packages-apk", facts)}).summary(),
            "nobody tells whether 2 held updates close security holes: busybox, nginx");
}

TEST(HeldSecurityUpdates, AreUnknownWhereNotEveryUpdateIsSeen) {
  const Control control = control_of("held_security_updates");
  const auto judged_after = [&control](void (*change)(v1::PackageFacts&)) {
    v1::PackageFacts facts = apt_facts();
    facts.add_held("vendor-tool");
    change(facts);
    return judged(control, facts);
  };
  EXPECT_THAT(judged_after([](v1::PackageFacts& facts) { facts.add_problems("vendor: no lists"); }),
              ElementsAre(" | unknown | not everything could be read: vendor: no lists"));
  EXPECT_THAT(judged_after([](v1::PackageFacts& facts) { facts.clear_lists_updated_at(); }),
              ElementsAre(" | unknown | the package lists were never refreshed, so newer updates "
                          "are not seen"));
  EXPECT_THAT(judged_after([](v1::PackageFacts& facts) { facts.set_lists_present(false); }),
              ElementsAre(" | unknown | no package lists are present, so nothing is known of "
                          "updates: check the repositories and refresh the lists"));
}

TEST(HeldSecurityUpdates, AreNamedInTheSummaryWithTheirNumber) {
  const Control control = control_of("held_security_updates");
  v1::PackageFacts facts = apt_facts();
  add_update(facts, "openssl", v1::SECURITY_YES);
  facts.add_held("openssl");
  // What is seen to be held is told before what is not seen.
  facts.add_problems("one file");
  EXPECT_EQ(judge(control, {observed("packages-apt", facts)}).summary(),
            "1 security update is held: openssl");
  for (const char* const package : {"bash", "curl", "git", "vim", "xz", "zlib"}) {
    add_update(facts, package, v1::SECURITY_YES);
    facts.add_held(package);
  }
  EXPECT_EQ(judge(control, {observed("packages-apt", facts)}).summary(),
            "7 security updates are held: bash, curl, git, openssl, vim and 2 more");
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

TEST(PackagesWhole, AreNamedInTheSummaryWithTheirNumber) {
  const Control control = control_of("packages_whole");
  v1::PackageFacts facts = apt_facts();
  facts.add_broken("half");
  EXPECT_EQ(judge(control, {observed("packages-apt", facts)}).summary(),
            "1 package is not fully installed or configured: half");
  facts.add_broken("worse");
  EXPECT_EQ(judge(control, {observed("packages-apt", facts)}).summary(),
            "2 packages are not fully installed or configured: half, worse");
}

TEST(PackagesWhole, DoNotApplyToRpmWhichKeepsNoSuchState) {
  const Control control = control_of("packages_whole");
  const SectionState rpm = observed("packages-rpm", apt_facts());
  const std::string line =
      "rpm | not_applicable | rpm marks no package as half installed, and its probe does not look "
      "for other damage";
  const SectionState apk = not_applicable("packages-apk", "no apk database");
  const v1::Verdict verdict = judge(control, {apk, rpm});
  EXPECT_THAT(lines(verdict), ElementsAre("apk | not_applicable | no apk database", line));
  EXPECT_EQ("rpm | not_applicable | " + verdict.summary(), line);
  EXPECT_THAT(lines(judge(control, {observed("packages-apt", apt_facts()), rpm})),
              ElementsAre(" | pass | every package is fully installed", line));
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

// Without its site a mirror that calls itself "bookworm" would pass with Debian's own key.
TEST(RepositoryKeys, OfOneNameOnSeveralSitesAreJudgedEachByItself) {
  v1::PackageFacts facts = apt_facts();
  add_key(facts, "bookworm", v1::REPOSITORY_KEY_STATE_VALID).set_site("deb.debian.org");
  add_key(facts, "bookworm", v1::REPOSITORY_KEY_STATE_UNSIGNED).set_site("evil.example.org");
  const Control control = control_of("repository_keys_valid");
  EXPECT_THAT(judged(control, facts),
              ElementsAre("bookworm (evil.example.org) | fail | nothing that it offers need be "
                          "signed",
                          "bookworm (deb.debian.org) | pass | its key has no end"));
}

TEST(RepositoryKeys, OfOneNameAndSiteTheWorstRepositoryCounts) {
  v1::PackageFacts facts = apt_facts();
  const auto add = [&facts](uint32_t number, v1::RepositoryKeyState state) -> v1::RepositoryKey& {
    v1::RepositoryKey& key = add_key(facts, "ppa", state);
    key.set_number(number);
    return key;
  };
  const Control control = control_of("repository_keys_valid");
  add(0, v1::REPOSITORY_KEY_STATE_MISSING);
  add(0, v1::REPOSITORY_KEY_STATE_VALID);
  *add(1, v1::REPOSITORY_KEY_STATE_VALID).mutable_not_after() = to_proto(kNow + days(10));
  EXPECT_THAT(judged(control, facts), ElementsAre("ppa | pass | its key ends on 2026-12-01"));
  add(2, v1::REPOSITORY_KEY_STATE_UNSPECIFIED).set_reason("it was never fetched");
  EXPECT_THAT(judged(control, facts),
              ElementsAre("ppa | unknown | how its key stands could not be told: it was never "
                          "fetched"));
  add(3, v1::REPOSITORY_KEY_STATE_UNSIGNED).set_reason("copy:/srv ./ has no Release file");
  EXPECT_THAT(judged(control, facts),
              ElementsAre("ppa | fail | nothing that it offers need be signed: copy:/srv ./ has no "
                          "Release file"));
}

TEST(RepositoryKeys, ThatAreNotToldNameTheKeyringsAndWhatIsWrongWithThem) {
  v1::PackageFacts facts = apt_facts();
  v1::RepositoryKey& key = add_key(facts, "docker", v1::REPOSITORY_KEY_STATE_UNSPECIFIED);
  key.set_fingerprint("AB12");
  key.add_keyrings("/etc/apt/keyrings/a.asc (Permission denied)");
  const Control control = control_of("repository_keys_valid");
  EXPECT_THAT(judged(control, facts),
              ElementsAre("docker | unknown | how AB12 stands could not be told: "
                          "/etc/apt/keyrings/a.asc (Permission denied)"));
  key.set_state(v1::REPOSITORY_KEY_STATE_MISSING);
  for (const char* const more : {"/b", "/c", "/d", "/e"})
    key.add_keyrings(more);
  EXPECT_THAT(judged(control, facts),
              ElementsAre("docker | fail | AB12 is in none of its keyrings: "
                          "/etc/apt/keyrings/a.asc (Permission denied), /b, /c and 2 more"));
}

// Where a probe could not look at all of them, nothing else may pass for all.
TEST(RepositoryKeys, ThatAreLeftOutAreSaidOfThePackageManager) {
  v1::PackageFacts facts = apt_facts();
  add_key(facts, "bookworm", v1::REPOSITORY_KEY_STATE_VALID);
  add_key(facts, "", v1::REPOSITORY_KEY_STATE_UNSPECIFIED)
      .set_reason("only 500 of 501 repositories were looked at");
  const Control control = control_of("repository_keys_valid");
  const v1::Verdict verdict = judge(control, {observed("packages-apt", facts)});
  EXPECT_EQ(verdict.status(), v1::STATUS_UNKNOWN);
  EXPECT_THAT(lines(verdict),
              ElementsAre("apt | unknown | how its key stands could not be told: only 500 of 501 "
                          "repositories were looked at",
                          "bookworm | pass | its key has no end"));
}

TEST(RepositoryKeys, AreSummedUpByRepository) {
  const Control control = control_of("repository_keys_valid");
  v1::PackageFacts facts = apt_facts();
  const auto summary = [&control, &facts] {
    return judge(control, {observed("packages-apt", facts)}).summary();
  };
  add_key(facts, "main", v1::REPOSITORY_KEY_STATE_VALID);
  EXPECT_EQ(summary(), "every repository has a good key, and none of these ends");
  for (const int later : {30, 10, 20}) {
    *add_key(facts, "r" + std::to_string(later), v1::REPOSITORY_KEY_STATE_VALID)
         .mutable_not_after() = to_proto(kNow + days(later));
  }
  EXPECT_EQ(summary(),
            "every repository has a good key; the first to end is that of r10, on 2026-12-01");
  // Nothing is said of what another package manager has, which could not look.
  EXPECT_EQ(judge(control, {observed("packages-apt", facts),
                            failed(without_facts("packages-rpm"), "killed")})
                .summary(),
            "the probe packages-rpm could not look: killed");
  add_key(facts, "odd", v1::REPOSITORY_KEY_STATE_UNSPECIFIED);
  EXPECT_EQ(summary(), "1 repository has a key that could not be judged: odd");
  add_key(facts, "odder", v1::REPOSITORY_KEY_STATE_UNSPECIFIED);
  EXPECT_EQ(summary(), "2 repositories have keys that could not be judged: odd, odder");
  add_key(facts, "docker", v1::REPOSITORY_KEY_STATE_MISSING);
  EXPECT_EQ(summary(), "1 repository has no good key: docker");
  add_key(facts, "epel", v1::REPOSITORY_KEY_STATE_UNSIGNED);
  EXPECT_EQ(summary(), "2 repositories have no good key: docker, epel");
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
  const SectionState apt = observed("packages-apt", facts);
  const SectionState rpm = not_applicable("packages-rpm", "no rpm database");
  EXPECT_THAT(lines(judge(control, {apt, rpm})),
              ElementsAre("apt | unknown | no package lists are present, so no key is told of",
                          "rpm | not_applicable | no rpm database"));
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
