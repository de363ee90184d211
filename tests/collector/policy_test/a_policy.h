// A policy for tests of tests: a few controls, an owner, a window.
#pragma once

#include "common/policy/policy.h"

namespace muster::collector {

inline policy::Policy a_policy() {
  using std::chrono::days;
  using std::chrono::hours;
  policy::Policy policy;
  policy.controls = {{.id = "security-updates",
                      .title = "Security updates are in",
                      .rule = "security_updates",
                      .severity = v1::SEVERITY_HIGH,
                      .deadlines = policy::Deadlines::all(days(14))},
                     {.id = "certificate-valid",
                      .title = "Certificates are valid",
                      .rule = "certificate_not_expired"},
                     {.id = "host-reporting", .title = "Reports", .rule = "host_reporting"},
                     {.id = "debian-only",
                      .title = "Reports",
                      .rule = "host_reporting",
                      .applies_to = {.os = {"debian:12"}}},
                     {.id = "shop-answers",
                      .title = "Answers",
                      .rule = "tcp_answers",
                      .applies_to = {.kind = "tcp"}}};
  policy.labels = {{"role", {"web", "mail"}}};
  policy.owners = {{.team = "web", .match = {.kind = "", .labels = {{"role", {"web"}}}}}};
  policy.maintenance = {
      {.name = "sunday", .match = {}, .weekdays = 1, .from = hours(2), .lasts = hours(4)}};
  policy.waivers = {{.id = "freeze",
                     .control = "security-updates",
                     .match = {.hosts = {"db*"}},
                     .subjects = {"linux-*"},
                     .reason = "release",
                     .approved_by = "ops",
                     .starts = TimePoint(),
                     .ends = TimePoint(days(30'000))}};
  return policy;
}

}  // namespace muster::collector
