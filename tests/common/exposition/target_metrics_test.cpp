#include "common/exposition/target_metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <set>
#include <string>

#include "common/exposition/joined_families.h"
#include "common/files.h"
#include "tests/common/exposition/documented_families.h"
#include "tests/common/exposition/full_target.h"

namespace muster::exposition {
namespace {

using namespace muster::testing;  // the words of the tests
using ::testing::HasSubstr;
using ::testing::Not;

std::string render(const TargetMetricsInput& input, Format format = Format::kPrometheusText) {
  HostParts parts;
  parts.settled = std::make_shared<const RenderedHost>(render_settled(input));
  parts.moving = std::make_shared<const RenderedHost>(render_moving(input));
  return JoinedFamilies({parts}, format, kTargetFamilySet).take_all();
}

// Without comments.
std::string samples(const TargetMetricsInput& input) {
  std::string text;
  for (const RenderedHost& part : {render_settled(input), render_moving(input)}) {
    for (size_t family = 0; family < kTargetFamilyCount; ++family)
      text += part[family];
  }
  return text;
}

TEST(TargetMetrics, RenderEveryFamilyOfAFullTarget) {
  const FullTarget target;
  const absl::StatusOr<std::string> golden = read_file(
      MUSTER_SOURCE_DIRECTORY "/tests/common/exposition/full_target.prom", size_t{1} << 20);
  ASSERT_TRUE(golden.ok()) << golden.status();
  EXPECT_EQ(render(target.input()), *golden);
}

TEST(TargetMetrics, HaveEachFamilyInOneOfTwoParts) {
  const FullTarget target;
  const RenderedHost settled = render_settled(target.input());
  const RenderedHost moving = render_moving(target.input());
  for (size_t family = 0; family < kTargetFamilyCount; ++family) {
    EXPECT_TRUE((is_moving_of_target(family) ? settled : moving)[family].empty())
        << kTargetFamilies[family].name;
    EXPECT_FALSE((is_moving_of_target(family) ? moving : settled)[family].empty())
        << kTargetFamilies[family].name;
  }
}

TEST(TargetMetrics, OfTimesAndMeasurementsAreTheMovingPart) {
  FullTarget target;
  const RenderedHost before = render_settled(target.input());
  target.sections[0].looked_at += hours(1);
  target.sections[0].observed_at += hours(1);
  target.sections[0].measurements[0].set_value(0.5);
  TargetMetricsInput later = target.input();
  later.last_look = kNow + hours(1);
  const RenderedHost after = render_settled(later);
  for (size_t family = 0; family < kTargetFamilyCount; ++family)
    EXPECT_EQ(after[family], before[family]) << kTargetFamilies[family].name;
  const RenderedHost moving = render_moving(later);
  EXPECT_EQ(moving[kTargetTcpConnectDuration],
            "muster_target_tcp_connect_duration_seconds{target=\"shop\"} 0.5\n");
}

TEST(TargetMetrics, LeaveOfATargetThatNobodyLooksAtNothingThatWasSeen) {
  const FullTarget target;
  TargetMetricsInput input = target.input();
  input.observed = false;
  input.holder = {};
  const std::string text = samples(input);
  EXPECT_THAT(text, HasSubstr("muster_target_observed{target=\"shop\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("muster_target_info{target=\"shop\",kind=\"tcp\","
                              "address=\"shop.example.org:443\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("muster_target_labels_info{"));
  EXPECT_THAT(text, HasSubstr("muster_target_maintenance{"));
  EXPECT_THAT(text, HasSubstr("muster_target_control_status{"));
  EXPECT_THAT(text, HasSubstr("muster_target_last_look_timestamp_seconds{"));
  EXPECT_THAT(text, Not(HasSubstr("muster_target_tcp_")));
  EXPECT_THAT(text, Not(HasSubstr("muster_target_holder")));
}

TEST(TargetMetrics, HaveNoTimeOfALookThatNeverWas) {
  EXPECT_EQ(samples({.target = "t", .kind = "tcp", .address = "192.0.2.1:80", .observed = false}),
            "muster_target_info{target=\"t\",kind=\"tcp\",address=\"192.0.2.1:80\"} 1\n"
            "muster_target_observed{target=\"t\"} 0\n");
}

TEST(TargetMetrics, SayWhatTheLastLookGaveAndNothingWhereItFailed) {
  struct Case {
    v1::Outcome outcome;
    v1::TcpAnswer answer;
    const char* connected;
  };
  for (const Case& c : {Case{v1::OUTCOME_OBSERVED, v1::TCP_ANSWER_CONNECTED, "1"},
                        Case{v1::OUTCOME_OBSERVED, v1::TCP_ANSWER_REFUSED, "0"},
                        Case{v1::OUTCOME_OBSERVED, v1::TCP_ANSWER_TIMED_OUT, "0"},
                        Case{v1::OUTCOME_OBSERVED, v1::TCP_ANSWER_UNREACHABLE, "0"},
                        Case{v1::OUTCOME_OBSERVED, v1::TCP_ANSWER_NO_SUCH_NAME, "0"},
                        Case{v1::OUTCOME_FAILED, v1::TCP_ANSWER_CONNECTED, nullptr},
                        Case{v1::OUTCOME_NOT_APPLICABLE, v1::TCP_ANSWER_CONNECTED, nullptr}}) {
    std::vector<SectionState> sections{tcp_section(c.answer)};
    sections[0].outcome = c.outcome;
    const std::string text = samples({.target = "t", .kind = "tcp", .sections = sections});
    // Refused by the agent, for one: that is told at every report, and is no look.
    const char* const observed = c.outcome == v1::OUTCOME_FAILED ? "0" : "1";
    EXPECT_THAT(text,
                HasSubstr(std::string("muster_target_observed{target=\"t\"} ") + observed + "\n"));
    if (c.connected == nullptr) {
      EXPECT_THAT(text, Not(HasSubstr("muster_target_tcp_"))) << c.outcome;
    } else {
      EXPECT_THAT(text, HasSubstr(std::string("muster_target_tcp_connected{target=\"t\"} ") +
                                  c.connected + "\n"));
    }
  }
}

TEST(TargetMetrics, LeaveOutWhatIsNotOfTheirOwnTypes) {
  std::vector<SectionState> sections{tcp_section(v1::TCP_ANSWER_CONNECTED)};
  sections[0].facts_type = "muster.v1.OfANewerAgent";
  sections[0].measurements[0].set_value(std::nan(""));
  EXPECT_THAT(samples({.target = "t", .kind = "tcp", .sections = sections}),
              Not(HasSubstr("muster_target_tcp_")));
}

TEST(TargetMetrics, NeverLetANameForgeASeries) {
  const std::string text =
      samples({.target = "a\"} 1\nforged 1\n", .kind = "tcp", .address = "\\", .holder = "h\"\n"});
  EXPECT_EQ(text,
            "muster_target_info{target=\"a\\\"} 1\\nforged "
            "1\\n\",kind=\"tcp\",address=\"\\\\\"} 1\n"
            "muster_target_observed{target=\"a\\\"} 1\\nforged 1\\n\"} 1\n"
            "muster_target_holder{target=\"a\\\"} 1\\nforged 1\\n\",host=\"h\\\"\\n\"} 1\n");
}

TEST(TargetFamilies, AreThoseOfTheDocumentationWithTheirTypes) {
  std::set<std::string> written;
  for (const Family& family : kTargetFamilies) {
    written.insert(std::string(family.name) +
                   (family.type == MetricType::kInfo ? " info" : " gauge"));
  }
  std::set<std::string> documented;
  for (const std::string& family : test::documented_families()) {
    if (test::is_of_a_target(family)) documented.insert(family);
  }
  EXPECT_EQ(written, documented);
}

}  // namespace
}  // namespace muster::exposition
