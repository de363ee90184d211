// firmware_baseline, firmware_covered, firmware_activated.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "muster/v1/firmware_facts.pb.h"
#include "muster/v1/host_facts.pb.h"
#include "tests/common/policy/baselines_of.h"
#include "tests/common/policy/judging.h"

namespace muster::policy {
namespace {

using namespace muster::testing;  // the words of the tests
using ::testing::ElementsAre;
using ::testing::HasSubstr;

struct Piece {
  v1::FirmwareKind kind = v1::FIRMWARE_KIND_SYSTEM;
  std::string name = {};
  std::string model = "PowerEdge R640";
  std::string version = {};
  std::string next = {};
  bool tells_next = false;
};

v1::FirmwareFacts facts_with(const std::vector<Piece>& pieces) {
  v1::FirmwareFacts facts;
  for (const Piece& piece : pieces) {
    v1::FirmwareComponent& component = *facts.add_components();
    component.set_kind(piece.kind);
    component.set_name(piece.name);
    component.set_vendor("Dell Inc.");
    component.set_model(piece.model);
    component.set_version(piece.version);
    component.set_next_version(piece.next);
    component.set_tells_next(piece.tells_next);
  }
  return facts;
}

Policy policy_with(Control control, const std::string& asks) {
  Policy policy{{std::move(control)}};
  policy.controls[0].deadlines = Deadlines::all(days(30));
  if (asks.empty()) return policy;
  const std::vector<PolicyText> texts{
      {.name = "dell.yml",
       .text = "baselines:\n  - {id: r640-bios, match: {kind: bios, model: [PowerEdge R640]}, "
               "version_format: dell-bios, source: x, date: 2026-11-02, " +
               asks + "}"}};
  auto baselines = baselines_of(texts);
  EXPECT_TRUE(baselines.ok()) << baselines.status();
  policy.baselines = *std::move(baselines);
  return policy;
}

v1::Verdict judge_by(const Policy& policy, std::vector<SectionState> sections,
                     TimePoint now = kNow) {
  const Evaluation evaluation =
      evaluate({.sections = sections, .last_sync = std::nullopt}, {}, policy, now);
  EXPECT_EQ(evaluation.verdicts.size(), 1U);
  return evaluation.verdicts[0];
}

std::vector<std::string> lines_of(const std::string& asks, const Piece& piece) {
  return lines(judge_by(policy_with(control_of("firmware_baseline"), asks),
                        {observed("firmware", facts_with({piece}))}));
}

TEST(FirmwareBaseline, SaysOfEachPieceWhatRunsAndWhatIsAskedFor) {
  struct Story {
    Piece piece;
    std::string line;
  };
  const std::vector<Story> stories = {
      {{.version = "2.19.1"},
       "bios | pass | runs 2.19.1, at least the minimum 2.19.1 (baseline r640-bios)"},
      {{.version = "2.17.0"},
       "bios | due | runs 2.17.0, older than the minimum 2.19.1 (baseline r640-bios)"},
      {{.version = "2.17.0", .next = "2.21.2", .tells_next = true},
       "bios | due | runs 2.17.0, older than the minimum 2.19.1; boots 2.21.2 next, at least the "
       "minimum 2.19.1 (baseline r640-bios)"},
      {{.version = "2.21.2", .next = "2.17.0", .tells_next = true},
       "bios | due | runs 2.21.2, at least the minimum 2.19.1; boots 2.17.0 next, older than the "
       "minimum 2.19.1 (baseline r640-bios)"},
      {{.version = "2.20.0"},
       "bios | due | runs 2.20.0, which is forbidden: fans stop (baseline r640-bios)"},
      {{.version = ""}, "bios | unknown | it is not known which version runs (baseline r640-bios)"},
      {{.model = "PowerEdge R650", .version = "1.0.0"},
       "bios | not_applicable | no baseline is about bios 'PowerEdge R650' of 'Dell Inc.'"},
  };
  for (const Story& story : stories) {
    EXPECT_THAT(
        lines_of("minimum: 2.19.1, forbidden: [{version: 2.20.0, why: fans stop}]", story.piece),
        ElementsAre(story.line));
  }
}

TEST(FirmwareBaseline, IsSummedUpByTheWorst) {
  const auto summary = [](const std::vector<Piece>& pieces) {
    return judge_by(policy_with(control_of("firmware_baseline"), "minimum: 2.19.1"),
                    {observed("firmware", facts_with(pieces))})
        .summary();
  };
  const Piece good{.name = "a", .version = "2.19.1"};
  const Piece other{.model = "PowerEdge R650"};
  EXPECT_EQ(summary({good, {.name = "b", .version = "2.17.0"}, other}),
            "bios b: runs 2.17.0, older than the minimum 2.19.1 (baseline r640-bios)");
  EXPECT_EQ(summary({good, {.name = "b", .version = "2.17.0"}, {.name = "c", .version = "2.1.0"}}),
            "2 of 3 pieces of firmware are not as the baselines ask: bios b, bios c");
  EXPECT_EQ(summary({good, {.name = "b"}}),
            "bios b: it is not known which version runs (baseline r640-bios)");
  EXPECT_EQ(summary({good, {.name = "b"}, {.name = "c"}}),
            "2 of 3 pieces of firmware cannot be told of: bios b, bios c");
  EXPECT_EQ(summary({good, {.name = "b", .version = "2.20.0"}, other}),
            "2 pieces of firmware are as the baselines ask");
  EXPECT_EQ(summary({other}), "no baseline is about bios 'PowerEdge R650' of 'Dell Inc.'");
}

TEST(FirmwareBaseline, ThatIsForbiddenHasTheDeadlineOfWhatIsCritical) {
  Policy policy = policy_with(control_of("firmware_baseline"),
                              "minimum: 2.19.1, forbidden: [{version: 2.20.0, why: fans stop}]");
  policy.controls[0].deadlines = {.high = days(60), .critical = days(7)};
  policy.controls[0].severity = v1::SEVERITY_HIGH;
  const auto deadline = [&policy](const std::string& version) {
    const v1::Verdict verdict =
        judge_by(policy, {observed("firmware", facts_with({{.version = version}}))});
    return verdict.subjects(0).deadline().seconds();
  };
  EXPECT_EQ(deadline("2.17.0") - deadline("2.20.0"), 53 * 86400);
}

TEST(FirmwareBaseline, IsRequiredFromItsDayOn) {
  const Policy policy =
      policy_with(control_of("firmware_baseline"), "minimum: 2.19.1, required_from: 2027-01-01");
  const auto status = [&policy](TimePoint now) {
    SectionState section = observed("firmware", facts_with({{.version = "2.17.0"}}), now);
    return judge_by(policy, {section}, now).status();
  };
  // 2027-01-01.
  constexpr TimePoint kFirst{std::chrono::seconds(1'798'761'600)};
  EXPECT_EQ(status(kFirst - std::chrono::seconds(1)), v1::STATUS_PASS);
  EXPECT_EQ(status(kFirst), v1::STATUS_DUE);
}

TEST(FirmwareBaseline, ThatIsNotYetRequiredIsJudgedAgainTheNextDay) {
  const Policy policy =
      policy_with(control_of("firmware_baseline"), "minimum: 2.19.1, required_from: 2027-01-01");
  const std::vector<SectionState> sections{
      observed("firmware", facts_with({{.version = "2.17.0"}}))};
  const Evaluation evaluation =
      evaluate({.sections = sections, .last_sync = std::nullopt}, {}, policy, kNow);
  EXPECT_LE(evaluation.standings.at(0).valid_until, kNow + days(1));
}

TEST(FirmwareBaseline, AppliesToNothingWithoutBaselines) {
  const v1::Verdict verdict = judge_by(policy_with(control_of("firmware_baseline"), ""),
                                       {observed("firmware", facts_with({{}}))});
  EXPECT_EQ(verdict.status(), v1::STATUS_NOT_APPLICABLE);
  EXPECT_EQ(verdict.summary(), "the policy has no baselines of firmware");
}

TEST(FirmwareBaseline, IsUnknownWithoutFacts) {
  EXPECT_EQ(judge_by(policy_with(control_of("firmware_baseline"), "minimum: 2.19.1"), {}).status(),
            v1::STATUS_UNKNOWN);
}

TEST(FirmwareCovered, NamesWhatNoBaselineIsAbout) {
  const v1::FirmwareFacts facts = facts_with(
      {{.version = "2.17.0"},
       {.kind = v1::FIRMWARE_KIND_NVME, .name = "nvme0", .model = "X5", .version = "E01"},
       // Nobody writes baselines of these machine by machine.
       {.kind = v1::FIRMWARE_KIND_MICROCODE, .name = "processors 0-3", .version = "0x1"},
       {.kind = v1::FIRMWARE_KIND_OTHER, .name = "iDRAC9"}});
  const Policy policy = policy_with(control_of("firmware_covered"), "minimum: 2.19.1");
  EXPECT_THAT(lines(judge_by(policy, {observed("firmware", facts)})),
              ElementsAre("nvme nvme0 | due | no baseline is about 'X5' of 'Dell Inc.', which runs "
                          "E01",
                          "bios | pass | baseline r640-bios is about it"));
}

TEST(FirmwareCovered, IsNotAskedOfVirtualMachinesAndContainers) {
  const Policy policy = policy_with(control_of("firmware_covered"), "minimum: 2.19.1");
  for (const auto kind : {v1::VIRTUALIZATION_VIRTUAL_MACHINE, v1::VIRTUALIZATION_CONTAINER}) {
    v1::HostFacts host;
    host.set_virtualization(kind);
    const v1::Verdict verdict = judge_by(
        policy, {observed("host", host), observed("firmware", facts_with({{.model = "Q35"}}))});
    EXPECT_EQ(verdict.status(), v1::STATUS_NOT_APPLICABLE);
  }
  v1::HostFacts host;
  host.set_virtualization(v1::VIRTUALIZATION_UNSPECIFIED);
  EXPECT_EQ(judge_by(policy,
                     {observed("host", host), observed("firmware", facts_with({{.model = "Q35"}}))})
                .status(),
            v1::STATUS_DUE);
}

TEST(FirmwareActivated, SaysWhatBootsNext) {
  const Policy policy = policy_with(control_of("firmware_activated"), "");
  EXPECT_THAT(
      lines(judge_by(policy, {observed("firmware", facts_with({{.kind = v1::FIRMWARE_KIND_NVME,
                                                                .name = "nvme0",
                                                                .version = "GDC5502Q",
                                                                .next = "GDC5602Q",
                                                                .tells_next = true},
                                                               {.kind = v1::FIRMWARE_KIND_NVME,
                                                                .name = "nvme1",
                                                                .version = "GDC5602Q",
                                                                .tells_next = true},
                                                               {.version = "2.17.0"}}))})),
      ElementsAre("nvme nvme0 | due | runs GDC5502Q, boots GDC5602Q next",
                  "nvme nvme1 | pass | runs GDC5602Q, and nothing waits"));
  const v1::Verdict verdict =
      judge_by(policy, {observed("firmware", facts_with({{.version = "2.17.0"}}))});
  EXPECT_EQ(verdict.status(), v1::STATUS_NOT_APPLICABLE);
  EXPECT_THAT(verdict.summary(), HasSubstr("tells what waits"));
}

}  // namespace
}  // namespace muster::policy
