#include "common/policy/host_scope.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace muster::policy {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const std::map<std::string, std::string> web_labels{{"role", "web"}};
const HostTraits web1{.name = "web1", .labels = &web_labels, .os_id = "debian", .os_version = "12"};
// As web1 is before its first report.
const HostTraits untold{.name = "web1", .labels = &web_labels};
const HostTraits db1{.name = "db1", .os_id = "ubuntu", .os_version = "24.04"};

// Selectors, each with the place it would have in a file.
Selector placed(Selector selector, std::string place) {
  selector.place = {std::move(place)};
  return selector;
}
Selector named(std::string glob) {
  Selector selector;
  selector.hosts = {std::move(glob)};
  return placed(std::move(selector), "hosts");
}
Selector running(std::string os) {
  Selector selector;
  selector.os = {std::move(os)};
  return placed(std::move(selector), "os");
}
Selector in_group(size_t group) {
  Selector selector;
  selector.groups = {group};
  return placed(std::move(selector), "groups");
}

Control control(std::string id, Selector applies_to) {
  return {.id = std::move(id), .title = "", .rule = "", .applies_to = std::move(applies_to)};
}
Owner owner(std::string team, Selector match) {
  return {.team = std::move(team), .match = std::move(match)};
}
Waiver waiver(std::string id, Selector match) {
  return {.id = std::move(id), .match = std::move(match)};
}
MaintenanceWindow window(std::string name, Selector match) {
  return {.name = std::move(name), .match = std::move(match)};
}

TEST(HostScope, SaysOfEveryControlWhetherItIsRequired) {
  const Policy policy{
      .controls = {control("all", {}), control("web", named("web*")),
                   control("debian", running("debian")), control("group", in_group(0))},
      .groups = {{.name = "g", .any_of = {running("ubuntu")}}}};
  EXPECT_THAT(scope_of(policy, web1).controls,
              ElementsAre(Match::kYes, Match::kYes, Match::kYes, Match::kNo));
  EXPECT_THAT(scope_of(policy, db1).controls,
              ElementsAre(Match::kYes, Match::kNo, Match::kNo, Match::kYes));
  EXPECT_THAT(scope_of(policy, untold).controls,
              ElementsAre(Match::kYes, Match::kYes, Match::kUnknown, Match::kUnknown));
}

TEST(HostScope, TheFirstOwnerThatMatchesCounts) {
  const Policy policy{.controls = {},
                      .owners = {owner("databases", named("db*")), owner("web", named("web*")),
                                 owner("everything", {})}};
  EXPECT_EQ(scope_of(policy, db1).owner, 0u);
  EXPECT_EQ(scope_of(policy, web1).owner, 1u);
  EXPECT_EQ(scope_of(policy, {.name = "mail1"}).owner, 2u);
  EXPECT_EQ(scope_of({.controls = {}, .owners = {owner("databases", named("db*"))}}, web1).owner,
            std::nullopt);
}

// Who can be called now is better than who may turn out to be the right one.
TEST(HostScope, WhatMayBeMatchedIsNoOwnerAndNoWaiverAndNoWindow) {
  const Policy policy{.controls = {},
                      .owners = {owner("debian", running("debian")), owner("everything", {})},
                      .waivers = {waiver("w", running("debian")), waiver("other", {})},
                      .maintenance = {window("m", running("debian")), window("other", {})}};
  const HostScope told = scope_of(policy, web1);
  EXPECT_EQ(told.owner, 0u);
  EXPECT_THAT(told.waivers, ElementsAre(0u, 1u));
  EXPECT_THAT(told.windows, ElementsAre(0u, 1u));
  const HostScope before = scope_of(policy, untold);
  EXPECT_EQ(before.owner, 1u);
  EXPECT_THAT(before.waivers, ElementsAre(1u));
  EXPECT_THAT(before.windows, ElementsAre(1u));
}

TEST(HostScope, HasEveryWaiverAndWindowThatSelectsTheHost) {
  const Policy policy{
      .controls = {},
      .waivers = {waiver("a", named("web1")), waiver("b", named("db*")), waiver("c", {})},
      .maintenance = {window("a", named("db*")), window("b", named("w*"))}};
  EXPECT_THAT(scope_of(policy, web1).waivers, ElementsAre(0u, 2u));
  EXPECT_THAT(scope_of(policy, web1).windows, ElementsAre(1u));
  EXPECT_THAT(scope_of(policy, db1).waivers, ElementsAre(1u, 2u));
  EXPECT_THAT(scope_of(policy, db1).windows, ElementsAre(0u));
}

std::vector<std::string> empty_of(const Policy& policy, const std::vector<HostTraits>& hosts) {
  SelectorUse use(policy);
  for (const HostTraits& host : hosts)
    use.add(host);
  std::vector<std::string> lines;
  for (const EmptySelector& empty : use.empty())
    lines.push_back(empty.of + " at " + empty.place.text);
  return lines;
}

TEST(SelectorUse, NamesWhatSelectsNoHostInTheOrderOfThePolicy) {
  const Policy policy{
      .controls = {control("c", placed(named("mail*"), "p.yml:1:1")), control("used", in_group(0))},
      .groups = {{.name = "g", .any_of = {named("web*"), placed(named("gone"), "p.yml:2:2")}}},
      .owners = {owner("o", placed(running("arch"), "p.yml:3:3"))},
      .waivers = {waiver("w", placed(running("debian:11"), "p.yml:4:4"))},
      .maintenance = {window("m", placed(named("x"), "p.yml:5:5"))}};
  EXPECT_THAT(empty_of(policy, {web1, db1}),
              ElementsAre("the group g at p.yml:2:2", "the control c at p.yml:1:1",
                          "the owner o at p.yml:3:3", "the waiver w at p.yml:4:4",
                          "the maintenance window m at p.yml:5:5"));
  // Each of them is used by one host or another.
  EXPECT_THAT(empty_of(policy, {{.name = "gone", .os_id = "arch"},
                                {.name = "mail1", .os_id = "debian", .os_version = "11"},
                                {.name = "x", .os_id = "rocky"},
                                web1}),
              IsEmpty());
}

TEST(SelectorUse, ForgivesWhatMayBeEmptyAndWhatAsksForNothing) {
  Selector later = named("later*");
  later.may_be_empty = true;
  const Policy policy{
      .controls = {control("a", later), control("b", {}), control("c", placed({}, "p.yml:1:1"))}};
  EXPECT_THAT(empty_of(policy, {web1}), IsEmpty());
  EXPECT_THAT(empty_of(policy, {}), IsEmpty());
}

TEST(SelectorUse, AHostThatHasNotToldItsOperatingSystemMayBeTheOne) {
  const Policy policy{.controls = {control("c", running("debian:11"))}};
  EXPECT_THAT(empty_of(policy, {web1}), ElementsAre("the control c at os"));
  EXPECT_THAT(empty_of(policy, {web1, untold}), IsEmpty());
}

TEST(SelectorUse, NamesWhatSelectsNoTargetOnlyWhereThereAreTargets) {
  const HostTraits shop{.kind = "tcp", .name = "shop", .labels = &web_labels};
  const HostTraits mail{.kind = "tcp", .name = "mail"};
  Selector any = named("*");
  any.kind = "";
  Selector of_targets = named("shop");
  of_targets.kind = "target";
  Selector all_tcp;
  all_tcp.kind = "tcp";
  Selector by_label = any;
  by_label.hosts.clear();
  by_label.labels = {{"role", {"web"}}};
  const Policy policy{.controls = {control("host", named("gone")), control("target", of_targets),
                                   control("tcp", all_tcp)},
                      .owners = {owner("any", any), owner("label", by_label)}};
  EXPECT_THAT(empty_of(policy, {db1}),
              ElementsAre("the control host at hosts", "the owner label at hosts"));
  EXPECT_THAT(empty_of(policy, {mail}),
              ElementsAre("the control target at hosts", "the owner label at hosts"));
  EXPECT_THAT(empty_of(policy, {db1, shop}), ElementsAre("the control host at hosts"));
  SelectorUse use(policy);
  use.add(mail);
  EXPECT_EQ(use.empty()[0].selects, "target");
  EXPECT_EQ(use.empty()[1].selects, "host or target");
}

TEST(SelectorUse, WhoeverNamesAnEmptyGroupSelectsNoHostEither) {
  Selector nobody = named("nobody");
  nobody.may_be_empty = true;
  Policy policy{.controls = {control("c", in_group(0))},
                .groups = {{.name = "g", .any_of = {nobody}}}};
  EXPECT_THAT(empty_of(policy, {web1}), ElementsAre("the control c at groups"));
  policy.controls[0].applies_to.may_be_empty = true;
  EXPECT_THAT(empty_of(policy, {web1}), IsEmpty());
}

}  // namespace
}  // namespace muster::policy
