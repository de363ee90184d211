#include "common/policy/evaluation.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "common/policy/policy_file.h"
#include "tests/common/policy/facts.h"

namespace muster::policy {
namespace {

using namespace muster::testing;  // the words of the tests

Control security_control() {
  Control control;
  control.id = "security-updates";
  control.title = "Security updates are in";
  control.rule = "security_updates";
  control.severity = v1::SEVERITY_HIGH;
  control.deadlines = Deadlines::all(days(14));
  return control;
}

SectionState waiting(const std::vector<std::string>& packages, TimePoint observed_at) {
  v1::PackageFacts facts = apt_facts();
  for (const std::string& package : packages)
    add_update(facts, package, v1::SECURITY_YES);
  return observed("packages-apt", facts, observed_at);
}

Evaluation judge(const std::vector<SectionState>& sections, const FirstSeen& first_seen,
                 TimePoint now) {
  return evaluate({.sections = sections, .last_sync = std::nullopt}, first_seen,
                  {{security_control()}}, now);
}

SubjectKey key(std::string subject) {
  return {.entity = "", .control = "security-updates", .subject = std::move(subject)};
}

TEST(Evaluate, FillsTheVerdictFromTheControlAndItsFacts) {
  const Evaluation evaluation = judge({waiting({"openssl"}, kNow - hours(2))}, {}, kNow);
  const v1::Verdict& verdict = evaluation.verdicts.at(0);
  EXPECT_EQ(verdict.control(), "security-updates");
  EXPECT_EQ(verdict.title(), "Security updates are in");
  EXPECT_EQ(verdict.severity(), v1::SEVERITY_HIGH);
  EXPECT_EQ(verdict.status(), v1::STATUS_DUE);
  ASSERT_EQ(verdict.subjects_size(), 1);
  ASSERT_EQ(verdict.subjects(0).evidence_size(), 1);
  EXPECT_EQ(verdict.subjects(0).evidence(0).probe(), "packages-apt");
  EXPECT_EQ(from_proto(verdict.subjects(0).evidence(0).observed_at()), kNow - hours(2));
}

TEST(Evaluate, CountsTheDeadlineFromWhenASubjectWasFirstUnmet) {
  const FirstSeen memory{{key("openssl"), kNow}};
  struct Case {
    Duration later;
    v1::Status status;
  };
  for (const Case& c : {Case{Duration(0), v1::STATUS_DUE},
                        {days(14) - kMicrosecond, v1::STATUS_DUE},
                        {days(14), v1::STATUS_FAIL},
                        {days(15), v1::STATUS_FAIL}}) {
    const TimePoint now = kNow + c.later;
    const Evaluation evaluation = judge({waiting({"openssl"}, now)}, memory, now);
    EXPECT_EQ(evaluation.verdicts[0].status(), c.status);
    EXPECT_EQ(from_proto(evaluation.verdicts[0].deadline()), kNow + days(14));
    EXPECT_EQ(from_proto(evaluation.verdicts[0].subjects(0).first_failed_at()), kNow);
    EXPECT_EQ(evaluation.first_seen, memory);
  }
}

TEST(Evaluate, RemembersEachSubjectByItself) {
  const FirstSeen first = judge({waiting({"openssl"}, kNow)}, {}, kNow).first_seen;
  const Evaluation second =
      judge({waiting({"openssl", "vim"}, kNow + days(13))}, first, kNow + days(13));
  EXPECT_EQ(second.first_seen, (FirstSeen{{key("openssl"), kNow}, {key("vim"), kNow + days(13)}}));
  const Evaluation third =
      judge({waiting({"openssl", "vim"}, kNow + days(14))}, second.first_seen, kNow + days(14));
  EXPECT_EQ(third.verdicts[0].status(), v1::STATUS_FAIL);
  EXPECT_EQ(third.verdicts[0].subjects(0).subject(), "openssl");
  EXPECT_EQ(third.verdicts[0].subjects(1).status(), v1::STATUS_DUE);
}

TEST(Evaluate, ForgetsWhatIsMetAndBeginsAnew) {
  const FirstSeen memory{{key("openssl"), kNow - days(30)}};
  EXPECT_TRUE(judge({waiting({}, kNow)}, memory, kNow).first_seen.empty());
}

TEST(Evaluate, KeepsTheMemoryWhileNobodyCanLook) {
  const FirstSeen memory{{key("openssl"), kNow - days(30)}};
  const std::vector<SectionState> stale{waiting({"openssl"}, kNow - days(2))};
  const Evaluation unknown = judge(stale, memory, kNow);
  EXPECT_EQ(unknown.verdicts[0].status(), v1::STATUS_UNKNOWN);
  EXPECT_EQ(unknown.first_seen, memory);
  EXPECT_EQ(judge({}, memory, kNow).first_seen, memory);
  EXPECT_EQ(judge({waiting({"openssl"}, kNow)}, unknown.first_seen, kNow).verdicts[0].status(),
            v1::STATUS_FAIL);
  EXPECT_TRUE(judge({not_applicable("packages-apt", "no dpkg")}, memory, kNow).first_seen.empty());
}

TEST(Evaluate, KeepsTheMemoryOfWhatIsBelowAnUnreadableFileOrDirectory) {
  Control control;
  control.id = "valid";
  control.rule = "certificate_not_expired";
  const auto valid = [](std::string subject) {
    return SubjectKey{"", "valid", std::move(subject)};
  };
  FirstSeen memory;
  for (const std::string subject :
       {"/etc/a.pem", "/etc/a.pem#2", "/etc/a.pemx", "/etc/d/b.pem#2", "/etc/gone.pem"}) {
    memory[valid(subject)] = kNow - days(3);
  }
  v1::CertificateFacts facts;
  add_file(facts, "/etc/a.pem").set_error("Permission denied");
  facts.add_unreadable_directories()->set_path("/etc/d");
  const std::vector<SectionState> sections{observed("certificates", facts)};
  const Evaluation evaluation =
      evaluate({.sections = sections, .last_sync = std::nullopt}, memory, {{control}}, kNow);
  EXPECT_EQ(evaluation.first_seen, (FirstSeen{{valid("/etc/a.pem"), kNow - days(3)},
                                              {valid("/etc/a.pem#2"), kNow - days(3)},
                                              {valid("/etc/d/b.pem#2"), kNow - days(3)}}));
  EXPECT_EQ(from_proto(evaluation.verdicts[0].subjects(0).first_failed_at()), kNow - days(3));
}

TEST(Evaluate, TouchesNoMemoryOfOtherControlsAndDropsThatOfRemovedOnes) {
  const FirstSeen memory{{{"", "removed", "x"}, kNow}, {{"", "security-updatesz", "x"}, kNow}};
  EXPECT_TRUE(judge({}, memory, kNow).first_seen.empty());
}

TEST(Evaluate, TakesNoFirstFailureFromTheFuture) {
  const FirstSeen memory{{key("openssl"), kNow + days(100)}};
  const Evaluation evaluation = judge({waiting({"openssl"}, kNow)}, memory, kNow);
  EXPECT_EQ(evaluation.first_seen, (FirstSeen{{key("openssl"), kNow}}));
}

TEST(Evaluate, JudgesASubjectThatComesTwiceOnceByTheWorse) {
  v1::PackageFacts apt = apt_facts();
  add_update(apt, "openssl", v1::SECURITY_UNSPECIFIED);
  v1::PackageFacts rpm = apt_facts();
  add_update(rpm, "openssl", v1::SECURITY_YES);
  const std::vector<SectionState> sections{observed("packages-apt", apt),
                                           observed("packages-rpm", rpm)};
  const Evaluation evaluation = judge(sections, {}, kNow);
  ASSERT_EQ(evaluation.verdicts[0].subjects_size(), 1);
  EXPECT_EQ(evaluation.verdicts[0].status(), v1::STATUS_DUE);
}

TEST(Evaluate, JoinsTheReasonsOfTwoThatCouldNotLookUpToALimit) {
  const std::string why(700, 'x');
  std::vector<SectionState> sections{failed(without_facts("packages-apt"), "killed"),
                                     failed(without_facts("packages-rpm"), "crashed")};
  EXPECT_EQ(judge(sections, {}, kNow).verdicts[0].summary(),
            "the probe packages-apt could not look: killed; the probe packages-rpm could not look: "
            "crashed");
  for (SectionState& section : sections)
    section.reason = why;
  EXPECT_EQ(judge(sections, {}, kNow).verdicts[0].summary().size(), 1024U);
}

TEST(Evaluate, ShowsAThousandSubjectsAndRemembersAll) {
  std::vector<std::string> packages;
  for (int i = 0; i < 1005; ++i)
    packages.push_back("p" + std::to_string(i));
  const Evaluation evaluation = judge({waiting(packages, kNow)}, {}, kNow);
  EXPECT_EQ(evaluation.verdicts[0].subjects_size(), 1000);
  EXPECT_EQ(evaluation.verdicts[0].subject_count(), 1005U);
  EXPECT_EQ(evaluation.first_seen.size(), 1005U);
}

TEST(Status, IsWorseInTheOrderOfTheDesign) {
  const std::vector<v1::Status> order{v1::STATUS_NOT_APPLICABLE, v1::STATUS_PASS,
                                      v1::STATUS_WAIVED,         v1::STATUS_DUE,
                                      v1::STATUS_UNKNOWN,        v1::STATUS_FAIL};
  for (size_t i = 0; i < order.size(); ++i) {
    for (size_t j = 0; j < order.size(); ++j) {
      EXPECT_EQ(worse(order[i], order[j]), order[std::max(i, j)]);
    }
  }
  // Of a newer collector: never good.
  EXPECT_EQ(worse(static_cast<v1::Status>(99), v1::STATUS_DUE), static_cast<v1::Status>(99));
  EXPECT_EQ(status_name(static_cast<v1::Status>(99)), "unknown");
  EXPECT_EQ(worst_of(std::span<const Standing>{}), v1::STATUS_NOT_APPLICABLE);
}

// A host with random facts of every kind, some stale, some failed.
class RandomHost {
 public:
  explicit RandomHost(uint32_t seed) : random_(seed) {
    if (chance(90)) sections_.push_back(aged("packages-apt", packages("deb")));
    if (chance(20)) sections_.push_back(aged("packages-rpm", packages("rpm")));
    if (chance(90)) sections_.push_back(aged("certificates", certificates()));
    if (chance(20)) sections_.push_back(not_applicable("packages-apk", "no apk", past(days(2))));
    if (chance(80)) view_.last_sync = past(days(3));
    view_.sections = sections_;
  }
  const HostView& view() const { return view_; }

 private:
  int64_t pick(int64_t low, int64_t high) {
    return std::uniform_int_distribution<int64_t>(low, high)(random_);
  }
  bool chance(int percent) { return pick(1, 100) <= percent; }
  TimePoint past(Duration at_most) { return kNow - Duration(pick(0, at_most.count())); }

  template <typename Facts>
  SectionState aged(std::string probe, const Facts& facts) {
    SectionState state = observed(std::move(probe), facts, past(hours(30)));
    if (chance(20)) state = failed(std::move(state), "killed after 30s");
    if (chance(5)) state.facts_type = "muster.v9.Facts";
    return state;
  }
  v1::PackageFacts packages(std::string_view prefix) {
    v1::PackageFacts facts = apt_facts();
    for (int64_t i = pick(0, 4); i > 0; --i) {
      add_update(facts, std::string(prefix) + std::to_string(i),
                 static_cast<v1::Security>(pick(0, 2)))
          .set_would_install(chance(80));
    }
    *facts.mutable_lists_updated_at() = to_proto(past(days(5)));
    if (chance(10)) facts.clear_lists_updated_at();
    if (chance(10)) facts.set_lists_present(false);
    return facts;
  }
  v1::CertificateFacts certificates() {
    v1::CertificateFacts facts;
    for (int64_t i = pick(0, 3); i > 0; --i) {
      v1::CertificateFile& file = add_file(facts, "/etc/" + std::to_string(i));
      const TimePoint end = past(days(2)) + Duration(pick(0, Duration(days(60)).count()));
      add_certificate(file, "cn", end - days(static_cast<int>(pick(1, 400))),
                      std::chrono::floor<std::chrono::seconds>(end));
      if (chance(10)) file.set_error("broken");
    }
    return facts;
  }

  std::mt19937 random_;
  std::vector<SectionState> sections_;
  HostView view_;
};

std::string text_of(const Evaluation& evaluation) {
  std::string text;
  for (const v1::Verdict& verdict : evaluation.verdicts)
    text += verdict.DebugString();
  return text;
}

std::vector<std::string> lines_of(std::span<const Standing> standings) {
  std::vector<std::string> lines;
  for (const Standing& standing : standings) {
    lines.push_back(fmt::format("{} {} {} {}", status_name(standing.status), standing.has_unknown,
                                standing.deadline.time_since_epoch().count(),
                                standing.valid_until.time_since_epoch().count()));
  }
  return lines;
}

// The earliest that any of the verdicts names.
TimePoint reads_until(const Evaluation& evaluation) {
  TimePoint earliest = TimePoint::max();
  for (const v1::Verdict& verdict : evaluation.verdicts) {
    if (verdict.has_valid_until()) earliest = std::min(earliest, from_proto(verdict.valid_until()));
  }
  return earliest;
}

TEST(Evaluate, SaysTheSameExactlyUntilTheTimeItsVerdictsName) {
  int changes = 0;
  for (uint32_t seed = 0; seed < 300; ++seed) {
    const RandomHost host(seed);
    TimePoint now = kNow;
    Evaluation current = evaluate(host.view(), {}, default_policy(), now);
    // Follows the host from change to change, as the collector does.
    for (int step = 0; step < 20 && reads_until(current) != TimePoint::max(); ++step) {
      const TimePoint until = reads_until(current);
      ASSERT_GT(until, now) << seed;
      const auto at = [&](TimePoint time) {
        return evaluate(host.view(), current.first_seen, default_policy(), time);
      };
      ASSERT_EQ(text_of(at(until - kMicrosecond)), text_of(current)) << seed;
      Evaluation next = at(until);
      ASSERT_NE(text_of(next), text_of(current)) << seed;
      now = until;
      current = std::move(next);
      ++changes;
    }
  }
  EXPECT_GT(changes, 1000);
}

TEST(Evaluate, StandsTheSameUntilTheTimeItNamesWhateverItsSentencesSay) {
  int changes = 0;
  for (uint32_t seed = 0; seed < 300; ++seed) {
    const RandomHost host(seed);
    TimePoint now = kNow;
    Evaluation current = evaluate(host.view(), {}, default_policy(), now);
    for (int step = 0; step < 20 && current.valid_until != TimePoint::max(); ++step) {
      const TimePoint until = current.valid_until;
      ASSERT_GT(until, now) << seed;
      const auto at = [&](TimePoint time) {
        return evaluate(host.view(), current.first_seen, default_policy(), time);
      };
      ASSERT_EQ(lines_of(at(now + (until - now) / 2).standings), lines_of(current.standings))
          << seed;
      ASSERT_EQ(lines_of(at(until - kMicrosecond).standings), lines_of(current.standings)) << seed;
      Evaluation next = at(until);
      ASSERT_NE(lines_of(next.standings), lines_of(current.standings)) << seed;
      now = until;
      current = std::move(next);
      ++changes;
    }
  }
  EXPECT_GT(changes, 500);
}

TEST(Evaluate, JudgesASilentHostNoMoreForTheSakeOfItsSentence) {
  const HostView view{.last_sync = kNow - hours(30)};
  const Evaluation evaluation =
      evaluate(view, {}, {{{.id = "c", .title = "T", .rule = "host_reporting"}}}, kNow);
  EXPECT_EQ(evaluation.verdicts[0].summary(), "it has not reported for 1 day");
  EXPECT_EQ(evaluation.valid_until, TimePoint::max());
  EXPECT_EQ(from_proto(evaluation.verdicts[0].valid_until()), kNow + hours(18));
}

TEST(Evaluate, GivesTheSameAnswerTwice) {
  for (uint32_t seed = 0; seed < 100; ++seed) {
    const RandomHost host(seed);
    const Evaluation first = evaluate(host.view(), {}, default_policy(), kNow);
    const Evaluation second = evaluate(host.view(), first.first_seen, default_policy(), kNow);
    EXPECT_EQ(text_of(first), text_of(second));
    EXPECT_EQ(first.first_seen, second.first_seen);
    EXPECT_EQ(first.valid_until, second.valid_until);
  }
}

// As the fleet does it.
Evaluation judge_changed(const HostView& host, const FirstSeen& first_seen, const Policy& policy,
                         TimePoint now, std::span<const Standing> earlier,
                         std::span<const std::string_view> changed) {
  const HostOs os = os_of(host.sections);
  return evaluate_changed(host, first_seen, policy, scope_of(policy, traits_of(host, os)), now,
                          earlier, changed);
}

TEST(EvaluateChanged, GivesWhatJudgingEverythingAnewGives) {
  for (uint32_t seed = 0; seed < 300; ++seed) {
    const RandomHost host(seed);
    const RandomHost later(seed + 1000);
    const Evaluation earlier = evaluate(host.view(), {}, default_policy(), kNow);
    // One of the other's sections replaces this host's, or comes to it.
    if (later.view().sections.empty()) continue;
    const SectionState& changed = later.view().sections[seed % later.view().sections.size()];
    std::vector<SectionState> sections(host.view().sections.begin(), host.view().sections.end());
    std::erase_if(sections, [&changed](const auto& s) { return s.probe == changed.probe; });
    sections.push_back(changed);
    const HostView view{.sections = sections, .last_sync = kNow};

    const TimePoint now = kNow + hours(static_cast<int>(seed % 60));
    const std::vector<std::string_view> probes{changed.probe};
    const Evaluation quick =
        judge_changed(view, earlier.first_seen, default_policy(), now, earlier.standings, probes);
    const Evaluation whole = evaluate(view, earlier.first_seen, default_policy(), now);
    EXPECT_EQ(lines_of(quick.standings), lines_of(whole.standings)) << seed;
    EXPECT_EQ(quick.first_seen, whole.first_seen) << seed;
    EXPECT_EQ(quick.valid_until, whole.valid_until) << seed;
  }
}

// Standings that no judging gives: those that are still there were kept.
std::vector<Standing> marked(std::vector<Standing> standings) {
  for (Standing& standing : standings)
    standing.deadline = TimePoint(hours(1));
  return standings;
}

bool is_marked(const Standing& standing) {
  return standing.deadline == TimePoint(hours(1));
}

TEST(EvaluateChanged, KeepsOnlyWhatLooksAtNoneOfTheChangedProbes) {
  const std::vector<SectionState> sections{observed("packages-apt", apt_facts()),
                                           observed("certificates", v1::CertificateFacts())};
  const HostView view{.sections = sections, .last_sync = kNow};
  const Evaluation earlier = evaluate(view, {}, default_policy(), kNow);
  const auto judged = [&](std::vector<std::string_view> changed, TimePoint now) {
    std::vector<std::string> controls;
    const Evaluation evaluation = judge_changed(view, earlier.first_seen, default_policy(), now,
                                                marked(earlier.standings), changed);
    for (size_t i = 0; i < evaluation.standings.size(); ++i) {
      if (!is_marked(evaluation.standings[i])) controls.push_back(default_policy().controls[i].id);
    }
    return controls;
  };
  using ::testing::ElementsAre;
  EXPECT_THAT(judged({}, kNow), ElementsAre("host-reporting"));
  EXPECT_THAT(judged({"host"}, kNow), ElementsAre("host-reporting"));
  EXPECT_THAT(judged({"certificates"}, kNow),
              ElementsAre("certificate-valid", "certificate-renewal", "host-reporting"));
  // A package manager that was not there before.
  EXPECT_THAT(judged({"packages-rpm"}, kNow),
              ElementsAre("security-updates", "package-lists-fresh", "host-reporting"));
  EXPECT_THAT(judged({}, kNow + hours(24)), ::testing::SizeIs(5));
}

TEST(EvaluateChanged, JudgesAnewWhatIsUnknownAndEverythingUnderAnotherPolicy) {
  const std::vector<SectionState> sections{observed("packages-apt", apt_facts())};
  const HostView view{.sections = sections, .last_sync = kNow};
  const Evaluation earlier = evaluate(view, {}, default_policy(), kNow);
  const Evaluation unknown = judge_changed(view, earlier.first_seen, default_policy(), kNow,
                                           marked(earlier.standings), {});
  ASSERT_EQ(default_policy().controls[2].id, "certificate-valid");
  EXPECT_FALSE(is_marked(unknown.standings[2]));
  const Evaluation other = judge_changed(view, earlier.first_seen, {{security_control()}}, kNow,
                                         marked(earlier.standings), {});
  EXPECT_FALSE(is_marked(other.standings[0]));
}

}  // namespace
}  // namespace muster::policy
