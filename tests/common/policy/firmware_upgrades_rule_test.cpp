// firmware_upgrades: what fwupd knows of releases.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "common/policy/status.h"
#include "common/timestamp.h"
#include "muster/v1/agent_facts.pb.h"
#include "muster/v1/fwupd_facts.pb.h"
#include "tests/common/policy/judging.h"

namespace muster::policy {
namespace {

using namespace muster::testing;  // the words of the tests
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;

const std::string fwupd = "firmware-fwupd";

Control upgrades(const Globs& urgency = {}) {
  Control control = control_of("firmware_upgrades");
  if (!urgency.empty()) control.parameters.emplace_back("urgency", urgency);
  return control;
}

v1::FwupdDevice& add_device(v1::FwupdFacts& facts, const std::string& name,
                            v1::FirmwareUpgradesState state = v1::FIRMWARE_UPGRADES_STATE_TOLD) {
  v1::FwupdDevice& device = *facts.add_devices();
  device.add_guids("b585990a");
  device.set_name(name);
  device.set_version("1.2.2");
  device.set_updatable(true);
  device.set_upgrades_state(state);
  return device;
}

void add_release(v1::FwupdDevice& device, const std::string& version, v1::FirmwareUrgency urgency) {
  v1::FirmwareRelease& release = *device.add_upgrades();
  release.set_version(version);
  release.set_urgency(urgency);
}

void add_remote(v1::FwupdFacts& facts, const std::string& id, bool fetched, int days_old) {
  v1::FirmwareRemote& remote = *facts.add_remotes();
  remote.set_id(id);
  remote.set_fetched(fetched);
  if (days_old >= 0) *remote.mutable_modified_at() = to_proto(kNow - days(days_old));
}

v1::FwupdFacts fresh() {
  v1::FwupdFacts facts;
  add_remote(facts, "lvfs", true, 1);
  add_remote(facts, "vendor-directory", false, -1);
  return facts;
}

std::vector<std::string> lines_of(const v1::FwupdFacts& facts,
                                  const Control& control = upgrades()) {
  return lines(judge(control, {observed(fwupd, facts)}));
}
std::string said(const v1::Verdict& verdict) {
  return std::string(status_name(verdict.status())) + ": " + verdict.summary();
}

TEST(FirmwareUpgrades, SaysOfEachDeviceWhatRunsAndWhatWaits) {
  v1::FwupdFacts facts = fresh();
  add_release(add_device(facts, "disk"), "1.3", v1::FIRMWARE_URGENCY_HIGH);
  v1::FwupdDevice& webcam = add_device(facts, "webcam");
  add_release(webcam, "1.2.4", v1::FIRMWARE_URGENCY_LOW);
  // Also below the newest.
  add_release(webcam, "1.2.3", v1::FIRMWARE_URGENCY_CRITICAL);
  add_device(facts, "current");
  add_device(facts, "unknown to it", v1::FIRMWARE_UPGRADES_STATE_NOT_IN_METADATA);
  add_device(facts, "fixed", v1::FIRMWARE_UPGRADES_STATE_NOT_UPDATABLE);
  add_device(facts, "mute", v1::FIRMWARE_UPGRADES_STATE_UNSPECIFIED);
  v1::UnreadableSource& source = *facts.add_unreadable();
  source.set_path("GetUpgrades of mute");
  source.set_error("internal error");
  EXPECT_THAT(lines_of(facts),
              UnorderedElementsAre(
                  "current | pass | runs 1.2.2, and nothing newer is known",
                  "disk | pass | runs 1.2.2, and nothing urgent is newer",
                  "mute | unknown | fwupd did not tell its upgrades: internal error",
                  "unknown to it | not_applicable | fwupd's metadata have nothing of it",
                  "webcam | fail | runs 1.2.2, and 1.2.3 waits, which its maker finds critical"));
}

TEST(FirmwareUpgrades, CountsTheUrgenciesThatThePolicyNames) {
  v1::FwupdFacts facts = fresh();
  add_release(add_device(facts, "disk"), "1.3", v1::FIRMWARE_URGENCY_HIGH);
  add_release(add_device(facts, "webcam"), "1.2.3", v1::FIRMWARE_URGENCY_CRITICAL);
  add_release(add_device(facts, "untold"), "2", v1::FIRMWARE_URGENCY_UNSPECIFIED);
  const auto failed = [&facts](const Globs& urgency) {
    return said(judge(upgrades(urgency), {observed(fwupd, facts)}));
  };
  EXPECT_EQ(failed({}),
            "fail: webcam: runs 1.2.2, and 1.2.3 waits, which its maker finds critical");
  EXPECT_EQ(failed({"high"}), "fail: disk: runs 1.2.2, and 1.3 waits, which its maker finds high");
  EXPECT_EQ(failed({"high", "crit*"}),
            "fail: 2 of 3 devices wait for urgent firmware: disk, webcam");
  EXPECT_EQ(failed({"medium"}), "pass: 3 devices wait for no urgent firmware");
}

TEST(FirmwareUpgrades, AreNotKnownToBeNoneByOldMetadata) {
  v1::FwupdFacts facts;
  add_remote(facts, "lvfs", true, 40);
  add_remote(facts, "lvfs-testing", true, 1);
  add_device(facts, "current");
  add_device(facts, "unknown to it", v1::FIRMWARE_UPGRADES_STATE_NOT_IN_METADATA);
  add_release(add_device(facts, "webcam"), "1.2.3", v1::FIRMWARE_URGENCY_CRITICAL);
  const std::string old = "fwupd's metadata of lvfs are 40 days old: fwupdmgr refresh";
  EXPECT_THAT(lines_of(facts),
              UnorderedElementsAre(
                  "current | unknown | " + old, "unknown to it | unknown | " + old,
                  "webcam | fail | runs 1.2.2, and 1.2.3 waits, which its maker finds critical"));
  Control lenient = upgrades();
  lenient.parameters.emplace_back("metadata_max_age", Duration(days(41)));
  EXPECT_THAT(lines_of(facts, lenient),
              Contains("current | pass | runs 1.2.2, and nothing newer is known"));
}

TEST(FirmwareUpgrades, TakeTheMetadataThatLieOnTheHostWhereNoneAreFetched) {
  struct Case {
    bool fetched;
    int days_old;
    std::string line;
  };
  for (const Case& each : {
           Case{false, 1, "disk | pass | runs 1.2.2, and nothing newer is known"},
           Case{false, 31,
                "disk | unknown | fwupd's metadata of here are 31 days old: fwupdmgr refresh"},
           Case{false, -1, "disk | unknown | fwupd has no source of metadata that is enabled"},
           Case{true, -1, "disk | unknown | fwupd has no metadata of here yet: fwupdmgr refresh"},
       }) {
    v1::FwupdFacts facts;
    add_remote(facts, "here", each.fetched, each.days_old);
    add_device(facts, "disk");
    EXPECT_THAT(lines_of(facts), ElementsAre(each.line));
  }
  v1::FwupdFacts without;
  add_device(without, "disk");
  EXPECT_THAT(lines_of(without),
              ElementsAre("disk | unknown | fwupd has no source of metadata that is enabled"));
}

TEST(FirmwareUpgrades, BecomeUnknownAtTheMomentThatTheMetadataAreTooOld) {
  v1::FwupdFacts facts;
  add_remote(facts, "lvfs", true, 30);
  facts.mutable_remotes(0)->mutable_modified_at()->set_seconds(
      facts.remotes(0).modified_at().seconds() + 1);
  add_device(facts, "disk");
  EXPECT_EQ(judge(upgrades(), {observed(fwupd, facts)}).status(), v1::STATUS_PASS);
  EXPECT_EQ(
      judge(upgrades(), {observed(fwupd, facts)}, {}, kNow + std::chrono::seconds(1)).status(),
      v1::STATUS_UNKNOWN);
}

TEST(FirmwareUpgrades, DoNotApplyWhereTheProbeIsOffOrThereIsNoDaemon) {
  const std::string off =
      "not_applicable: the probe firmware-fwupd is off, as it is unless agent.yml switches it on";
  v1::AgentFacts agent;
  EXPECT_EQ(said(judge(upgrades(), {})), off);
  // Older than the probe.
  EXPECT_EQ(said(judge(upgrades(), {observed("agent", agent)})), off);
  v1::AgentProbe& probe = *agent.add_probes();
  probe.set_name(fwupd);
  probe.set_disabled(true);
  EXPECT_EQ(said(judge(upgrades(), {observed("agent", agent)})), off);
  // It was on once.
  v1::FwupdFacts facts = fresh();
  add_device(facts, "disk");
  EXPECT_EQ(said(judge(upgrades(), {observed("agent", agent), observed(fwupd, facts)})), off);
  probe.set_disabled(false);
  EXPECT_EQ(said(judge(upgrades(), {observed("agent", agent), observed(fwupd, facts)})),
            "pass: disk: runs 1.2.2, and nothing newer is known");
  EXPECT_EQ(judge(upgrades(), {observed("agent", agent)}).status(), v1::STATUS_UNKNOWN);
  SectionState newer = observed("agent", agent);
  newer.facts_type = "muster.v9.Facts";
  EXPECT_EQ(judge(upgrades(), {newer}).status(), v1::STATUS_UNKNOWN);
  EXPECT_EQ(judge(upgrades(), {newer, observed(fwupd, facts)}).status(), v1::STATUS_PASS);
  EXPECT_EQ(judge(upgrades(), {not_applicable(fwupd, "fwupd is not installed")}).status(),
            v1::STATUS_NOT_APPLICABLE);
  EXPECT_EQ(said(judge(upgrades(), {observed(fwupd, fresh())})),
            "not_applicable: fwupd can update nothing of it");
}

TEST(FirmwareUpgrades, AreUnknownByOldFactsAndDamagedOnes) {
  v1::FwupdFacts facts = fresh();
  add_device(facts, "disk");
  SectionState section = observed(fwupd, facts);
  EXPECT_EQ(judge(upgrades(), {section}, {}, kNow + days(29)).status(), v1::STATUS_UNKNOWN);
  section.facts = "\xff damaged";
  EXPECT_EQ(said(judge(upgrades(), {section})),
            "unknown: the facts of the probe firmware-fwupd are damaged");
}

}  // namespace
}  // namespace muster::policy
