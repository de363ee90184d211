// automatic_updates_on: something installs security updates without anybody. Where several package
// managers apply, each must.
#include <fmt/format.h>

#include <string>
#include <string_view>

#include "common/policy/rules/every_rule.h"
#include "common/policy/rules/package_sections.h"
#include "common/text.h"
#include "common/timestamp.h"

namespace muster::policy {
namespace {

using Kind = Judgement::Kind;

// "unattended-upgrades is off: APT::Periodic::Unattended-Upgrade is "0"".
std::string sentence(const AutomaticUpdatesView& state, std::string_view what) {
  std::string words = state.mechanism.empty() ? std::string("what installs updates")
                                              : printable(state.mechanism, 64);
  words += fmt::format(" {}", what);
  if (!state.reason.empty()) words += fmt::format(": {}", printable(state.reason, 300));
  return words;
}

Judgement judge_state(const PackageFactsView& facts) {
  if (!facts.automatic_updates) {
    return {.kind = Kind::kUnknown,
            .reason = "the probe does not tell whether something installs updates by itself"};
  }
  const AutomaticUpdatesView& state = *facts.automatic_updates;
  switch (state.state) {
    case v1::AUTOMATIC_UPDATES_OFF:
      return {.kind = Kind::kUnmet, .reason = sentence(state, "is off")};
    case v1::AUTOMATIC_UPDATES_DOWNLOAD_ONLY:
      return {.kind = Kind::kUnmet, .reason = sentence(state, "installs nothing")};
    case v1::AUTOMATIC_UPDATES_ON:
      break;
    default:
      return {.kind = Kind::kUnknown,
              .reason = sentence(state, "is there, and it could not be told whether it is on")};
  }
  if (!state.takes_security) {
    return {.kind = Kind::kUnmet,
            .reason = sentence(state, "is on, and takes no security updates")};
  }
  std::string met = sentence({.mechanism = state.mechanism}, "is on");
  if (state.last_success_at) {
    met += fmt::format(", last with success on {}", to_iso_date(*state.last_success_at));
  }
  return {.kind = Kind::kMet, .reason = std::move(met)};
}

}  // namespace

RuleOutput judge_automatic_updates_on(const RuleInput& input) {
  return judge_package_managers(input, [](const PackageFactsView& facts, const std::string& manager,
                                          TimePoint holds_until, RuleOutput& output) {
    Judgement judgement = judge_state(facts);
    judgement.subject = manager;
    judgement.holds_until = holds_until;
    output.judgements.push_back(std::move(judgement));
  });
}

}  // namespace muster::policy
