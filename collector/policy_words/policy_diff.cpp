#include "collector/policy_words/policy_diff.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <map>
#include <string>
#include <utility>

#include "collector/policy_words/policy_words.h"
#include "common/duration.h"
#include "common/policy/status.h"
#include "common/timestamp.h"

namespace muster::collector {
namespace {

using policy::Policy;
// What there is to say of a thing, by what it is called: "deadline" -> "14d".
using Details = std::map<std::string, std::string>;
// Things of a kind by name. Of several with one name (owners) the second is "x (2)".
using Things = std::map<std::string, Details>;

std::string joined(const std::vector<std::string>& texts) {
  return texts.empty() ? "" : fmt::format("{}", fmt::join(texts, ", "));
}

void put(Things& things, const std::string& name, Details details) {
  std::string key = name;
  for (int number = 2; things.contains(key); ++number)
    key = fmt::format("{} ({})", name, number);
  things.emplace(std::move(key), std::move(details));
}

Things controls_of(const Policy& policy) {
  Things things;
  for (const policy::Control& control : policy.controls) {
    const v1::ControlDescription description = describe_control(policy, control);
    Details details{{"title", control.title},
                    {"rule", control.rule},
                    {"severity", std::string(policy::severity_name(control.severity))},
                    {"applies to", description.applies_to()}};
    for (const v1::PolicyParameter& parameter : description.parameters())
      details[parameter.name()] = parameter.value();
    for (const auto& [framework, ids] : control.frameworks)
      details["framework " + framework] = joined(ids);
    put(things, control.id, std::move(details));
  }
  return things;
}

Things waivers_of(const Policy& policy) {
  Things things;
  for (const policy::Waiver& waiver : policy.waivers) {
    put(things, waiver.id,
        {{"control", waiver.control},
         {"covers", selector_words(policy, waiver.match)},
         {"subjects", joined(waiver.subjects)},
         {"reason", waiver.reason},
         {"approved by", waiver.approved_by},
         {"ticket", waiver.ticket},
         {"starts", to_iso8601(waiver.starts)},
         {"ends", to_iso8601(waiver.ends)}});
  }
  return things;
}

// The first that matches counts, so a move may change whose a host is.
Things owners_of(const Policy& policy) {
  Things things;
  size_t place = 0;
  for (const policy::Owner& owner : policy.owners) {
    put(things, owner.team,
        {{"match", selector_words(policy, owner.match)},
         {"place in the list", fmt::format("{}", ++place)},
         {"contact", owner.contact},
         {"escalation", owner.escalation}});
  }
  return things;
}

Things groups_of(const Policy& policy) {
  Things things;
  for (const policy::Group& group : policy.groups) {
    std::vector<std::string> any_of;
    for (const policy::Selector& selector : group.any_of)
      any_of.push_back(selector_words(policy, selector));
    put(things, group.name,
        {{"title", group.title}, {"any of", fmt::format("{}", fmt::join(any_of, "; "))}});
  }
  return things;
}

Details details_of(const Policy& policy, const policy::MaintenanceWindow& window) {
  Details details{{"match", selector_words(policy, window.match)}};
  if (window.weekdays == 0) {
    details["starts"] = to_iso8601(window.starts);
    details["ends"] = to_iso8601(window.ends);
    return details;
  }
  static constexpr const char* kDays[] = {"sunday",   "monday", "tuesday", "wednesday",
                                          "thursday", "friday", "saturday"};
  std::vector<std::string> days;
  for (unsigned day = 0; day < std::size(kDays); ++day) {
    if ((window.weekdays & (1U << day)) != 0) days.emplace_back(kDays[day]);
  }
  details["weekdays"] = joined(days);
  const auto minutes = std::chrono::duration_cast<std::chrono::minutes>(window.from).count();
  details["from"] = fmt::format("{:02}:{:02}", minutes / 60, minutes % 60);
  details["lasts"] = format_duration(window.lasts);
  return details;
}

Things windows_of(const Policy& policy) {
  Things things;
  for (const policy::MaintenanceWindow& window : policy.maintenance)
    put(things, window.name, details_of(policy, window));
  return things;
}

Things dates_of(const Policy& policy) {
  Things things;
  for (const policy::KeptDate& date : policy.dates) {
    std::vector<std::string> labels;
    for (const auto& [name, value] : date.labels)
      labels.push_back(fmt::format("{}={}", name, value));
    put(things, date.name,
        {{"kind", date.kind},
         {"owner", date.owner},
         {"date", to_iso_date(date.date)},
         {"labels", joined(labels)},
         {"detail", date.detail}});
  }
  return things;
}

Things labels_of(const Policy& policy) {
  Things things;
  for (const auto& [name, values] : policy.labels)
    put(things, name, {{"values", values.empty() ? "any" : joined(values)}});
  return things;
}

v1::PolicyDifference whole(const std::string& of, v1::PolicyDifference::Kind kind,
                           const Details& details) {
  v1::PolicyDifference difference;
  difference.set_of(of);
  difference.set_kind(kind);
  for (const auto& [name, value] : details) {
    if (!value.empty()) difference.add_details(fmt::format("{}: {}", name, value));
  }
  return difference;
}

std::string shown(const Details& details, const std::string& name) {
  const auto found = details.find(name);
  return found == details.end() || found->second.empty() ? "none" : found->second;
}

v1::PolicyDifference changed(const std::string& of, const Details& before, const Details& after) {
  v1::PolicyDifference difference;
  difference.set_of(of);
  difference.set_kind(v1::PolicyDifference::KIND_CHANGED);
  Details all = before;
  all.insert(after.begin(), after.end());
  for (const auto& [name, value] : all) {
    const std::string old = shown(before, name);
    const std::string now = shown(after, name);
    if (old != now) difference.add_details(fmt::format("{}: {} -> {}", name, old, now));
  }
  return difference;
}

void compare(const std::string& kind, const Things& before, const Things& after,
             std::vector<v1::PolicyDifference>& differences) {
  for (const auto& [name, details] : before) {
    if (after.contains(name)) continue;
    differences.push_back(whole(kind + " " + name, v1::PolicyDifference::KIND_REMOVED, details));
  }
  for (const auto& [name, details] : before) {
    const auto other = after.find(name);
    if (other == after.end() || other->second == details) continue;
    differences.push_back(changed(kind + " " + name, details, other->second));
  }
  for (const auto& [name, details] : after) {
    if (before.contains(name)) continue;
    differences.push_back(whole(kind + " " + name, v1::PolicyDifference::KIND_ADDED, details));
  }
}

}  // namespace

std::vector<v1::PolicyDifference> policy_differences(const Policy& before, const Policy& after) {
  static constexpr std::pair<const char*, Things (*)(const Policy&)> kKinds[] = {
      {"control", controls_of}, {"waiver", waivers_of}, {"owner", owners_of}, {"group", groups_of},
      {"window", windows_of},   {"date", dates_of},     {"label", labels_of},
  };
  std::vector<v1::PolicyDifference> differences;
  for (const auto& [kind, things_of] : kKinds)
    compare(kind, things_of(before), things_of(after), differences);
  return differences;
}

}  // namespace muster::collector
