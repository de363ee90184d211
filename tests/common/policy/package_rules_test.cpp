#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "common/policy/rules.h"
#include "tests/common/policy/judging.h"

namespace muster::policy {
namespace {

using namespace muster::testing;  // the words of the tests
using ::testing::ElementsAre;
using ::testing::HasSubstr;

Control security_control() {
  Control control = control_of("security_updates");
  control.deadlines = Deadlines::all(days(14));
  return control;
}

TEST(SecurityUpdates, PassWhereNoneWaits) {
  v1::PackageFacts facts = apt_facts();
  add_update(facts, "vim", v1::SECURITY_NO);
  const v1::Verdict verdict = judge(security_control(), {observed("packages-apt", facts)});
  EXPECT_EQ(verdict.status(), v1::STATUS_PASS);
  EXPECT_EQ(verdict.summary(), "no security updates wait");
  EXPECT_EQ(verdict.subject_count(), 1U);
}

TEST(SecurityUpdates, MakeEveryWaitingPackageASubject) {
  v1::PackageFacts facts = apt_facts();
  add_update(facts, "libc6", v1::SECURITY_YES, "amd64");
  add_update(facts, "libc6", v1::SECURITY_YES, "i386");
  v1::PendingUpdate& held = add_update(facts, "openssl", v1::SECURITY_YES);
  held.set_would_install(false);
  held.set_not_installed_because("held");
  const v1::Verdict verdict = judge(security_control(), {observed("packages-apt", facts)});
  EXPECT_EQ(verdict.status(), v1::STATUS_DUE);
  EXPECT_EQ(verdict.summary(),
            "3 security updates wait: libc6:amd64, libc6:i386, openssl (1 of them an upgrade would "
            "not install)");
  EXPECT_EQ(from_proto(verdict.deadline()), kNow + days(14));
  EXPECT_THAT(lines(verdict),
              ElementsAre("libc6:amd64 | due | 1.0-2 waits", "libc6:i386 | due | 1.0-2 waits",
                          "openssl | due | 1.0-2 waits, but an upgrade would "
                          "not install it: held"));
}

TEST(SecurityUpdates, SpeakOfOneInTheSingular) {
  v1::PackageFacts facts = apt_facts();
  add_update(facts, "openssl", v1::SECURITY_YES);
  EXPECT_EQ(judge(security_control(), {observed("packages-apt", facts)}).summary(),
            "1 security update waits: openssl");
}

TEST(SecurityUpdates, AreUnknownWhereTheRepositoryDoesNotTell) {
  v1::PackageFacts facts = apt_facts();
  add_update(facts, "nginx", v1::SECURITY_UNSPECIFIED);
  const v1::Verdict verdict = judge(security_control(), {observed("packages-apt", facts)});
  EXPECT_EQ(verdict.status(), v1::STATUS_UNKNOWN);
  EXPECT_EQ(verdict.summary(),
            "1 update waits and the repositories do not tell whether for security: nginx");
  EXPECT_EQ(verdict.subjects(0).subject(), "nginx");
}

TEST(SecurityUpdates, AreUnknownWhereNothingCanBeKnownOfUpdates) {
  struct Case {
    void (*change)(v1::PackageFacts&);
    std::string reason;
  };
  const std::vector<Case> cases = {
      {[](v1::PackageFacts& facts) { facts.set_lists_present(false); },
       "no package lists are present"},
      {[](v1::PackageFacts& facts) { facts.clear_lists_updated_at(); },
       "the package lists were never refreshed"},
      {[](v1::PackageFacts& facts) { facts.add_problems("pkgcache could not be read"); },
       "not everything could be read: pkgcache could not be read"},
  };
  for (const Case& c : cases) {
    v1::PackageFacts facts = apt_facts();
    c.change(facts);
    v1::Verdict verdict = judge(security_control(), {observed("packages-apt", facts)});
    EXPECT_EQ(verdict.status(), v1::STATUS_UNKNOWN);
    EXPECT_THAT(verdict.summary(), HasSubstr(c.reason));
    // What is seen to wait is still told.
    add_update(facts, "openssl", v1::SECURITY_YES);
    verdict = judge(security_control(), {observed("packages-apt", facts)});
    EXPECT_EQ(verdict.status(), v1::STATUS_UNKNOWN);
    EXPECT_EQ(verdict.summary(), "1 security update waits: openssl");
    EXPECT_EQ(verdict.subjects_size(), 2);
  }
}

TEST(SecurityUpdates, JudgeEveryPackageManagerThatApplies) {
  v1::PackageFacts apt = apt_facts();
  add_update(apt, "openssl", v1::SECURITY_YES);
  const SectionState rpm = observed("packages-rpm", apt_facts());
  const SectionState no_rpm = not_applicable("packages-rpm", "no rpm database");
  EXPECT_THAT(lines(judge(security_control(), {observed("packages-apt", apt), rpm})),
              ElementsAre("openssl | due | 1.0-2 waits", " | pass | no security updates wait"));
  EXPECT_THAT(lines(judge(security_control(), {no_rpm, observed("packages-apt", apt)})),
              ElementsAre("openssl | due | 1.0-2 waits", "rpm | not_applicable | no rpm database"));
  EXPECT_THAT(lines(judge(security_control(), {failed(without_facts("packages-rpm"), "killed"),
                                               observed("packages-apt", apt)})),
              ElementsAre(" | unknown | the probe packages-rpm could not look: killed",
                          "openssl | due | 1.0-2 waits"));
  const v1::Verdict none = judge(security_control(), {no_rpm});
  EXPECT_EQ(none.status(), v1::STATUS_NOT_APPLICABLE);
  EXPECT_EQ(none.summary(), "no rpm database");
  EXPECT_EQ(none.subject_count(), 0U);
  const v1::Verdict nothing = judge(security_control(), {});
  EXPECT_EQ(nothing.status(), v1::STATUS_UNKNOWN);
  EXPECT_EQ(nothing.summary(), "no probe of a package manager has reported yet");
}

TEST(PackageLists, AreJudgedByTheirAge) {
  struct Case {
    Duration age;
    v1::Status status;
    std::string summary;
  };
  const std::vector<Case> cases = {
      {hours(1), v1::STATUS_PASS, "the package lists were refreshed on 2026-11-21"},
      {-hours(1), v1::STATUS_PASS, "the package lists were refreshed on 2026-11-21"},
      {hours(48) - kMicrosecond, v1::STATUS_PASS, "the package lists were refreshed on 2026-11-19"},
      {hours(48), v1::STATUS_FAIL, "the package lists are 2 days old"},
      {days(9), v1::STATUS_FAIL, "the package lists are 9 days old"},
  };
  for (const Case& c : cases) {
    v1::PackageFacts facts = apt_facts();
    *facts.mutable_lists_updated_at() = to_proto(kNow - c.age);
    const v1::Verdict verdict =
        judge(control_of("package_lists_fresh"), {observed("packages-apt", facts)});
    EXPECT_EQ(verdict.status(), c.status);
    EXPECT_EQ(verdict.summary(), c.summary);
    EXPECT_FALSE(verdict.has_deadline());
  }
}

TEST(PackageLists, FailWhereThereAreNoneOrTheyWereNeverRefreshed) {
  v1::PackageFacts facts = apt_facts();
  facts.clear_lists_updated_at();
  const Control control = control_of("package_lists_fresh");
  EXPECT_EQ(judge(control, {observed("packages-apt", facts)}).status(), v1::STATUS_FAIL);
  EXPECT_EQ(judge(control, {observed("packages-apt", facts)}).summary(),
            "the package lists were never refreshed");
  facts.set_lists_present(false);
  EXPECT_EQ(judge(control, {observed("packages-apt", facts)}).summary(),
            "no package lists are present");
}

}  // namespace
}  // namespace muster::policy
