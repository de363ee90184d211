// listeners_known: of each listening socket it is known whether it speaks TLS, so that the rules
// about what is served look at all that is. Where it is right that nobody asks a socket,
// leave_alone of the agent's configuration says so, and it is known as well. It is never failed:
// what a socket says is no fault of the host.
#include <fmt/format.h>

#include <string>
#include <utility>

#include "common/counted.h"
#include "common/policy/rules/every_rule.h"
#include "common/policy/rules/one_section.h"
#include "common/policy/rules/served.h"

namespace muster::policy {
namespace {

using Kind = Judgement::Kind;

Judgement judge_state(const v1::Listener& listener) {
  const std::string place = place_of_socket(listener);
  switch (listener.state()) {
    case v1::LISTENER_STATE_TLS:
      return {.kind = Kind::kMet, .reason = place + " speaks TLS"};
    case v1::LISTENER_STATE_NO_TLS:
      return {.kind = Kind::kMet, .reason = place + " speaks no TLS" + because_of(listener)};
    case v1::LISTENER_STATE_LEFT_ALONE:
      return {.kind = Kind::kMet, .reason = left_alone_in_words(listener)};
    case v1::LISTENER_STATE_NOT_ASKED:
      return {.reason = place + " was not asked yet" + because_of(listener)};
    case v1::LISTENER_STATE_OUT_OF_REACH:
      return {.kind = is_of_container(listener) ? Kind::kNotApplicable : Kind::kUnknown,
              .reason = out_of_reach_in_words(listener)};
    case v1::LISTENER_STATE_UNKNOWN:
      return {.reason = fmt::format("whether {} speaks TLS is not known{}; if that is right, have "
                                    "the agent's leave_alone list \"{}\"",
                                    place, because_of(listener), socket_of(listener))};
    default:
      return {.reason = place + " was looked at in a way newer than this collector"};
  }
}

// Of more than one, since the first alone would pass for all.
std::string summary_of(const std::vector<Judgement>& judgements) {
  size_t met = 0;
  size_t unknown = 0;
  const Judgement* first = nullptr;
  for (const Judgement& judgement : judgements) {
    if (judgement.kind == Kind::kMet) ++met;
    if (judgement.kind == Kind::kUnknown && unknown++ == 0) first = &judgement;
  }
  if (unknown > 1) {
    return fmt::format("{}; and {} more of {} sockets", first->reason, unknown - 1, met + unknown);
  }
  if (unknown == 0 && met > 1) {
    return fmt::format("{}: it is known of each whether it speaks TLS",
                       counted(met, "listening socket"));
  }
  return {};
}

}  // namespace

RuleOutput judge_listeners_known(const RuleInput& input) {
  RuleOutput output;
  const auto section = read_one_section<v1::ListenerFacts>(input, kListenerProbe, output);
  if (section.facts == nullptr) return output;
  for (const v1::Listener& listener : section.facts->listeners()) {
    Judgement judgement = judge_state(listener);
    judgement.subject = socket_of(listener);
    output.judgements.push_back(std::move(judgement));
  }
  if (section.facts->listeners_omitted() > 0) {
    output.judgements.push_back(
        {.reason = fmt::format("{} more listening sockets are beyond the probe's limit",
                               section.facts->listeners_omitted())});
  }
  if (output.judgements.empty()) {
    output.judgements.push_back({.kind = Kind::kNotApplicable, .reason = "no socket listens"});
  }
  output.summary = summary_of(output.judgements);
  for (Judgement& judgement : output.judgements)
    judgement.holds_until = section.holds_until;
  return output;
}

}  // namespace muster::policy
