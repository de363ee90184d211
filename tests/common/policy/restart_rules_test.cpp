// reboot_done and services_restarted, and the running kernel beside the installed ones.
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
using ::testing::HasSubstr;
using ::testing::StartsWith;

struct Running {
  std::string release = "6.1.0-28-amd64";
  std::string version = "#1 SMP PREEMPT_DYNAMIC Debian 6.1.119-1 (2024-11-22)";
  std::string effective_level = {};
  v1::RestartState state = v1::RESTART_STATE_CURRENT;
  std::string reason = {};
};

v1::RestartFacts facts_of(const Running& running) {
  v1::RestartFacts facts = restart_facts();
  v1::RunningKernel& kernel = *facts.mutable_kernel();
  kernel.set_release(running.release);
  kernel.set_version(running.version);
  kernel.set_effective_level(running.effective_level);
  kernel.set_state(running.state);
  kernel.set_reason(running.reason);
  return facts;
}

v1::Verdict judge_reboot(const v1::RestartFacts& restart, const v1::PackageFacts& packages) {
  return judge(control_of("reboot_done"),
               {observed("restart", restart), observed("packages-apt", packages)});
}

TEST(RebootDone, LaysTheRunningKernelBesideThoseOfItsFlavour) {
  struct Story {
    std::string name;
    Running running;
    std::vector<Kernel> installed;
    std::string line;
  };
  const Kernel old_one{"6.1.0-28-amd64", "6.1.119-1", "amd64", "6.1.119-1"};
  const Kernel new_one{"6.1.0-29-amd64", "6.1.123-1", "amd64", "6.1.123-1"};
  const Kernel rt{"6.1.0-29-rt-amd64", "6.1.123-1", "rt-amd64", "6.1.123-1"};
  const std::vector<Story> stories = {
      {"the newest runs",
       {},
       {old_one},
       "kernel | pass | 6.1.0-28-amd64 runs, the newest of its kind"},
      {"a newer one is installed",
       {},
       {new_one, old_one},
       "kernel | fail | 6.1.0-28-amd64 runs, 6.1.0-29-amd64 (6.1.123-1) is installed"},
      {"a newer one of another flavour is beside it",
       {},
       {old_one, rt},
       "kernel | pass | 6.1.0-28-amd64 runs, the newest of its kind"},
      {"the rt kernel runs, and a newer plain one is beside it",
       {.release = "6.1.0-28-rt-amd64"},
       {new_one, {"6.1.0-28-rt-amd64", "6.1.119-1", "rt-amd64", "6.1.119-1"}},
       "kernel | pass | 6.1.0-28-rt-amd64 runs, the newest of its kind"},
      {"9 is not newer than 10: the package manager's order counts",
       {.release = "6.1.0-10-amd64", .version = "#1 SMP Debian 6.1.38-1"},
       {{"6.1.0-10-amd64", "6.1.38-1", "amd64", "6.1.38-1"},
        {"6.1.0-9-amd64", "6.1.27-1", "amd64", "6.1.27-1"}},
       "kernel | pass | 6.1.0-10-amd64 runs, the newest of its kind"},
      {"the image was replaced, and the release stayed",
       {.version = "#1 SMP PREEMPT_DYNAMIC Debian 6.1.119-10 (2024-11-22)"},
       {old_one},
       "kernel | fail | an older build of 6.1.0-28-amd64 runs, 6.1.119-1 is installed"},
      {"nothing tells the build",
       {.version = ""},
       {old_one},
       "kernel | unknown | it could not be told which build of 6.1.0-28-amd64 runs"},
      {"an Ubuntu build",
       {.release = "6.8.0-52-generic", .version = "#53~22.04.1-Ubuntu SMP PREEMPT_DYNAMIC"},
       {{"6.8.0-52-generic", "6.8.0-52.53~22.04.1", "generic-hwe-22.04", "53~22.04.1-Ubuntu"},
        {"5.15.0-130-generic", "5.15.0-130.140", "generic", "140-Ubuntu"}},
       "kernel | pass | 6.8.0-52-generic runs, the newest of its kind"},
      {"its package was removed",
       {},
       {new_one},
       "kernel | fail | 6.1.0-28-amd64 runs, whose package was removed; 6.1.0-29-amd64 "
       "(6.1.123-1) is installed"},
      {"its package was removed, and what is installed is of another flavour",
       {},
       {rt},
       "kernel | unknown | 6.1.0-28-amd64 runs, which no installed package brings, and none of its "
       "kind"},
      {"nobody tells of an installed one",
       {},
       {},
       "kernel | unknown | 6.1.0-28-amd64 runs, and no installed kernel is told of to compare it "
       "with"},
      {"live-patched, and a newer one is installed",
       {.effective_level = "111"},
       {new_one, old_one},
       "kernel | fail | 6.1.0-28-amd64 runs, 6.1.0-29-amd64 (6.1.123-1) is installed; live-patched "
       "to 111, restart at the next occasion"},
      {"live-patched, and the newest that is installed",
       {.effective_level = "111"},
       {old_one},
       "kernel | pass | 6.1.0-28-amd64 runs, the newest of its kind, live-patched to 111"},
      {"a container",
       {.release = "6.1.0-20-amd64",
        .state = v1::RESTART_STATE_NOT_APPLICABLE,
        .reason = "in a container, the kernel is its host's"},
       {new_one},
       "kernel | not_applicable | in a container, the kernel is its host's"},
      {"what runs could not be told",
       {.release = "", .reason = "uname: Function not implemented"},
       {old_one},
       "kernel | unknown | uname: Function not implemented"},
  };
  for (const Story& story : stories) {
    v1::PackageFacts packages = apt_facts();
    for (const Kernel& kernel : story.installed)
      add_kernel(packages, kernel);
    EXPECT_THAT(lines(judge_reboot(facts_of(story.running), packages)),
                ::testing::Contains(story.line))
        << story.name;
  }
}

TEST(RebootDone, KnowsALivePatchByItsModuleToo) {
  v1::RestartFacts facts = restart_facts();
  v1::LivePatch& patch = *facts.mutable_kernel()->add_live_patches();
  patch.set_name("livepatch_1");
  EXPECT_THAT(lines(judge_reboot(facts, whole_apt_facts()))[0],
              ::testing::EndsWith("the newest of its kind"));
  patch.set_enabled(true);
  EXPECT_THAT(lines(judge_reboot(facts, whole_apt_facts()))[0],
              ::testing::EndsWith("the newest of its kind, live-patched"));
}

TEST(RebootDone, NamesEachReason) {
  v1::RestartFacts facts = restart_facts();
  facts.mutable_microcode()->set_state(v1::RESTART_STATE_PENDING);
  facts.mutable_microcode()->set_running_revision(0x2b000590);
  facts.mutable_microcode()->set_available_revision(0x2b000603);
  facts.add_replaced_since_boot("glibc");
  facts.add_replaced_since_boot("systemd");
  v1::RebootRequest& request = *facts.add_reboot_requests();
  request.set_source("/run/reboot-required");
  request.add_packages("dbus");
  *request.mutable_requested_at() = to_proto(kNow - days(3));
  const v1::Verdict verdict = judge_reboot(facts, whole_apt_facts());
  EXPECT_THAT(lines(verdict),
              ElementsAre("/run/reboot-required | fail | asked for by dbus, on 2026-11-18",
                          "libraries | fail | replaced since the boot: glibc, systemd",
                          "microcode | fail | revision 0x2b000590 runs, 0x2b000603 is installed",
                          "kernel | pass | 6.1.0-28-amd64 runs, the newest of its kind"));
  EXPECT_THAT(verdict.summary(),
              HasSubstr("a reboot waits for: microcode (revision 0x2b000590 runs, "));
  EXPECT_EQ(verdict.subjects(0).evidence_size(), 2);
}

TEST(RebootDone, SaysWhatItDoesNotKnowAndWhatDoesNotApply) {
  v1::RestartFacts facts = restart_facts();
  facts.mutable_microcode()->set_state(v1::RESTART_STATE_NOT_APPLICABLE);
  facts.mutable_microcode()->set_reason("a guest");
  EXPECT_THAT(lines(judge_reboot(facts, whole_apt_facts())),
              ElementsAre("kernel | pass | 6.1.0-28-amd64 runs, the newest of its kind",
                          "microcode | not_applicable | a guest"));
  facts.mutable_microcode()->clear_state();
  facts.mutable_microcode()->clear_reason();
  facts.add_problems("3 processes map more than is looked at");
  facts.add_problems("/run: Permission denied");
  EXPECT_THAT(lines(judge_reboot(facts, whole_apt_facts())),
              ElementsAre(" | unknown | not everything could be read: /run: Permission denied",
                          "microcode | unknown | it could not be told",
                          "kernel | pass | 6.1.0-28-amd64 runs, the newest of its kind"));
  // In a container there is nothing of it at all.
  facts = facts_of({.state = v1::RESTART_STATE_NOT_APPLICABLE});
  facts.mutable_microcode()->set_state(v1::RESTART_STATE_NOT_APPLICABLE);
  EXPECT_EQ(judge_reboot(facts, apt_facts()).status(), v1::STATUS_NOT_APPLICABLE);

  const Control control = control_of("reboot_done");
  EXPECT_EQ(judge(control, {}).summary(), "the probe restart has not reported yet");
  EXPECT_THAT(lines(judge(control, {observed("restart", restart_facts()),
                                    failed(without_facts("packages-apt"), "killed")})),
              ::testing::Contains(
                  "kernel | unknown | 6.1.0-28-amd64 runs, and no installed kernel is told of to "
                  "compare it with; the probe packages-apt could not look: killed"));
  SectionState damaged = observed("restart", restart_facts());
  damaged.facts = "\xff";
  EXPECT_EQ(judge(control, {damaged}).summary(), "the facts of the probe restart are damaged");
}

v1::StaleService& add_service(v1::RestartFacts& facts, const std::string& unit) {
  v1::StaleService& service = *facts.add_stale_services();
  service.set_unit(unit);
  facts.set_stale_service_count(facts.stale_service_count() + 1);
  return service;
}

TEST(ServicesRestarted, AreJudgedOneByOne) {
  const Control control = control_of("services_restarted");
  v1::RestartFacts facts = restart_facts();
  EXPECT_THAT(lines(judge(control, {observed("restart", facts)})),
              ElementsAre(" | pass | nothing runs files that were replaced"));
  v1::StaleService& nginx = add_service(facts, "nginx.service");
  nginx.add_files("/usr/lib/x86_64-linux-gnu/libssl.so.3");
  EXPECT_EQ(judge(control, {observed("restart", facts)}).summary(),
            "nginx.service runs a replaced libssl.so.3: restart it");
  *nginx.mutable_started_at() = to_proto(kNow - days(20));
  for (const char* file : {"/a/libssl.so.3", "/b/libc.so.6", "/c/x", "/d/y"})
    nginx.add_files(file);
  v1::StaleService& inside = add_service(facts, "");
  inside.set_container("web");
  v1::StaleService& both = add_service(facts, "app.service");
  both.set_container("web");
  v1::StaleService& loose = add_service(facts, "");
  loose.add_programs("sshd");
  add_service(facts, "");
  const v1::Verdict verdict = judge(control, {observed("restart", facts)});
  EXPECT_EQ(verdict.summary(),
            "5 services run files that were replaced: nginx.service, web, web (app.service) and 2 "
            "more");
  EXPECT_THAT(lines(verdict),
              ElementsAre("a process | fail | runs files that were replaced: restart it",
                          "nginx.service | fail | runs a replaced libssl.so.3, libc.so.6, x, y, "
                          "started on 2026-11-01: restart it",
                          "sshd | fail | runs files that were replaced: restart it",
                          "web | fail | runs files that were replaced: restart it",
                          "web (app.service) | fail | runs files that were replaced: restart it"));
}

TEST(ServicesRestarted, AreUnknownWhereNotAllCouldBeRead) {
  const Control control = control_of("services_restarted");
  v1::RestartFacts facts = restart_facts();
  facts.set_processes_unreadable(12);
  EXPECT_EQ(judge(control, {observed("restart", facts)}).summary(),
            "what 12 of 92 processes run could not be read");
  facts.clear_processes_unreadable();
  facts.add_problems("/run/reboot-required.pkgs: Permission denied");
  EXPECT_EQ(judge(control, {observed("restart", facts)}).status(), v1::STATUS_PASS);
  facts.add_problems("3 processes map more than is looked at");
  EXPECT_EQ(judge(control, {observed("restart", facts)}).summary(),
            "not everything could be read: 3 processes map more than is looked at");
  facts.clear_problems();
  facts.set_stale_service_count(3);
  EXPECT_EQ(judge(control, {observed("restart", facts)}).summary(),
            "3 more are beyond the probe's limit");
  facts.clear_stale_service_count();
  facts.set_processes_mounts_unseen(20);
  EXPECT_EQ(judge(control, {observed("restart", facts)}).status(), v1::STATUS_UNKNOWN);
  EXPECT_EQ(judge(control, {observed("restart", facts)}).summary(),
            "of at least 20 processes it is not known whether something was mounted over what they "
            "run: there are more mount namespaces than the probe looks into");
  EXPECT_EQ(judge(control, {not_applicable("restart", "no /proc")}).status(),
            v1::STATUS_NOT_APPLICABLE);
}

TEST(ServicesRestarted, FailByWhatIsSeenWhereSomeMountsAreUnseen) {
  v1::RestartFacts facts = restart_facts();
  add_service(facts, "nginx.service");
  facts.set_processes_mounts_unseen(1);
  const v1::Verdict verdict = judge(control_of("services_restarted"), {observed("restart", facts)});
  EXPECT_EQ(verdict.status(), v1::STATUS_FAIL);
  EXPECT_THAT(
      lines(verdict),
      ElementsAre("nginx.service | fail | runs files that were replaced: restart it",
                  StartsWith("other processes | unknown | of one process it is not known")));
}

TEST(ServicesRestarted, AreForgottenOnceTheyAreAlsoWhereNotAllCanBeRead) {
  v1::RestartFacts facts = restart_facts();
  facts.set_processes_unreadable(12);
  const std::vector<SectionState> sections{observed("restart", facts)};
  const FirstSeen before{{{"", "c", "nginx.service"}, kNow - days(9)}};
  const Evaluation evaluation =
      evaluate({.sections = sections}, before, {{control_of("services_restarted")}}, kNow);
  EXPECT_EQ(evaluation.standings[0].status, v1::STATUS_UNKNOWN);
  EXPECT_TRUE(evaluation.first_seen.empty());
}

}  // namespace
}  // namespace muster::policy
