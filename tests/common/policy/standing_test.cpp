// What an evaluation promises, in random worlds: its verdicts and standings say the same, hold
// until the time they name, and are the same however they were come by.
#include <fmt/format.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/policy/evaluation.h"
#include "common/policy/policy_change.h"
#include "common/policy/rules.h"
#include "common/timestamp.h"
#include "tests/common/policy/facts.h"
#include "tests/common/policy/random_world.h"

namespace muster::policy {
namespace {

using namespace muster::testing;  // the words of the tests

TimePoint or_never(bool is_set, const google::protobuf::Timestamp& time) {
  return is_set ? from_proto(time) : TimePoint::max();
}

std::string line_of(const Standing& standing) {
  return fmt::format("{} unknown={} deadline={} since={} until={}", status_name(standing.status),
                     standing.has_unknown, standing.deadline.time_since_epoch().count(),
                     standing.unmet_since.time_since_epoch().count(),
                     standing.valid_until.time_since_epoch().count());
}

TimePoint valid_until(const v1::Verdict& verdict) {
  return or_never(verdict.has_valid_until(), verdict.valid_until());
}

// The same out of the words.
Standing standing_of(const v1::Verdict& verdict) {
  Standing standing{.status = v1::STATUS_NOT_APPLICABLE};
  for (const v1::SubjectVerdict& subject : verdict.subjects()) {
    const v1::Status status = subject.status();
    standing.status = worse(standing.status, status);
    standing.has_unknown |= status == v1::STATUS_UNKNOWN;
    if (status != v1::STATUS_DUE && status != v1::STATUS_FAIL) continue;
    standing.deadline =
        std::min(standing.deadline, or_never(subject.has_deadline(), subject.deadline()));
    standing.unmet_since = std::min(
        standing.unmet_since, or_never(subject.has_first_failed_at(), subject.first_failed_at()));
  }
  return standing;
}

void expect_consistent(const v1::Verdict& verdict, const Standing& standing,
                       const Evaluation& evaluation, TimePoint now) {
  Standing told = standing_of(verdict);
  told.valid_until = standing.valid_until;
  ASSERT_EQ(line_of(standing), line_of(told)) << verdict.DebugString();
  EXPECT_EQ(verdict.status(), standing.status);
  EXPECT_EQ(or_never(verdict.has_deadline(), verdict.deadline()), standing.deadline);
  // A sentence that tells an age may have changed before.
  EXPECT_GT(valid_until(verdict), now);
  EXPECT_LE(valid_until(verdict), standing.valid_until);
  EXPECT_FALSE(verdict.summary().empty());
  EXPECT_EQ(verdict.policy_sha256(), "abc");
  v1::Status before = v1::STATUS_FAIL;
  for (const v1::SubjectVerdict& subject : verdict.subjects()) {
    EXPECT_EQ(worse(before, subject.status()), before) << "not worst first";
    before = subject.status();
    EXPECT_FALSE(subject.reason().empty());
    EXPECT_EQ(!subject.waiver().empty(), subject.status() == v1::STATUS_WAIVED);
    const auto memory = evaluation.first_seen.find(
        {.entity = "", .control = verdict.control(), .subject = subject.subject()});
    EXPECT_EQ(memory != evaluation.first_seen.end(), subject.has_first_failed_at());
    if (memory == evaluation.first_seen.end()) continue;
    EXPECT_EQ(from_proto(subject.first_failed_at()), memory->second);
    EXPECT_LE(memory->second, now);
  }
}

// Of each rule, how often each status came out: a world without one of them would prove little.
using Seen = std::map<std::string, std::map<v1::Status, int>>;

TEST(Standing, SaysWhatItsVerdictSaysInEveryWorld) {
  Seen seen;
  for (uint32_t seed = 0; seed < 1000; ++seed) {
    RandomWorld world(seed);
    const TimePoint now = kNow + world.up_to(world.chance(70) ? Duration(hours(12)) : days(20));
    const Evaluation evaluation = evaluate(world.view(), {}, world.policy(), now);
    const std::vector<Control>& controls = world.policy().controls;
    ASSERT_EQ(evaluation.standings.size(), controls.size());
    auto verdict = evaluation.verdicts.begin();
    TimePoint first = TimePoint::max();
    for (size_t i = 0; i < controls.size(); ++i) {
      SCOPED_TRACE(seed);
      if (!selects_kind(controls[i].applies_to, world.view().kind)) {
        EXPECT_EQ(evaluation.standings[i].status, v1::STATUS_NOT_APPLICABLE);
        EXPECT_EQ(evaluation.find_verdict(controls[i].id), nullptr);
        continue;
      }
      ASSERT_NE(verdict, evaluation.verdicts.end());
      EXPECT_EQ(verdict->control(), controls[i].id);
      EXPECT_EQ(verdict->rule(), controls[i].rule);
      expect_consistent(*verdict++, evaluation.standings[i], evaluation, now);
      first = std::min(first, evaluation.standings[i].valid_until);
      ++seen[controls[i].rule][evaluation.standings[i].status];
    }
    EXPECT_EQ(verdict, evaluation.verdicts.end());
    EXPECT_EQ(evaluation.valid_until, first);
    EXPECT_EQ(evaluation.first_seen_changed, !evaluation.first_seen.empty());
  }
  for (const Rule& rule : all_rules()) {
    EXPECT_GE(seen[std::string(rule.name)].size(), 3U)
        << "the random world needs facts for the rule " << rule.name;
  }
  for (const v1::Status status :
       {v1::STATUS_PASS, v1::STATUS_WAIVED, v1::STATUS_DUE, v1::STATUS_UNKNOWN, v1::STATUS_FAIL}) {
    EXPECT_GT(seen["security_updates"][status], 5) << status_name(status);
  }
}

TEST(Standing, IsTheSameTwice) {
  for (uint32_t seed = 0; seed < 100; ++seed) {
    const RandomWorld world(seed);
    const Evaluation first = evaluate(world.view(), {}, world.policy(), kNow);
    const Evaluation second = evaluate(world.view(), first.first_seen, world.policy(), kNow);
    for (size_t i = 0; i < first.verdicts.size(); ++i) {
      ASSERT_EQ(first.verdicts[i].DebugString(), second.verdicts[i].DebugString()) << seed;
    }
    EXPECT_EQ(first.first_seen, second.first_seen);
    EXPECT_FALSE(second.first_seen_changed);
  }
}

// Follows hosts from change to change, with nothing reported meanwhile.
TEST(Verdict, HoldsUntilTheTimeItNamesAndNotOneMicrosecondLess) {
  int held = 0;
  int changed = 0;
  for (uint32_t seed = 0; seed < 100; ++seed) {
    const RandomWorld world(seed);
    Evaluation current = evaluate(world.view(), {}, world.policy(), kNow);
    for (int step = 0; step < 30; ++step) {
      TimePoint now = TimePoint::max();
      for (const v1::Verdict& verdict : current.verdicts)
        now = std::min(now, valid_until(verdict));
      if (now == TimePoint::max()) break;
      const Evaluation before =
          evaluate(world.view(), current.first_seen, world.policy(), now - kMicrosecond);
      ASSERT_EQ(before.first_seen, current.first_seen) << seed;
      Evaluation next = evaluate(world.view(), current.first_seen, world.policy(), now);
      for (size_t i = 0; i < current.verdicts.size(); ++i) {
        const v1::Verdict& verdict = current.verdicts[i];
        ASSERT_EQ(before.verdicts[i].DebugString(), verdict.DebugString()) << seed;
        if (valid_until(verdict) != now) continue;
        ++held;
        if (next.verdicts[i].DebugString() != verdict.DebugString()) ++changed;
      }
      current = std::move(next);
    }
  }
  EXPECT_GT(held, 2000);
  // Some end without news, as a deadline under a waiver does; most must not.
  EXPECT_GT(changed, held * 9 / 10);
}

// Each control by itself, whatever the others do.
TEST(Standing, HoldsUntilTheTimeItNamesAndNotOneMicrosecondLess) {
  int held = 0;
  int changed = 0;
  for (uint32_t seed = 0; seed < 100; ++seed) {
    const RandomWorld world(seed);
    const Evaluation current = evaluate(world.view(), {}, world.policy(), kNow);
    const auto standing_at = [&](size_t control, TimePoint time) {
      return line_of(
          evaluate(world.view(), current.first_seen, world.policy(), time).standings[control]);
    };
    for (size_t i = 0; i < current.standings.size(); ++i) {
      const std::string line = line_of(current.standings[i]);
      const TimePoint until = current.standings[i].valid_until;
      if (until == TimePoint::max()) {
        ASSERT_EQ(standing_at(i, kNow + days(10'000)), line) << seed;
        continue;
      }
      ASSERT_EQ(standing_at(i, until - kMicrosecond), line) << seed;
      ++held;
      if (standing_at(i, until) != line) ++changed;
    }
  }
  EXPECT_GT(held, 300);
  // Each that ends without news has a host judged for nothing.
  EXPECT_GT(changed, held * 9 / 10);
}

// A host as the fleet keeps it: judged when something reports news, when what is not known or a
// silent host reports at all, when what it knows ends by itself, and by another policy.
class KeptHost {
 public:
  explicit KeptHost(const RandomWorld& world) : world_(world) {}

  void judge(TimePoint now, const std::vector<std::string_view>& changed) {
    const HostView view = world_.view();
    const HostOs os = os_of(view.sections);
    const Policy& policy = world_.policy();
    const HostScope scope = scope_of(policy, traits_of(view, os));
    FirstSeen first_seen = std::move(evaluation_.first_seen);
    if (policy_ == world_.shared_policy() && scope_ == scope) {
      evaluation_ = evaluate_changed(view, std::move(first_seen), policy, scope, now,
                                     evaluation_.standings, changed);
    } else {
      std::vector<Standing> carried;
      if (policy_ != nullptr) {
        carried = PolicyChange(policy_, world_.shared_policy())
                      .carry(scope_, scope, evaluation_.standings);
      }
      evaluation_ =
          evaluate_carried(view, std::move(first_seen), policy, scope, now, carried, changed);
    }
    policy_ = world_.shared_policy();
    scope_ = scope;
    is_silent_ = false;
    for (const Control& control : policy.controls) {
      if (control.rule != "host_reporting") continue;
      const Duration silent_after = std::get<Duration>(*find_parameter(control, "silent_after"));
      is_silent_ |= !view.last_sync || now >= *view.last_sync + silent_after;
    }
  }
  bool wants_heartbeats() const {
    return is_silent_ ||
           std::any_of(evaluation_.standings.begin(), evaluation_.standings.end(),
                       [](const Standing& standing) { return standing.awaits_heartbeat; });
  }
  const Evaluation& evaluation() const { return evaluation_; }

 private:
  const RandomWorld& world_;
  // Null: not judged yet.
  std::shared_ptr<const Policy> policy_;
  HostScope scope_;
  Evaluation evaluation_;
  bool is_silent_ = false;
};

TEST(EvaluateChanged, ThroughTimeIsAlwaysWhatJudgingEverythingAnewGives) {
  int steps = 0;
  for (uint32_t seed = 0; seed < 100; ++seed) {
    RandomWorld world(seed);
    KeptHost host(world);
    TimePoint now = kNow;
    host.judge(now, {});
    for (int step = 0; step < 35; ++step) {
      const TimePoint due = host.evaluation().valid_until;
      if (due != TimePoint::max() && world.chance(40)) {
        now = std::max(now, due - (world.chance(50) ? kMicrosecond : Duration(0)));
      } else {
        now += world.up_to(world.chance(80) ? Duration(hours(3)) : days(4));
      }
      // Its timer comes before a report does.
      if (now >= due) host.judge(now, {});
      if (world.chance(30)) {
        const std::string probe = world.change(now);
        host.judge(now, {probe});
      } else if (world.chance(50)) {
        world.heartbeat(now);
        if (host.wants_heartbeats()) host.judge(now, {});
      }
      if (world.chance(15)) {
        world.amend_policy(now);
        host.judge(now, {});
      }
      const Evaluation& kept = host.evaluation();
      const Evaluation anew = evaluate(world.view(), kept.first_seen, world.policy(), now);
      ASSERT_EQ(kept.first_seen, anew.first_seen) << seed;
      for (size_t i = 0; i < kept.standings.size(); ++i) {
        Standing standing = anew.standings[i];
        // A heartbeat may have made it hold longer: then it is looked at once more than needed.
        ASSERT_LE(kept.standings[i].valid_until, standing.valid_until) << seed;
        standing.valid_until = kept.standings[i].valid_until;
        ASSERT_EQ(line_of(kept.standings[i]), line_of(standing))
            << seed << " " << anew.verdicts[i].DebugString();
      }
      ++steps;
    }
  }
  EXPECT_EQ(steps, 100 * 35);
}

TEST(EvaluateChanged, WithNothingBeforeGivesTheStandingsOfEvaluate) {
  for (uint32_t seed = 0; seed < 100; ++seed) {
    const RandomWorld world(seed);
    KeptHost host(world);
    host.judge(kNow, {});
    const Evaluation whole = evaluate(world.view(), {}, world.policy(), kNow);
    ASSERT_EQ(host.evaluation().standings.size(), whole.standings.size());
    for (size_t i = 0; i < whole.standings.size(); ++i)
      ASSERT_EQ(line_of(host.evaluation().standings[i]), line_of(whole.standings[i])) << seed;
    EXPECT_EQ(host.evaluation().first_seen, whole.first_seen);
    EXPECT_EQ(host.evaluation().valid_until, whole.valid_until);
    EXPECT_TRUE(host.evaluation().verdicts.empty());
  }
}

}  // namespace
}  // namespace muster::policy
