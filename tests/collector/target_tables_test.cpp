#include "collector/admin/target_tables.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/timestamp.h"

namespace muster::collector {
namespace {

using testing::EndsWith;
using testing::HasSubstr;

constexpr TimePoint kNow{std::chrono::seconds(1'800'000'000)};
constexpr TerminalStyle kStyle{.color = false, .unicode = true, .width = 80};

v1::TargetList two_targets() {
  v1::TargetList list;
  v1::TargetSummary& shop = *list.add_targets();
  shop.set_name("shop");
  shop.set_kind("tcp");
  shop.set_address("shop.example.org:443");
  shop.set_status(v1::STATUS_PASS);
  *shop.mutable_looked_at() = to_proto(kNow - std::chrono::seconds(40));
  shop.set_looked_at_by("probe1");
  shop.mutable_owner()->set_team("web");
  v1::TargetSummary& bastion = *list.add_targets();
  bastion.set_name("[2001:db8::1]:22");
  bastion.set_address("[2001:db8::1]:22");
  bastion.set_status(v1::STATUS_UNKNOWN);
  bastion.set_note("no agent may look at it");
  return list;
}

TEST(TargetTable, ShowsEachTargetInALineWithin80Columns) {
  EXPECT_EQ(target_table(two_targets(), kNow, kStyle),
            "TARGET            STATUS     LAST LOOK       BY      OWNER  ADDRESS\n"
            "shop              ✓ pass     40 seconds ago  probe1  web    shop.example.org:443\n"
            "[2001:db8::1]:22  ? unknown  never           -       -      [2001:db8::1]:22\n");
}

TEST(TargetTable, SaysHowLongASilentAgentKeepsItsTargets) {
  v1::TargetList list = two_targets();
  list.set_lease_milliseconds(180'000);
  list.set_configured_lease_milliseconds(180'000);
  EXPECT_THAT(target_table(list, kNow, kStyle),
              EndsWith("\n\nAn agent that falls silent keeps its targets for 3m.\n"));
  // The collector has agents report every quarter of an hour.
  list.set_lease_milliseconds(45 * 60'000);
  EXPECT_THAT(
      target_table(list, kNow, kStyle),
      EndsWith("\n\nAn agent that falls silent keeps its targets for 45m: three of the reports "
               "that\nit is told to make. targets.lease is 3m.\n"));
}

TEST(TargetTable, ALongNameLeavesRoomForTheRest) {
  v1::TargetList list = two_targets();
  list.mutable_targets(0)->set_name(std::string(200, 'x'));
  const std::string table = target_table(list, kNow, kStyle);
  EXPECT_THAT(table, HasSubstr("✓ pass     40 seconds ago  probe1"));
  EXPECT_THAT(table, HasSubstr("xxx…"));
}

TEST(TargetTable, SaysHowToListSomeWhereThereAreNone) {
  EXPECT_THAT(target_table({}, kNow, kStyle), HasSubstr("`targets:` in collector.yml"));
}

TEST(TargetTable, SaysWhyNobodyLooksAtThoseThatAreMissing) {
  v1::TargetList list = two_targets();
  list.mutable_targets()->DeleteSubrange(0, 1);
  EXPECT_EQ(missing_targets_text(list, kNow, kStyle),
            "[2001:db8::1]:22 (last look: never)\n"
            "    no agent may look at it\n");
  EXPECT_EQ(chosen_target_table({}, kNow, kStyle), "No target stands so.\n");
  EXPECT_EQ(missing_targets_text({}, kNow, kStyle), "Somebody looks at every target.\n");
}

TEST(TargetText, SaysWhatItIsWhoLooksAndWhy) {
  v1::TargetDetail detail;
  *detail.mutable_summary() = two_targets().targets(1);
  detail.mutable_summary()->set_kind("tcp");
  detail.mutable_summary()->set_interval_milliseconds(60'000);
  detail.mutable_summary()->set_timeout_milliseconds(1'500);
  detail.mutable_summary()->set_place("targets.d/web.yml:3:5");
  v1::Verdict& verdict = *detail.add_verdicts();
  verdict.set_control("tcp-answers");
  verdict.set_title("Targets answer");
  verdict.set_summary("nobody has looked");
  const std::string text = target_text(detail, kNow, kStyle);
  EXPECT_THAT(text, HasSubstr("  every        1 minute, for 1s500ms at most\n"));
  EXPECT_THAT(text, HasSubstr("[2001:db8::1]:22\n  kind         tcp\n"));
  EXPECT_THAT(text, HasSubstr("  last look    never\n"));
  EXPECT_THAT(text, HasSubstr("  listed in    targets.d/web.yml:3:5\n"));
  EXPECT_THAT(text, HasSubstr("  note         no agent may look at it\n"));
  // What `explain` is asked with.
  EXPECT_THAT(text, HasSubstr("\n           tcp-answers: nobody has looked\n"));
}

}  // namespace
}  // namespace muster::collector
