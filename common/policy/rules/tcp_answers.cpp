// tcp_answers: something answers at the target's address, and within `within` where that is more
// than 0. How long it took is a measurement, which moves at every look; nobody is told of that
// alone, so what is judged by it holds for a minute.
#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "common/policy/rules/every_rule.h"
#include "common/policy/rules/times.h"
#include "common/text.h"
#include "muster/v1/tcp_facts.pb.h"

namespace muster::policy {
namespace {

using Kind = Judgement::Kind;

constexpr std::string_view kConnectDuration = "connect_duration_seconds";
constexpr size_t kMostAttempts = 5;

Judgement unknown(std::string reason) {
  return {.kind = Kind::kUnknown, .reason = std::move(reason)};
}

std::string in_words(double seconds) {
  return seconds < 1 ? fmt::format("{:.3g} ms", seconds * 1000) : fmt::format("{:.3g} s", seconds);
}

Judgement judge_time(const SectionState& section, Duration within, TimePoint now) {
  const v1::Measurement* const took = find_measurement(section, kConnectDuration);
  if (within == Duration::zero()) {
    return {.kind = Kind::kMet,
            .reason = took == nullptr ? "it answers"
                                      : fmt::format("it answers, in {}", in_words(took->value()))};
  }
  if (took == nullptr) return unknown("it answers; how long that took was not measured");
  const double limit = std::chrono::duration<double>(within).count();
  const bool in_time = took->value() <= limit;
  return {.kind = in_time ? Kind::kMet : Kind::kUnmet,
          .reason =
              fmt::format("it {} in {}, and should within {}", in_time ? "answers" : "answers only",
                          in_words(took->value()), in_words(limit)),
          .holds_until = saturating_add(now, std::chrono::minutes(1))};
}

// With what was tried.
Judgement unmet(std::string_view what, const v1::TcpFacts& facts) {
  std::vector<std::string> tried;
  for (const std::string& attempt : facts.attempts())
    tried.push_back(printable(attempt, 128));
  return {.kind = Kind::kUnmet,
          .reason = tried.empty() ? fmt::format("{}: {}", printable(facts.address(), 256), what)
                                  : fmt::format("{}: {} ({})", printable(facts.address(), 256),
                                                what, join_some(tried, kMostAttempts))};
}

Judgement judge_answer(const RuleInput& input, const SectionState& section,
                       const v1::TcpFacts& facts) {
  switch (facts.answer()) {
    case v1::TCP_ANSWER_CONNECTED:
      return judge_time(section, input.duration("within"), input.now);
    case v1::TCP_ANSWER_REFUSED:
      return unmet("the connection is refused", facts);
    case v1::TCP_ANSWER_TIMED_OUT:
      return unmet("nothing answers within the target's time-out", facts);
    case v1::TCP_ANSWER_UNREACHABLE:
      return unmet("the network says that there is no way to it", facts);
    case v1::TCP_ANSWER_NO_SUCH_NAME:
      return unmet("there is no such name, or none with an address", facts);
    default:
      return unknown("the look ended in a way newer than this collector");
  }
}

}  // namespace

RuleOutput judge_tcp_answers(const RuleInput& input) {
  RuleOutput output;
  output.probes.emplace_back(kTcpProbe);
  const SectionState* const section = input.section(kTcpProbe);
  if (section == nullptr) {
    output.judgements.push_back(unknown("nobody has looked at it yet"));
    return output;
  }
  Freshness freshness = judge_freshness(input, kTcpProbe, v1::TcpFacts::descriptor()->full_name());
  if (!freshness.verdict) {
    const auto* const facts = input.facts.get<v1::TcpFacts>(*section);
    freshness.verdict = facts == nullptr ? unknown("the facts of the probe tcp are damaged")
                                         : judge_answer(input, *section, *facts);
  }
  Judgement judgement = *std::move(freshness.verdict);
  judgement.holds_until = std::min(judgement.holds_until, freshness.holds_until);
  output.judgements.push_back(std::move(judgement));
  return output;
}

}  // namespace muster::policy
