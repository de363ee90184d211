// The house policy as plain values: what is required of whom, who answers for it, and which
// exceptions there are until when. Made by policy_file.h; judged by evaluation.h. Any thread; a
// Policy does not change once it is made.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "common/clock.h"
#include "common/firmware/baseline.h"
#include "common/policy/maintenance.h"
#include "common/policy/parameters.h"
#include "common/policy/selector.h"
#include "muster/v1/fleet.pb.h"

namespace muster::policy {

// How long what is unmet may stay so before `due` becomes `fail`, by how much it matters. Zero: it
// fails at once.
struct Deadlines {
  Duration low{0};
  Duration medium{0};
  Duration high{0};
  Duration critical{0};

  static Deadlines all(Duration time) { return {time, time, time, time}; }
  // Of a severity; `medium` for one that is not known.
  Duration of(v1::Severity severity) const;
  bool operator==(const Deadlines&) const = default;
};

// A requirement.
struct Control {
  // Letters, digits and dashes; unique in the policy. A label value in metrics.
  std::string id;
  std::string title;
  // Name of a rule in rules.h.
  std::string rule;
  v1::Severity severity = v1::SEVERITY_MEDIUM;
  // Facts older than this are not judged: unknown.
  Duration max_age = std::chrono::hours(24);
  // By the severity of the subject, where the rule tells it, else by the control's.
  Deadlines deadlines = {};
  // Of the rule; see parameters.h.
  Parameters parameters = {};
  // Of whom it is required.
  Selector applies_to = {};
  // Ids of the requirements of others that it meets, by framework: "nist-800-53" -> "SI-2".
  std::map<std::string, std::vector<std::string>> frameworks = {};
  Place place = {};

  bool operator==(const Control&) const = default;
};

// Who answers for hosts. The first that matches counts.
struct Owner {
  std::string team;
  Selector match = {};
  std::string contact = {};
  std::string escalation = {};
  Place place = {};
  bool operator==(const Owner&) const = default;
};

// An exception: what is unmet of a control counts as waived, until its end.
struct Waiver {
  // As a control's.
  std::string id;
  // Id of the control.
  std::string control = {};
  Selector match = {};
  // Globs; empty: every subject.
  std::vector<std::string> subjects = {};
  std::string reason = {};
  std::string approved_by = {};
  std::string ticket = {};
  TimePoint starts = {};
  TimePoint ends = {};
  Place place = {};

  bool is_active(TimePoint now) const { return starts <= now && now < ends; }
  bool covers(std::string_view subject) const;
  bool operator==(const Waiver&) const = default;
};

// A date that somebody keeps by hand: the end of a contract, a licence, a certification.
struct KeptDate {
  std::string name;
  // Letters, digits and dashes.
  std::string kind;
  // A team, or whoever.
  std::string owner;
  TimePoint date;
  // What calendars are filtered by, as of hosts.
  std::map<std::string, std::string> labels = {};
  // A sentence more; may be empty.
  std::string detail = {};
  Place place = {};
  bool operator==(const KeptDate&) const = default;
};

struct Policy {
  std::vector<Control> controls = {};
  // Labels that selectors may ask for and metrics show, with the values they may have; none given:
  // any.
  std::map<std::string, std::vector<std::string>> labels = {};
  std::vector<Group> groups = {};
  std::vector<Owner> owners = {};
  std::vector<Waiver> waivers = {};
  std::vector<MaintenanceWindow> maintenance = {};
  std::vector<KeptDate> dates = {};
  // Which firmware is asked for.
  firmware::Baseline baselines = {};
  // Over its files as they are written, hex; in every verdict.
  std::string sha256 = {};

  // By id; null if there is none.
  const Control* find_control(std::string_view id) const;
};

}  // namespace muster::policy
