// firmware_updates, microcode_uniform, processor_vulnerabilities, secure_boot: what is asked of
// firmware without a baseline.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "common/policy/status.h"
#include "muster/v1/firmware_facts.pb.h"
#include "muster/v1/host_facts.pb.h"
#include "tests/common/policy/judging.h"

namespace muster::policy {
namespace {

using namespace muster::testing;  // the words of the tests
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;

v1::Verdict judge_facts(const Control& control, const v1::FirmwareFacts& facts,
                        v1::Virtualization where = v1::VIRTUALIZATION_NONE) {
  v1::HostFacts host;
  host.set_virtualization(where);
  return judge(control, {observed("host", host), observed("firmware", facts)});
}

// "pass: summary"
std::string said(const v1::Verdict& verdict) {
  return std::string(status_name(verdict.status())) + ": " + verdict.summary();
}

void add_unread(v1::FirmwareFacts& facts, const std::string& path, const std::string& error) {
  v1::UnreadableSource& source = *facts.add_unreadable();
  source.set_path(path);
  source.set_error(error);
}

void add_microcode(v1::FirmwareFacts& facts, const std::string& processors,
                   const std::string& revision, const std::string& model = "06-55-07") {
  v1::FirmwareComponent& component = *facts.add_components();
  component.set_kind(v1::FIRMWARE_KIND_MICROCODE);
  component.set_name(processors);
  component.set_model(model);
  component.set_version(revision);
}

TEST(FirmwareUpdates, NamesWhatFailedInTheWordsOfTheSource) {
  v1::FirmwareFacts facts;
  v1::FirmwareComponent& system = *facts.add_components();
  system.set_kind(v1::FIRMWARE_KIND_OTHER);
  system.set_name("9b0a");
  system.set_model("system firmware");
  system.set_source("ESRT");
  system.set_failed_update("to version 65590: authentication failed");
  v1::FirmwareComponent& device = *facts.add_components();
  device.set_kind(v1::FIRMWARE_KIND_OTHER);
  device.set_name("d1d1");
  device.set_source("ESRT");
  // It could not tell.
  facts.add_components()->set_kind(v1::FIRMWARE_KIND_SYSTEM);
  const v1::Verdict verdict = judge_facts(control_of("firmware_updates"), facts);
  EXPECT_THAT(lines(verdict), ElementsAre("other 9b0a | fail | the last update of system firmware "
                                          "failed: to version 65590: authentication failed",
                                          "other d1d1 | pass | no update of it is known to have "
                                          "failed"));
  EXPECT_EQ(verdict.summary(),
            "other 9b0a: the last update of system firmware failed: to version 65590: "
            "authentication failed");
}

TEST(FirmwareUpdates, BelievesAnySourceThatTellsOfAFailure) {
  v1::FirmwareFacts facts;
  v1::FirmwareComponent& drive = *facts.add_components();
  drive.set_kind(v1::FIRMWARE_KIND_NVME);
  drive.set_name("nvme0");
  drive.set_model("X5");
  drive.set_failed_update("slot 2 is read-only\n");
  EXPECT_EQ(said(judge_facts(control_of("firmware_updates"), facts)),
            "fail: nvme nvme0: the last update of X5 failed: slot 2 is read-only\\x0a");
}

TEST(FirmwareUpdates, DoesNotTakeSilenceForSuccess) {
  const Control control = control_of("firmware_updates");
  v1::FirmwareFacts facts;
  facts.add_components()->set_kind(v1::FIRMWARE_KIND_SYSTEM);
  EXPECT_EQ(said(judge_facts(control, facts)),
            "not_applicable: no firmware of it tells how its last update went");
  add_unread(facts, "/sys/firmware/efi/esrt/entries", "Permission denied");
  EXPECT_EQ(said(judge_facts(control, facts)),
            "unknown: /sys/firmware/efi/esrt/entries: Permission denied");
  v1::FirmwareFacts other;
  add_unread(other, "/sys/firmware/efi/esrtoo", "Permission denied");
  EXPECT_EQ(judge_facts(control, other).status(), v1::STATUS_NOT_APPLICABLE);
}

TEST(MicrocodeUniform, NamesTheRevisionsAndTheProcessorsThatRunThem) {
  const Control control = control_of("microcode_uniform");
  v1::FirmwareFacts facts;
  add_microcode(facts, "processors 0-19", "0x5003604");
  EXPECT_EQ(said(judge_facts(control, facts)), "pass: 06-55-07: runs 0x5003604 on processors 0-19");
  add_microcode(facts, "processors 20-39", "0x5003303");
  add_microcode(facts, "processors 40-59", "0x21", "06-8f-08");
  const v1::Verdict verdict = judge_facts(control, facts);
  EXPECT_THAT(lines(verdict),
              ElementsAre("06-55-07 | fail | runs 0x5003303 on processors 20-39; 0x5003604 on "
                          "processors 0-19",
                          "06-8f-08 | pass | runs 0x21 on processors 40-59"));
}

TEST(MicrocodeUniform, DoesNotTakeARevisionThatIsNotKnownForTheOthers) {
  const Control control = control_of("microcode_uniform");
  v1::FirmwareFacts facts;
  add_microcode(facts, "processors 0-19", "0x5003604");
  add_microcode(facts, "", "");
  EXPECT_EQ(said(judge_facts(control, facts)),
            "unknown: 06-55-07: runs a revision that is not known on some processors; 0x5003604 on "
            "processors 0-19");
  add_microcode(facts, "processors 20-39", "0x5003303");
  EXPECT_EQ(judge_facts(control, facts).status(), v1::STATUS_FAIL);
  v1::FirmwareFacts unread;
  add_unread(unread, "/proc/cpuinfo", "");
  EXPECT_EQ(said(judge_facts(control, unread)), "unknown: /proc/cpuinfo: it could not be read");
}

TEST(MicrocodeUniform, ShowsTheFirstFewOfManyRevisions) {
  v1::FirmwareFacts facts;
  for (int i = 0; i < 500; ++i) {
    add_microcode(facts, "processors " + std::to_string(i), "0x" + std::to_string(1000 + i));
  }
  EXPECT_THAT(judge_facts(control_of("microcode_uniform"), facts).summary(),
              EndsWith("; 0x1003 on processors 3; and 496 more"));
}

TEST(MicrocodeUniform, IsAskedOfMachinesAlone) {
  const Control control = control_of("microcode_uniform");
  v1::FirmwareFacts facts;
  EXPECT_EQ(said(judge_facts(control, facts)), "not_applicable: its kernel tells of no microcode");
  add_microcode(facts, "processors 0", "0x1");
  add_microcode(facts, "processors 1", "0x2");
  for (const auto where : {v1::VIRTUALIZATION_VIRTUAL_MACHINE, v1::VIRTUALIZATION_CONTAINER})
    EXPECT_EQ(judge_facts(control, facts, where).status(), v1::STATUS_NOT_APPLICABLE);
  EXPECT_EQ(judge_facts(control, facts, v1::VIRTUALIZATION_UNSPECIFIED).status(), v1::STATUS_FAIL);
  EXPECT_EQ(judge(control, {observed("firmware", facts)}).status(), v1::STATUS_FAIL)
      << "the probe host has not reported";
}

void add_weakness(v1::FirmwareFacts& facts, const std::string& name, v1::VulnerabilityState state,
                  const std::string& detail = "") {
  v1::ProcessorVulnerability& weakness = *facts.add_vulnerabilities();
  weakness.set_name(name);
  weakness.set_state(state);
  weakness.set_detail(detail);
}

v1::FirmwareFacts some_weaknesses() {
  v1::FirmwareFacts facts;
  add_weakness(facts, "mds", v1::VULNERABILITY_STATE_VULNERABLE,
               "Vulnerable: Clear CPU buffers attempted, no microcode");
  add_weakness(facts, "meltdown", v1::VULNERABILITY_STATE_NOT_AFFECTED, "Not affected");
  add_weakness(facts, "spec_store_bypass", v1::VULNERABILITY_STATE_VULNERABLE, "Vulnerable");
  add_weakness(facts, "spectre_v1", v1::VULNERABILITY_STATE_MITIGATED, "Mitigation: usercopy");
  add_weakness(facts, "srbds", v1::VULNERABILITY_STATE_UNSPECIFIED,
               "Unknown: Dependent on hypervisor status");
  return facts;
}

TEST(ProcessorVulnerabilities, HasTheWordsOfTheKernel) {
  const v1::Verdict verdict =
      judge_facts(control_of("processor_vulnerabilities"), some_weaknesses());
  EXPECT_THAT(
      lines(verdict),
      ElementsAre("mds | fail | the kernel says \"Vulnerable: Clear CPU buffers attempted, no "
                  "microcode\"",
                  "spec_store_bypass | fail | the kernel says \"Vulnerable\"",
                  "srbds | unknown | the kernel says \"Unknown: Dependent on hypervisor status\"",
                  "meltdown | pass | the kernel says \"Not affected\"",
                  "spectre_v1 | pass | the kernel says \"Mitigation: usercopy\""));
  EXPECT_EQ(verdict.summary(), "2 of 5 weaknesses of processors are open: mds, spec_store_bypass");
}

TEST(ProcessorVulnerabilities, PutsUpWithWhatIsAccepted) {
  Control control = control_of("processor_vulnerabilities");
  control.parameters = {{"accepted", Globs{"spec_*", "srbds", "melt*"}}};
  EXPECT_THAT(
      lines(judge_facts(control, some_weaknesses())),
      ElementsAre("mds | fail | the kernel says \"Vulnerable: Clear CPU buffers attempted, no "
                  "microcode\"",
                  "meltdown | pass | the kernel says \"Not affected\"",
                  "spec_store_bypass | pass | the kernel says \"Vulnerable\", which is accepted by "
                  "\"spec_*\"",
                  "spectre_v1 | pass | the kernel says \"Mitigation: usercopy\"",
                  "srbds | pass | the kernel says \"Unknown: Dependent on hypervisor status\", "
                  "which is accepted by \"srbds\""));
  control.parameters = {{"accepted", Globs{"*"}}};
  EXPECT_EQ(said(judge_facts(control, some_weaknesses())),
            "pass: 5 weaknesses of processors are dealt with");
}

TEST(ProcessorVulnerabilities, DoesNotTakeSilenceForHealth) {
  const Control control = control_of("processor_vulnerabilities");
  EXPECT_EQ(said(judge_facts(control, {})),
            "not_applicable: its kernel tells of no weaknesses of processors");
  v1::FirmwareFacts facts;
  add_unread(facts, "/sys/devices/system/cpu/vulnerabilities", "Permission denied");
  EXPECT_EQ(said(judge_facts(control, facts)),
            "unknown: /sys/devices/system/cpu/vulnerabilities: Permission denied");
  // As the probe has a file that it could not read, and a state that it learns later.
  facts.Clear();
  add_weakness(facts, "mds", v1::VULNERABILITY_STATE_UNSPECIFIED);
  EXPECT_EQ(said(judge_facts(control, facts)),
            "unknown: mds: the kernel does not say how the processors stand to it");
  facts.mutable_vulnerabilities(0)->set_state(static_cast<v1::VulnerabilityState>(99));
  EXPECT_EQ(judge_facts(control, facts).status(), v1::STATUS_UNKNOWN);
}

TEST(ProcessorVulnerabilities, IsAskedOfVirtualMachinesAndNotOfContainers) {
  const Control control = control_of("processor_vulnerabilities");
  const v1::FirmwareFacts facts = some_weaknesses();
  EXPECT_EQ(judge_facts(control, facts, v1::VIRTUALIZATION_VIRTUAL_MACHINE).status(),
            v1::STATUS_FAIL);
  EXPECT_EQ(said(judge_facts(control, facts, v1::VIRTUALIZATION_CONTAINER)),
            "not_applicable: it is a container: its kernel is its host's");
}

v1::FirmwareFacts with_secure_boot(int state) {
  v1::FirmwareFacts facts;
  facts.mutable_secure_boot()->set_state(static_cast<v1::SecureBootState>(state));
  return facts;
}

TEST(SecureBoot, IsWantedOnlyWhereItIsRequired) {
  struct Story {
    int state;
    v1::Status where_required;
    std::string words;
  };
  const std::vector<Story> stories = {
      {v1::SECURE_BOOT_STATE_OFF, v1::STATUS_FAIL, "Secure Boot is off"},
      {v1::SECURE_BOOT_STATE_SETUP, v1::STATUS_FAIL, "setup mode"},
      {v1::SECURE_BOOT_STATE_NO_UEFI, v1::STATUS_FAIL, "not started by UEFI"},
      {v1::SECURE_BOOT_STATE_UNSPECIFIED, v1::STATUS_UNKNOWN, "could not be told"},
      {99, v1::STATUS_UNKNOWN, "newer than this collector"},
  };
  const Control control = control_of("secure_boot");
  Control strict = control;
  strict.parameters = {{"required", int64_t{1}}};
  EXPECT_EQ(said(judge_facts(control, with_secure_boot(v1::SECURE_BOOT_STATE_ON))),
            "pass: Secure Boot is on");
  EXPECT_EQ(judge_facts(strict, with_secure_boot(v1::SECURE_BOOT_STATE_ON)).status(),
            v1::STATUS_PASS);
  for (const Story& story : stories) {
    const v1::FirmwareFacts facts = with_secure_boot(story.state);
    EXPECT_EQ(judge_facts(control, facts).status(), v1::STATUS_NOT_APPLICABLE) << story.words;
    const v1::Verdict verdict = judge_facts(strict, facts);
    EXPECT_EQ(verdict.status(), story.where_required) << story.words;
    EXPECT_THAT(verdict.summary(), HasSubstr(story.words));
    EXPECT_EQ(judge_facts(strict, facts, v1::VIRTUALIZATION_VIRTUAL_MACHINE).status(),
              story.where_required);
    EXPECT_EQ(judge_facts(strict, facts, v1::VIRTUALIZATION_CONTAINER).status(),
              v1::STATUS_NOT_APPLICABLE);
  }
}

TEST(SecureBoot, SaysWhyItCouldNotBeTold) {
  Control strict = control_of("secure_boot");
  strict.parameters = {{"required", int64_t{1}}};
  v1::FirmwareFacts facts = with_secure_boot(v1::SECURE_BOOT_STATE_UNSPECIFIED);
  add_unread(facts, "/sys/firmware/efi/esrt/entries", "Permission denied");
  add_unread(facts, "/sys/firmware/efi/efivars", "it has no variable of UEFI");
  EXPECT_EQ(said(judge_facts(strict, facts)),
            "unknown: whether Secure Boot is on could not be told (/sys/firmware/efi/efivars: it "
            "has no variable of UEFI)");
}

TEST(FirmwareRules, AreUnknownWithoutFactsAndWithOldOnes) {
  for (const Control& control :
       {control_of("firmware_updates"), control_of("microcode_uniform"),
        control_of("processor_vulnerabilities"), control_of("secure_boot")}) {
    EXPECT_EQ(judge(control, {}).status(), v1::STATUS_UNKNOWN) << control.rule;
    v1::FirmwareFacts facts = some_weaknesses();
    add_microcode(facts, "processors 0", "0x1");
    facts.mutable_secure_boot()->set_state(v1::SECURE_BOOT_STATE_ON);
    facts.add_components()->set_source("ESRT");
    const v1::Verdict verdict = judge(control, {observed("firmware", facts)});
    EXPECT_EQ(from_proto(verdict.valid_until()), kNow + days(1)) << control.rule;
    EXPECT_EQ(judge(control, {observed("firmware", facts)}, {}, kNow + days(1)).status(),
              v1::STATUS_UNKNOWN)
        << control.rule;
  }
}

}  // namespace
}  // namespace muster::policy
