// Whether anything protects a host: one answer over all its products of a kind, of which one is
// enough. Pure.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "common/policy/rules/protection.h"

namespace muster::policy {

// Of one product.
struct AtWork {
  enum class Answer { kNo, kMaybe, kYes } answer = Answer::kMaybe;
  // "is passive", "does not run": what follows its name. Of kYes only where it says more than that.
  std::string words;
  TimePoint holds_until = TimePoint::max();
  TimePoint reads_until = TimePoint::max();
};
using JudgeAtWork = std::function<AtWork(const Product&)>;

// How a product is at work by its mode and its service alone. Nothing: it looks when it is told to,
// and something must tell it to.
std::optional<AtWork> at_work_by_mode(const Product& product);

// Of what looks when it is told to: whether something runs `what` ("full scans").
AtWork judge_schedule(const Product& product, std::string_view what);

// How what a product last looked at is told: its last check, its last full scan.
struct LastLookWords {
  // "last_check"
  std::string_view fact;
  // "its last check", "check", "checked", "never checked anything"
  std::string_view name;
  std::string_view look;
  std::string_view looked;
  std::string_view never;
};
// `at_work` as far as that bears it out: it did not fail, and is not `most` old.
AtWork judge_last_look(const Product& product, const v1::LastCheck& last,
                       const LastLookWords& words, AtWork at_work, Duration most, TimePoint now);

// `does`: "protects the host". Met by the one that is surely at work for longest; unknown where
// none is, and one may be or may be missing; not applicable where none is installed.
RuleOutput judge_at_work(const RuleInput& input, std::string_view probe, std::string_view does,
                         const JudgeAtWork& judge);

// Whether any is installed.
RuleOutput judge_present(const RuleInput& input, std::string_view probe);

}  // namespace muster::policy
