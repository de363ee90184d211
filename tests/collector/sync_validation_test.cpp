#include "collector/sync/sync_validation.h"

#include <gtest/gtest.h>

#include <functional>

#include "collector/metrics/process_statistics.h"
#include "collector/sync/brake.h"
#include "collector/sync/rejection_log.h"
#include "common/digest.h"

namespace muster::collector {
namespace {

v1::SyncRequest a_request() {
  v1::SyncRequest request;
  request.set_epoch(1);
  request.mutable_sent_at()->set_seconds(1'800'000'000);
  v1::SectionVersion& version = *request.add_versions();
  version.set_probe("packages-apt");
  version.set_sequence(1);
  version.set_outcome(v1::OUTCOME_OBSERVED);
  version.mutable_observed_at()->set_seconds(1'800'000'000);
  version.set_facts_type("muster.v1.PackageFacts");
  version.set_facts("facts");
  version.set_digest(sha256("facts"));
  version.add_measurements()->set_name("duration_seconds");
  return request;
}

void set_facts(v1::SectionVersion& version, const std::string& facts) {
  version.set_facts(facts);
  version.set_digest(sha256(facts));
}

using Change = std::function<void(v1::SyncRequest&, v1::SectionVersion&)>;

TEST(SyncValidation, AcceptsWhatIsWithinItsBounds) {
  const std::pair<const char*, Change> cases[] = {
      {"as it is", [](auto&, auto&) {}},
      {"no versions", [](auto& request, auto&) { request.clear_versions(); }},
      {"most versions",
       [](auto& request, auto& version) {
         const v1::SectionVersion copy = version;
         while (request.versions_size() < kMostVersions)
           *request.add_versions() = copy;
       }},
      {"no facts found", [](auto&, auto& version) { set_facts(version, ""); }},
      {"facts left out", [](auto&, auto& version) { version.clear_facts(); }},
      {"largest facts",
       [](auto&, auto& version) { set_facts(version, std::string(kFactsLimit, 'x')); }},
      {"longest reason",
       [](auto&, auto& version) { version.set_reason(std::string(kReasonLimit, 'x')); }},
      {"longest name",
       [](auto&, auto& version) { version.set_probe(std::string(kNameLimit, 'x')); }},
      {"most measurements",
       [](auto&, auto& version) {
         while (version.measurements_size() < kMostMeasurements) {
           version.add_measurements()->set_name("x");
         }
       }},
      {"failed",
       [](auto&, auto& version) {
         version.set_outcome(v1::OUTCOME_FAILED);
         version.clear_facts_type();
         version.clear_digest();
         version.clear_facts();
       }},
  };
  for (const auto& [what, change] : cases) {
    v1::SyncRequest request = a_request();
    change(request, *request.mutable_versions(0));
    const auto rejection = check_request(request);
    EXPECT_FALSE(rejection.has_value()) << what << ": " << rejection->status;
  }
}

TEST(SyncValidation, RejectsWhatIsBeyondThemWithAReasonForTheMetric) {
  struct Case {
    const char* what;
    std::string_view reason;
    Change change;
  };
  const Case cases[] = {
      {"no epoch", "sequence", [](auto& request, auto&) { request.set_epoch(0); }},
      {"largest epoch", "sequence",
       [](auto& request, auto&) { request.set_epoch(uint64_t{1} << 63); }},
      {"no time", "time", [](auto& request, auto&) { request.clear_sent_at(); }},
      {"before 1970", "time",
       [](auto& request, auto&) { request.mutable_sent_at()->set_seconds(-1); }},
      {"after 2200", "time",
       [](auto&, auto& version) { version.mutable_observed_at()->set_seconds(7'258'118'400); }},
      {"nanoseconds", "time",
       [](auto&, auto& version) { version.mutable_observed_at()->set_nanos(1'000'000'000); }},
      {"version without a time", "time", [](auto&, auto& version) { version.clear_observed_at(); }},
      {"too many versions", "count",
       [](auto& request, auto& version) {
         const v1::SectionVersion copy = version;
         while (request.versions_size() <= kMostVersions)
           *request.add_versions() = copy;
       }},
      {"an entity that is no name", "entity",
       [](auto&, auto& version) { version.set_entity("web1/postgresql"); }},
      {"an own target without a name", "entity",
       [](auto&, auto& version) { version.set_entity("/"); }},
      {"an entity that is too long", "entity",
       [](auto&, auto& version) { version.set_entity(std::string(254, 'a')); }},
      {"no probe", "name", [](auto&, auto& version) { version.clear_probe(); }},
      {"capital", "name", [](auto&, auto& version) { version.set_probe("Apt"); }},
      {"quote", "name", [](auto&, auto& version) { version.set_probe("a\"b"); }},
      {"long name", "name",
       [](auto&, auto& version) { version.set_probe(std::string(kNameLimit + 1, 'x')); }},
      {"no sequence", "sequence", [](auto&, auto& version) { version.set_sequence(0); }},
      {"largest sequence", "sequence",
       [](auto&, auto& version) { version.set_sequence(uint64_t{1} << 63); }},
      {"no outcome", "outcome", [](auto&, auto& version) { version.clear_outcome(); }},
      {"new outcome", "outcome",
       [](auto&, auto& version) { version.set_outcome(static_cast<v1::Outcome>(17)); }},
      {"long reason", "size",
       [](auto&, auto& version) { version.set_reason(std::string(kReasonLimit + 1, 'x')); }},
      {"large facts", "size",
       [](auto&, auto& version) { set_facts(version, std::string(kFactsLimit + 1, 'x')); }},
      {"other facts", "digest", [](auto&, auto& version) { version.set_facts("forged"); }},
      {"short digest", "facts",
       [](auto&, auto& version) { version.set_digest(std::string(31, 'x')); }},
      {"no type", "facts", [](auto&, auto& version) { version.clear_facts_type(); }},
      {"odd type", "facts", [](auto&, auto& version) { version.set_facts_type("a/b"); }},
      {"facts of a failure", "facts",
       [](auto&, auto& version) { version.set_outcome(v1::OUTCOME_FAILED); }},
      {"many measurements", "count",
       [](auto&, auto& version) {
         while (version.measurements_size() <= kMostMeasurements) {
           version.add_measurements()->set_name("x");
         }
       }},
      {"name of a measurement", "name",
       [](auto&, auto& version) { version.add_measurements()->set_name("x{}"); }},
      {"subject of a measurement", "size",
       [](auto&, auto& version) {
         version.mutable_measurements(0)->set_subject(std::string(kSubjectLimit + 1, 'x'));
       }},
  };
  for (const Case& one : cases) {
    v1::SyncRequest request = a_request();
    one.change(request, *request.mutable_versions(0));
    const auto rejection = check_request(request);
    ASSERT_TRUE(rejection.has_value()) << one.what;
    EXPECT_EQ(rejection->reason, one.reason) << one.what;
    EXPECT_TRUE(absl::IsInvalidArgument(rejection->status)) << one.what;
    EXPECT_NE(std::count(rejection_reasons().begin(), rejection_reasons().end(), one.reason), 0);
  }
}

TEST(Brake, SlowsWithTheLoadAndSpreads) {
  using std::chrono::seconds;
  EXPECT_EQ(next_sync_after(seconds(60), 0, 0.5), seconds(60));
  EXPECT_EQ(next_sync_after(seconds(60), 0, 0), seconds(54));
  EXPECT_EQ(next_sync_after(seconds(60), 0, 1), seconds(66));
  EXPECT_EQ(next_sync_after(seconds(60), 1, 0.5), seconds(600));
  EXPECT_EQ(next_sync_after(seconds(60), 7, 0.5), seconds(600));
  EXPECT_EQ(next_sync_after(std::chrono::hours(2), 1, 1), std::chrono::hours(1));
}

TEST(RejectionLog, LogsEachReasonOfAHostOnceAnHour) {
  RejectionLog log;
  const TimePoint now{std::chrono::seconds(1'800'000'000)};
  EXPECT_TRUE(log.should_log("a", "size", now));
  EXPECT_FALSE(log.should_log("a", "size", now + std::chrono::minutes(59)));
  EXPECT_TRUE(log.should_log("a", "time", now));
  EXPECT_TRUE(log.should_log("b", "size", now));
  EXPECT_TRUE(log.should_log("a", "size", now + std::chrono::hours(1)));
}

TEST(RejectionLog, RemembersSoManyAndForgetsTheOld) {
  RejectionLog log(2);
  const TimePoint now{std::chrono::seconds(1'800'000'000)};
  EXPECT_TRUE(log.should_log("a", "size", now));
  EXPECT_TRUE(log.should_log("b", "size", now));
  EXPECT_FALSE(log.should_log("c", "size", now));
  EXPECT_FALSE(log.should_log("d", "size", now));
  EXPECT_EQ(log.take_omitted(), 2U);
  EXPECT_EQ(log.take_omitted(), 0U);
  EXPECT_TRUE(log.should_log("c", "size", now + std::chrono::hours(1)));
}

TEST(RejectionLog, MakesRoomForOneWithEachThatIsAnHourOld) {
  RejectionLog log(3);
  const TimePoint start{std::chrono::seconds(1'800'000'000)};
  const auto at = [start](int minute) { return start + std::chrono::minutes(minute); };
  EXPECT_TRUE(log.should_log("a", "size", at(0)));
  EXPECT_TRUE(log.should_log("b", "size", at(20)));
  EXPECT_TRUE(log.should_log("c", "size", at(40)));
  EXPECT_FALSE(log.should_log("d", "size", at(59)));
  EXPECT_TRUE(log.should_log("d", "size", at(60)));
  EXPECT_FALSE(log.should_log("a", "size", at(79))) << "its place is taken";
  EXPECT_TRUE(log.should_log("a", "size", at(80)));
  EXPECT_FALSE(log.should_log("c", "size", at(99)));
  EXPECT_TRUE(log.should_log("c", "size", at(100)));
}

TEST(RejectionLog, KnowsAfterALimitOfStrangersWhoWasThere) {
  RejectionLog log;
  const TimePoint now{std::chrono::seconds(1'800'000'000)};
  for (int i = 0; i < 10'000; ++i)
    ASSERT_TRUE(log.should_log(std::to_string(i), "token", now));
  for (int i = 0; i < 20'000; ++i)
    ASSERT_FALSE(log.should_log(std::to_string(i), "token", now));
  EXPECT_EQ(log.take_omitted(), 10'000U);
}

TEST(ProcessStatistics, AreReadWhateverTheProcessIsCalled) {
  const auto statistics = parse_process_statistics(
      "42 (a) b (c) S 1 42 42 0 -1 4194560 1 2 3 4 150 50 0 0 20 0 9 0 200 1000 77 18446744",
      "cpu 1 2\nbtime 1800000000\nprocesses 7\n", 100, 4096);
  ASSERT_TRUE(statistics.has_value());
  EXPECT_EQ(statistics->cpu_seconds, 2);
  EXPECT_EQ(statistics->start_time_seconds, 1'800'000'002);
  EXPECT_EQ(statistics->resident_bytes, 77 * 4096);
  EXPECT_FALSE(parse_process_statistics("", "", 100, 4096).has_value());
  EXPECT_FALSE(parse_process_statistics("1 (a) S 2", "\nbtime 1\n", 100, 4096).has_value());
}

}  // namespace
}  // namespace muster::collector
