// system_supported: somebody mends what is installed: the distribution, and each kernel flavour
// that has an end of its own. Of several programmes the one that lasts longest counts, where the
// host gets it. It is due from warn_before that end on, and fails there.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/policy/rules/every_rule.h"
#include "common/policy/rules/one_section.h"
#include "common/policy/rules/times.h"
#include "common/text.h"
#include "common/timestamp.h"
#include "muster/v1/lifecycle_facts.pb.h"

namespace muster::policy {
namespace {

using Kind = Judgement::Kind;

constexpr std::string_view kDistribution = "distribution";

// The programmes of one component, by what the host has of them. Null: there is none.
struct Support {
  // That the host gets, to the latest end.
  const v1::SupportPeriod* has = nullptr;
  // Of which it could not be told whether it gets it; that it does not get, and could.
  const v1::SupportPeriod* perhaps = nullptr;
  const v1::SupportPeriod* could = nullptr;

  void add(const v1::SupportPeriod& period) {
    const v1::SupportPeriod*& place = period.coverage() == v1::SUPPORT_COVERAGE_INCLUDED ||
                                              period.coverage() == v1::SUPPORT_COVERAGE_ENABLED
                                          ? has
                                      : period.coverage() == v1::SUPPORT_COVERAGE_NOT_ENABLED
                                          ? could
                                          : perhaps;
    if (place == nullptr || end_of(*place) < end_of(period)) place = &period;
  }
  static TimePoint end_of(const v1::SupportPeriod& period) { return from_proto(period.ends_at()); }
};

// "2028-06-30 (lts)".
std::string end_in_words(const v1::SupportPeriod& period) {
  const std::string date = to_iso_date(Support::end_of(period));
  if (period.programme().empty()) return date;
  return fmt::format("{} ({})", date, printable(period.programme(), 64));
}

class SupportJudge {
 public:
  SupportJudge(Duration warn_before, TimePoint now) : warn_before_(warn_before), now_(now) {}

  // `name` in the sentence: "Debian GNU/Linux 12 (bookworm)".
  Judgement judge(const Support& support, const std::string& name) const {
    const bool lasts = support.has != nullptr && now_ < Support::end_of(*support.has);
    if (lasts && now_ < warns_at(*support.has)) {
      return {.kind = Kind::kMet,
              .reason = fmt::format("{} is supported until {}", name, end_in_words(*support.has)),
              .holds_until = warns_at(*support.has)};
    }
    if (support.perhaps != nullptr && now_ < warns_at(*support.perhaps)) {
      return {.kind = Kind::kUnknown,
              .reason = fmt::format("{}; whether it gets support until {} could not be told",
                                    how_it_ends(support, name), end_in_words(*support.perhaps)),
              .holds_until = warns_at(*support.perhaps)};
    }
    if (support.has == nullptr && support.could == nullptr && support.perhaps == nullptr) {
      return {.kind = Kind::kUnknown,
              .reason = fmt::format("until when {} is supported is not known", name)};
    }
    std::string reason = how_it_ends(support, name);
    if (support.could != nullptr && now_ < Support::end_of(*support.could)) {
      reason += fmt::format("; support until {} is not enabled", end_in_words(*support.could));
    }
    return {.kind = Kind::kUnmet,
            .reason = std::move(reason),
            .holds_until = lasts ? Support::end_of(*support.has) : TimePoint::max(),
            .deadline = support.has == nullptr ? std::nullopt
                                               : std::optional(Support::end_of(*support.has))};
  }

 private:
  TimePoint warns_at(const v1::SupportPeriod& period) const {
    return saturating_add(Support::end_of(period), -warn_before_);
  }
  std::string how_it_ends(const Support& support, const std::string& name) const {
    if (support.has == nullptr) return fmt::format("{} has no support", name);
    const bool lasts = now_ < Support::end_of(*support.has);
    return fmt::format("support of {} {} {}", name, lasts ? "ends on" : "ended on",
                       end_in_words(*support.has));
  }

  const Duration warn_before_;
  const TimePoint now_;
};

std::string system_name(const v1::LifecycleFacts& facts) {
  if (!facts.os_pretty_name().empty()) return printable(facts.os_pretty_name(), 128);
  if (facts.os_id().empty()) return "this system";
  return printable(fmt::format("{} {}", facts.os_id(), facts.os_version_id()), 128);
}

// What is said of the distribution without its programmes.
std::optional<Judgement> judge_release(const v1::LifecycleFacts& facts) {
  if (facts.rolling()) {
    return Judgement{.kind = Kind::kMet,
                     .reason = fmt::format("{} has no end: it is supported while it is updated",
                                           system_name(facts))};
  }
  if (!facts.unknown_because().empty()) {
    return Judgement{.kind = Kind::kUnknown, .reason = printable(facts.unknown_because(), 300)};
  }
  return std::nullopt;
}

}  // namespace

RuleOutput judge_system_supported(const RuleInput& input) {
  RuleOutput output;
  const auto lifecycle = read_one_section<v1::LifecycleFacts>(input, kLifecycleProbe, output);
  if (lifecycle.facts == nullptr) return output;
  // The distribution first: the empty component.
  std::map<std::string_view, Support> components{{"", {}}};
  for (const v1::SupportPeriod& period : lifecycle.facts->periods()) {
    if (period.has_ends_at()) components[period.component()].add(period);
  }
  const SupportJudge judge(input.duration("warn_before"), input.now);
  for (const auto& [component, support] : components) {
    const bool is_distribution = component.empty();
    std::optional<Judgement> said;
    if (is_distribution) said = judge_release(*lifecycle.facts);
    Judgement judgement =
        said ? *std::move(said)
             : judge.judge(support, is_distribution ? system_name(*lifecycle.facts)
                                                    : "the kernel " + printable(component, 128));
    judgement.subject = is_distribution ? std::string(kDistribution) : printable(component, 128);
    judgement.holds_until = std::min(judgement.holds_until, lifecycle.holds_until);
    output.judgements.push_back(std::move(judgement));
  }
  return output;
}

}  // namespace muster::policy
