// Hosts with stories of their kernels, from the package database and /proc to the verdict of
// reboot_done.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/agent/probes/kernel_stories/kernel_story.h"
#include "tests/common/policy/judging.h"

namespace muster::test {
namespace {

using ::testing::Contains;

constexpr const char* kDebian28 = "#1 SMP PREEMPT_DYNAMIC Debian 6.1.119-1 (2024-11-22)";
constexpr const char* kDebian29 = "#1 SMP PREEMPT_DYNAMIC Debian 6.1.123-1 (2025-01-02)";
constexpr const char* kDebianRt28 = "#1 SMP PREEMPT_RT Debian 6.1.119-1 (2024-11-22)";

const KernelPackage image_28{"linux-image-6.1.0-28-amd64", "6.1.119-1", "6.1.0-28-amd64"};
const KernelPackage image_29{"linux-image-6.1.0-29-amd64", "6.1.123-1", "6.1.0-29-amd64"};
const KernelPackage rt_image_28{"linux-image-6.1.0-28-rt-amd64", "6.1.119-1", "6.1.0-28-rt-amd64"};
const KernelPackage rt_image_29{"linux-image-6.1.0-29-rt-amd64", "6.1.123-1", "6.1.0-29-rt-amd64"};
// What depends on the newest is no kernel.
const KernelPackage meta_29{"linux-image-amd64", "6.1.123-1", ""};

KernelPackage removed(KernelPackage package) {
  package.is_removed = true;
  return package;
}

void expect_verdicts(const std::vector<KernelStory>& stories) {
  const policy::Control control = testing::control_of("reboot_done");
  for (const KernelStory& story : stories) {
    SCOPED_TRACE(story.name);
    const v1::Verdict verdict = testing::judge(control, sections_of(story));
    EXPECT_EQ(verdict.status(), story.verdict) << verdict.DebugString();
    EXPECT_THAT(testing::lines(verdict), Contains("kernel | " + story.sentence));
  }
}

TEST(KernelStories, OfDebian) {
  expect_verdicts({
      {.name = "the newest runs, and an older one is kept",
       .release = "6.1.0-29-amd64",
       .version = kDebian29,
       .installed = {image_28, image_29, meta_29},
       .verdict = v1::STATUS_PASS,
       .sentence = "pass | 6.1.0-29-amd64 runs, the newest of its kind"},
      {.name = "a newer one was installed, and nobody restarted",
       .release = "6.1.0-28-amd64",
       .version = kDebian28,
       .installed = {image_28, image_29, meta_29},
       .verdict = v1::STATUS_FAIL,
       .sentence = "fail | 6.1.0-28-amd64 runs, 6.1.0-29-amd64 (6.1.123-1) is installed"},
      {.name = "a newer one waits in the repository, where no restart brings it",
       .release = "6.1.0-28-amd64",
       .version = kDebian28,
       .installed = {image_28},
       .offered = {image_29},
       .verdict = v1::STATUS_PASS,
       .sentence = "pass | 6.1.0-28-amd64 runs, the newest of its kind"},
      {.name = "a newer one of another flavour is beside it",
       .release = "6.1.0-28-amd64",
       .version = kDebian28,
       .installed = {image_28,
                     {"linux-image-6.1.0-29-cloud-amd64", "6.1.123-1", "6.1.0-29-cloud-amd64"}},
       .verdict = v1::STATUS_PASS,
       .sentence = "pass | 6.1.0-28-amd64 runs, the newest of its kind"},
      {.name = "the rt kernel runs, and a newer plain one is beside it",
       .release = "6.1.0-28-rt-amd64",
       .version = kDebianRt28,
       .installed = {rt_image_28, image_29, meta_29},
       .verdict = v1::STATUS_PASS,
       .sentence = "pass | 6.1.0-28-rt-amd64 runs, the newest of its kind"},
      {.name = "the rt kernel runs, and a newer rt kernel was installed",
       .release = "6.1.0-28-rt-amd64",
       .version = kDebianRt28,
       .installed = {rt_image_28, rt_image_29, image_29},
       .verdict = v1::STATUS_FAIL,
       .sentence = "fail | 6.1.0-28-rt-amd64 runs, 6.1.0-29-rt-amd64 (6.1.123-1) is installed"},
      {.name = "the running kernel was removed, and a newer one is there",
       .release = "6.1.0-28-amd64",
       .version = kDebian28,
       .installed = {removed(image_28), image_29, meta_29},
       .verdict = v1::STATUS_FAIL,
       .sentence = "fail | 6.1.0-28-amd64 runs, whose package was removed; 6.1.0-29-amd64 "
                   "(6.1.123-1) is installed"},
      {.name = "the running kernel was removed, and only another flavour is left",
       .release = "6.1.0-28-amd64",
       .version = kDebian28,
       .installed = {removed(image_28), rt_image_29},
       .verdict = v1::STATUS_UNKNOWN,
       .sentence = "unknown | 6.1.0-28-amd64 runs, which no installed package brings, and none "
                   "of its kind"},
      {.name = "after 9 comes 10: versions count, and not names as text",
       .release = "6.1.0-10-amd64",
       .version = "#1 SMP PREEMPT_DYNAMIC Debian 6.1.38-1 (2023-07-14)",
       .installed = {{"linux-image-6.1.0-9-amd64", "6.1.27-1", "6.1.0-9-amd64"},
                     {"linux-image-6.1.0-10-amd64", "6.1.38-1", "6.1.0-10-amd64"}},
       .verdict = v1::STATUS_PASS,
       .sentence = "pass | 6.1.0-10-amd64 runs, the newest of its kind"},
      {.name = "the package was replaced by a newer build of the same release",
       .release = "6.1.0-28-amd64",
       .version = kDebian28,
       .installed = {{"linux-image-6.1.0-28-amd64", "6.1.119-2", "6.1.0-28-amd64"}},
       .verdict = v1::STATUS_FAIL,
       .sentence = "fail | an older build of 6.1.0-28-amd64 runs, 6.1.119-2 is installed"},
      {.name = "the kernel of backports was installed",
       .release = "6.1.0-29-amd64",
       .version = kDebian29,
       .installed = {image_29,
                     {"linux-image-6.12.9+bpo-amd64", "6.12.9-1~bpo12+1", "6.12.9+bpo-amd64"}},
       .verdict = v1::STATUS_FAIL,
       .sentence = "fail | 6.1.0-29-amd64 runs, 6.12.9+bpo-amd64 (6.12.9-1~bpo12+1) is installed"},
      {.name = "a kernel made by hand runs",
       .release = "6.6.30-web1",
       .version = "#3 SMP PREEMPT_DYNAMIC Mon Nov 2 10:00:00 UTC 2026",
       .installed = {image_29, meta_29},
       .verdict = v1::STATUS_UNKNOWN,
       .sentence =
           "unknown | 6.6.30-web1 runs, which no installed package brings, and none of its kind"},
  });
}

TEST(KernelStories, OfUbuntu) {
  const KernelPackage old_image{"linux-image-5.15.0-130-generic", "5.15.0-130.140",
                                "5.15.0-130-generic"};
  const KernelPackage new_image{"linux-image-5.15.0-131-generic", "5.15.0-131.141",
                                "5.15.0-131-generic"};
  const KernelPackage hwe{"linux-image-6.8.0-52-generic", "6.8.0-52.53~22.04.1", "6.8.0-52-generic",
                          "linux-signed-hwe-6.8"};
  const std::string runs = "#140-Ubuntu SMP Wed Dec 18 17:59:53 UTC 2024";
  const std::string patch = "sys/kernel/livepatch/lkp_Ubuntu_5_15_0_130_140_generic_111/";
  const std::vector<std::pair<std::string, std::string>> live_patched = {
      {patch + "enabled", "1\n"}, {patch + "transition", "0\n"}};
  expect_verdicts({
      {.name = "the hardware enablement kernel is beside the ordinary one",
       .distribution = Distribution::kUbuntu,
       .release = "5.15.0-130-generic",
       .version = runs,
       .installed = {old_image, hwe},
       .verdict = v1::STATUS_PASS,
       .sentence = "pass | 5.15.0-130-generic runs, the newest of its kind"},
      {.name = "the newest runs and is live-patched",
       .distribution = Distribution::kUbuntu,
       .release = "5.15.0-130-generic",
       .version = runs,
       .installed = {old_image},
       .files = live_patched,
       .verdict = v1::STATUS_PASS,
       .sentence = "pass | 5.15.0-130-generic runs, the newest of its kind, live-patched to 111"},
      {.name = "it is live-patched, and a newer one is installed all the same",
       .distribution = Distribution::kUbuntu,
       .release = "5.15.0-130-generic",
       .version = runs,
       .installed = {old_image, new_image},
       .files = live_patched,
       .verdict = v1::STATUS_FAIL,
       .sentence = "fail | 5.15.0-130-generic runs, 5.15.0-131-generic (5.15.0-131.141) is "
                   "installed; live-patched to 111, restart at the next occasion"},
      {.name = "a live patch that was switched off patches nothing",
       .distribution = Distribution::kUbuntu,
       .release = "5.15.0-130-generic",
       .version = runs,
       .installed = {old_image, new_image},
       .files = {{patch + "enabled", "0\n"}, {patch + "transition", "0\n"}},
       .verdict = v1::STATUS_FAIL,
       .sentence = "fail | 5.15.0-130-generic runs, 5.15.0-131-generic (5.15.0-131.141) is "
                   "installed"},
  });
}

TEST(KernelStories, OfRedHat) {
  const KernelPackage old_one{"kernel-core", "5.14.0-427.13.1.el9_4",
                              "5.14.0-427.13.1.el9_4.x86_64"};
  const KernelPackage new_one{"kernel-core", "5.14.0-427.31.1.el9_4",
                              "5.14.0-427.31.1.el9_4.x86_64"};
  const KernelPackage old_rt{"kernel-rt-core", "5.14.0-427.13.1.el9_4",
                             "5.14.0-427.13.1.el9_4.x86_64+rt"};
  const KernelPackage new_rt{"kernel-rt-core", "5.14.0-427.31.1.el9_4",
                             "5.14.0-427.31.1.el9_4.x86_64+rt"};
  const std::string runs = "#1 SMP PREEMPT_DYNAMIC Wed Apr 10 10:29:16 EDT 2024";
  const std::string patch = "sys/kernel/livepatch/kpatch_5_14_0_427_13_1_1_2/";
  expect_verdicts({
      {.name = "dnf keeps three kernels, and the newest runs",
       .distribution = Distribution::kRedHat,
       .release = new_one.release,
       .version = runs,
       .installed = {old_one, new_one},
       .verdict = v1::STATUS_PASS,
       .sentence = "pass | 5.14.0-427.31.1.el9_4.x86_64 runs, the newest of its kind"},
      {.name = "a newer one was installed beside it",
       .distribution = Distribution::kRedHat,
       .release = old_one.release,
       .version = runs,
       .installed = {old_one, new_one},
       .verdict = v1::STATUS_FAIL,
       .sentence = "fail | 5.14.0-427.13.1.el9_4.x86_64 runs, 5.14.0-427.31.1.el9_4.x86_64 "
                   "(5.14.0-427.31.1.el9_4) is installed"},
      {.name = "the rt kernel runs, and a newer plain one is beside it",
       .distribution = Distribution::kRedHat,
       .release = old_rt.release,
       .version = runs,
       .installed = {old_rt, old_one, new_one},
       .verdict = v1::STATUS_PASS,
       .sentence = "pass | 5.14.0-427.13.1.el9_4.x86_64+rt runs, the newest of its kind"},
      {.name = "the rt kernel runs, and a newer rt kernel waits in the repository alone",
       .distribution = Distribution::kRedHat,
       .release = old_rt.release,
       .version = runs,
       .installed = {old_rt},
       .offered = {new_rt},
       .verdict = v1::STATUS_PASS,
       .sentence = "pass | 5.14.0-427.13.1.el9_4.x86_64+rt runs, the newest of its kind"},
      {.name = "dnf's limit of kernels removed the running one",
       .distribution = Distribution::kRedHat,
       .release = old_one.release,
       .version = runs,
       .installed = {removed(old_one), new_one},
       .verdict = v1::STATUS_FAIL,
       .sentence = "fail | 5.14.0-427.13.1.el9_4.x86_64 runs, whose package was removed; "
                   "5.14.0-427.31.1.el9_4.x86_64 (5.14.0-427.31.1.el9_4) is installed"},
      {.name = "it is live-patched, and a newer one is installed all the same",
       .distribution = Distribution::kRedHat,
       .release = old_one.release,
       .version = runs,
       .installed = {old_one, new_one},
       .files = {{patch + "enabled", "1\n"}, {patch + "transition", "0\n"}},
       .verdict = v1::STATUS_FAIL,
       .sentence = "fail | 5.14.0-427.13.1.el9_4.x86_64 runs, 5.14.0-427.31.1.el9_4.x86_64 "
                   "(5.14.0-427.31.1.el9_4) is installed; live-patched to 1-2, restart at the next "
                   "occasion"},
  });
}

TEST(KernelStories, OfSuse) {
  const KernelPackage old_one{"kernel-default", "6.4.0-150600.23.25.1",
                              "6.4.0-150600.23.25-default"};
  const KernelPackage new_one{"kernel-default", "6.4.0-150600.23.30.1",
                              "6.4.0-150600.23.30-default"};
  const std::string runs = "#1 SMP PREEMPT_DYNAMIC Tue Oct 1 10:54:01 UTC 2024 (ea7c56d)";
  expect_verdicts({
      {.name = "a newer one was installed beside it",
       .distribution = Distribution::kSuse,
       .release = old_one.release,
       .version = runs,
       .installed = {old_one, new_one},
       .verdict = v1::STATUS_FAIL,
       .sentence = "fail | 6.4.0-150600.23.25-default runs, 6.4.0-150600.23.30-default "
                   "(6.4.0-150600.23.30.1) is installed"},
      {.name = "a newer one of another flavour is beside it",
       .distribution = Distribution::kSuse,
       .release = old_one.release,
       .version = runs,
       .installed = {old_one, {"kernel-rt", "6.4.0-150600.10.14.1", "6.4.0-150600.10.14-rt"}},
       .verdict = v1::STATUS_PASS,
       .sentence = "pass | 6.4.0-150600.23.25-default runs, the newest of its kind"},
  });
}

// Whatever is installed in it: its host has the kernel.
TEST(KernelStories, OfContainers) {
  const std::string sentence = "not_applicable | this is a container: its host has the kernel";
  expect_verdicts({
      {.name = "a container of Debian that was made from a whole server",
       .release = "6.8.12-4-pve",
       .version = "#1 SMP PREEMPT_DYNAMIC PMX 6.8.12-4 (2024-11-06T15:04Z)",
       .installed = {image_28, image_29, meta_29},
       .files = {{"run/systemd/container", "lxc\n"}},
       .verdict = v1::STATUS_NOT_APPLICABLE,
       .sentence = sentence},
      {.name = "a container that runs on the kernel that it has an older copy of",
       .release = "6.1.0-29-amd64",
       .version = kDebian29,
       .installed = {image_28},
       .files = {{"run/systemd/container", "systemd-nspawn\n"}},
       .verdict = v1::STATUS_NOT_APPLICABLE,
       .sentence = sentence},
      {.name = "a container of Red Hat's",
       .distribution = Distribution::kRedHat,
       .release = "6.1.0-28-amd64",
       .version = kDebian28,
       .installed = {{"kernel-core", "5.14.0-427.13.1.el9_4", "5.14.0-427.13.1.el9_4.x86_64"}},
       .files = {{"run/systemd/container", "podman\n"}},
       .verdict = v1::STATUS_NOT_APPLICABLE,
       .sentence = sentence},
      {.name = "a container that asks for a restart of its own",
       .release = "6.8.12-4-pve",
       .version = "#1 SMP PREEMPT_DYNAMIC PMX 6.8.12-4 (2024-11-06T15:04Z)",
       .installed = {},
       .files = {{"run/systemd/container", "lxc\n"}, {"run/reboot-required", ""}},
       .verdict = v1::STATUS_FAIL,
       .sentence = sentence},
  });
}

}  // namespace
}  // namespace muster::test
