#include "common/firmware/baseline_verdict.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace muster::firmware {
namespace {

using namespace std::chrono_literals;
using enum BaselineState;
using std::chrono::sys_days;

constexpr sys_days kToday = 2026y / 11 / 23;

v1::FirmwareComponent component(v1::FirmwareKind kind, const std::string& vendor,
                                const std::string& model, const std::string& version,
                                const std::string& next = "") {
  v1::FirmwareComponent one;
  one.set_kind(kind);
  one.set_vendor(vendor);
  one.set_model(model);
  one.set_version(version);
  one.set_next_version(next);
  return one;
}

v1::FirmwareComponent r640(const std::string& version, const std::string& next = "") {
  return component(v1::FIRMWARE_KIND_SYSTEM, "Dell Inc.", "PowerEdge R640", version, next);
}

BaselineEntry r640_entry() {
  return {.id = "r640-bios",
          .match = {.kind = v1::FIRMWARE_KIND_SYSTEM,
                    .vendor = "Dell Inc.",
                    .models = {"PowerEdge R640"}},
          .format = VersionFormat::kDellBios,
          .minimum = "2.17.0",
          .approved = {"2.16.1"},
          .forbidden = {{.version = "2.20.0", .why = "it was withdrawn"},
                        {.from = "2.18.0", .below = "2.18.2", .why = "fans stop"}}};
}

struct Case {
  const char* version;
  const char* next;
  BaselineState state;
  const char* words;
};

void expect(const BaselineEntry& entry, const std::vector<Case>& cases, sys_days today = kToday) {
  const Baseline baseline{.entries = {entry}};
  for (const Case& one : cases) {
    v1::FirmwareComponent component = r640(one.version, one.next);
    const BaselineVerdict verdict = judge(baseline, component, today);
    EXPECT_EQ(state_name(verdict.state), state_name(one.state)) << one.words;
    EXPECT_EQ(verdict.words, one.words);
    EXPECT_EQ(verdict.entry, entry.id);
  }
}

TEST(BaselineVerdict, IsGoodFromTheMinimumOnAndForWhatIsApproved) {
  expect(r640_entry(),
         {{"2.17.0", "", kAtLeastMinimum,
           "runs 2.17.0, at least the minimum 2.17.0 (baseline r640-bios)"},
          {"2.19.1", "", kAtLeastMinimum,
           "runs 2.19.1, at least the minimum 2.17.0 (baseline r640-bios)"},
          {"2.18.2", "", kAtLeastMinimum,
           "runs 2.18.2, at least the minimum 2.17.0 (baseline r640-bios)"},
          {"2.16.1", "", kApproved, "runs 2.16.1, which is approved (baseline r640-bios)"},
          {" 2.17.0 ", "2.17.0", kAtLeastMinimum,
           "runs 2.17.0, at least the minimum 2.17.0 (baseline r640-bios)"},
          {"2.17.0", "2.19.1", kAtLeastMinimum,
           "runs 2.17.0, at least the minimum 2.17.0; boots 2.19.1 next, at least the minimum "
           "2.17.0 (baseline r640-bios)"}});
}

TEST(BaselineVerdict, IsBadBelowTheMinimumAndForWhatIsForbidden) {
  expect(r640_entry(),
         {{"2.16.2", "", kBelow, "runs 2.16.2, older than the minimum 2.17.0 (baseline r640-bios)"},
          {"2.9.4", "", kBelow, "runs 2.9.4, older than the minimum 2.17.0 (baseline r640-bios)"},
          {"2.20.0", "", kForbidden,
           "runs 2.20.0, which is forbidden: it was withdrawn (baseline r640-bios)"},
          {"2.18.0", "", kForbidden,
           "runs 2.18.0, which is forbidden: fans stop (baseline r640-bios)"},
          {"2.18.1", "2.18.0", kForbidden,
           "runs 2.18.1, which is forbidden: fans stop; boots 2.18.0 next, which is forbidden: "
           "fans stop (baseline r640-bios)"}});
}

TEST(BaselineVerdict, IsAStateOfItsOwnWhereOnlyTheNextStartIsMissing) {
  expect(r640_entry(),
         {{"2.14.0", "2.19.1", kStaged,
           "runs 2.14.0, older than the minimum 2.17.0; boots 2.19.1 next, at least the minimum "
           "2.17.0 (baseline r640-bios)"},
          {"2.20.0", "2.16.1", kStaged,
           "runs 2.20.0, which is forbidden: it was withdrawn; boots 2.16.1 next, which is "
           "approved (baseline r640-bios)"},
          {"2.14.0", "2.15.0", kBelow,
           "runs 2.14.0, older than the minimum 2.17.0; boots 2.15.0 next, older than the minimum "
           "2.17.0 (baseline r640-bios)"},
          {"2.14.0", "A14", kBelow,
           "runs 2.14.0, older than the minimum 2.17.0; boots A14 next, which cannot be compared: "
           "'A14' is no version of the format dell-bios, such as 1.15.2 (baseline r640-bios)"}});
}

TEST(BaselineVerdict, WarnsOfWhatIsGoodOnlyUntilTheNextStart) {
  expect(
      r640_entry(),
      {{"2.19.1", "2.14.0", kStagedAway,
        "runs 2.19.1, at least the minimum 2.17.0; boots 2.14.0 next, older than the minimum "
        "2.17.0 (baseline r640-bios)"},
       {"2.19.1", "garbage", kStagedAway,
        "runs 2.19.1, at least the minimum 2.17.0; boots garbage next, which cannot be compared: "
        "'garbage' is no version of the format dell-bios, such as 1.15.2 (baseline r640-bios)"}});
  EXPECT_FALSE(is_good(kStagedAway));
  EXPECT_FALSE(is_good(kStaged));
}

TEST(BaselineVerdict, TellsWhatIsStagedByItself) {
  const Baseline baseline{.entries = {r640_entry()}};
  EXPECT_EQ(judge(baseline, r640("2.14.0", "2.19.1"), kToday).staged, "boots 2.19.1 next");
  EXPECT_EQ(judge(baseline, r640("2.14.0"), kToday).staged, "");
  EXPECT_EQ(judge(baseline, r640("2.14.0", "2.14.0"), kToday).staged, "");
}

TEST(BaselineVerdict, IsNeverGoodWithoutAKnownVersion) {
  const std::vector<Case> cases = {
      {"", "", kUnknown, "it is not known which version runs (baseline r640-bios)"},
      {"  ", "2.19.1", kUnknown,
       "it is not known which version runs; boots 2.19.1 next, at least the minimum 2.17.0 "
       "(baseline r640-bios)"},
      {"A14", "", kNotComparable,
       "runs A14, which cannot be compared: 'A14' is no version of the format dell-bios, such as "
       "1.15.2 (baseline r640-bios)"},
      {"A14\x1b[2J", "2.19.1", kNotComparable,
       "runs A14\\x1b[2J, which cannot be compared: 'A14\\x1b[2J' is no version of the format "
       "dell-bios, such as 1.15.2; boots 2.19.1 next, at least the minimum 2.17.0 (baseline "
       "r640-bios)"}};
  expect(r640_entry(), cases);
  BaselineEntry later = r640_entry();
  later.required_from = 2027y / 1 / 1;
  expect(later, cases);
}

TEST(BaselineVerdict, IsNotComparableAcrossFamilies) {
  BaselineEntry entry = r640_entry();
  entry.format = VersionFormat::kHpeRom;
  entry.minimum = "U30 v2.78 (03/16/2023)";
  entry.approved.clear();
  entry.forbidden.clear();
  expect(entry, {{"P89 v2.90 (05/21/2023)", "", kNotComparable,
                  "runs P89 v2.90 (05/21/2023), which cannot be compared: 'P89 v2.90 (05/21/2023)' "
                  "and 'U30 v2.78 (03/16/2023)' have no order: they are of two families, P89 and "
                  "U30 (baseline r640-bios)"},
                 {"U30 v2.90 (07/20/2023)", "", kAtLeastMinimum,
                  "runs U30 v2.90 (07/20/2023), at least the minimum U30 v2.78 (03/16/2023) "
                  "(baseline r640-bios)"}});
}

TEST(BaselineVerdict, IsNotGoodBelowTheApprovedWhereThereIsNoMinimum) {
  BaselineEntry entry = r640_entry();
  entry.minimum.clear();
  entry.forbidden.clear();
  entry.approved = {"2.16.1", "2.19.1"};
  expect(entry, {{"2.19.1", "", kApproved, "runs 2.19.1, which is approved (baseline r640-bios)"},
                 {"2.20.0", "", kNotApproved,
                  "runs 2.20.0, which is not approved, only 2.16.1, 2.19.1 (baseline r640-bios)"},
                 {"2.20.0", "2.19.1", kStaged,
                  "runs 2.20.0, which is not approved, only 2.16.1, 2.19.1; boots 2.19.1 next, "
                  "which is approved (baseline r640-bios)"}});
}

TEST(BaselineVerdict, AllowsWhatIsNotForbiddenWhereNothingElseIsAsked) {
  BaselineEntry entry = r640_entry();
  entry.minimum.clear();
  entry.approved.clear();
  expect(entry,
         {{"1.0.0", "", kApproved, "runs 1.0.0, which is not forbidden (baseline r640-bios)"},
          {"2.18.1", "", kForbidden,
           "runs 2.18.1, which is forbidden: fans stop (baseline r640-bios)"}});
}

TEST(BaselineVerdict, IsNotComparableWhereAForbiddenVersionMayBeTheOneThatRuns) {
  BaselineEntry entry = r640_entry();
  entry.format = VersionFormat::kDotted;
  entry.minimum = "51.13.0-3223";
  entry.approved.clear();
  entry.forbidden = {{.version = "51.16.0-5148", .why = "memory errors"}};
  expect(entry, {{"51.16.0-5150", "", kAtLeastMinimum,
                  "runs 51.16.0-5150, at least the minimum 51.13.0-3223 (baseline r640-bios)"},
                 {"51.16.0", "", kNotComparable,
                  "runs 51.16.0, which cannot be compared: '51.16.0' and '51.16.0-5148' have no "
                  "order: one is with a build, the other without that (baseline r640-bios)"}});
}

TEST(BaselineVerdict, WaitsForTheDayFromWhichItIsRequired) {
  BaselineEntry entry = r640_entry();
  entry.required_from = 2026y / 11 / 24;
  const std::vector<Case> early = {
      {"2.14.0", "", kNotYetRequired,
       "runs 2.14.0, older than the minimum 2.17.0 (baseline r640-bios, required from 2026-11-24 "
       "on)"},
      {"2.20.0", "2.19.1", kNotYetRequired,
       "runs 2.20.0, which is forbidden: it was withdrawn; boots 2.19.1 next, at least the minimum "
       "2.17.0 (baseline r640-bios, required from 2026-11-24 on)"},
      {"2.17.0", "", kAtLeastMinimum,
       "runs 2.17.0, at least the minimum 2.17.0 (baseline r640-bios)"}};
  expect(entry, early, 2026y / 11 / 23);
  expect(
      entry,
      {{"2.14.0", "", kBelow, "runs 2.14.0, older than the minimum 2.17.0 (baseline r640-bios)"}},
      2026y / 11 / 24);
}

TEST(BaselineVerdict, SaysWhatNoEntryIsAbout) {
  const Baseline baseline{.entries = {r640_entry()}};
  const BaselineVerdict verdict =
      judge(baseline,
            component(v1::FIRMWARE_KIND_NVME, "Samsung", "MZQLB3T8HALS-00007", "EDA7602Q"), kToday);
  EXPECT_EQ(verdict.state, kNoEntry);
  EXPECT_EQ(verdict.words, "no baseline is about nvme 'MZQLB3T8HALS-00007' of 'Samsung'");
  EXPECT_EQ(verdict.entry, "");
  EXPECT_FALSE(is_good(kNoEntry));
}

TEST(BaselineVerdict, HasANameForEveryState) {
  std::set<std::string_view> names;
  for (int state = 0; state <= static_cast<int>(kNotComparable); ++state)
    names.insert(state_name(static_cast<BaselineState>(state)));
  EXPECT_EQ(names.size(), 11U);
}

}  // namespace
}  // namespace muster::firmware
