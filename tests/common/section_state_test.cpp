#include "common/section_state.h"

#include <gtest/gtest.h>

#include <string>

namespace muster {
namespace {

constexpr TimePoint kFirst{std::chrono::seconds(1000)};
constexpr TimePoint kSecond{std::chrono::seconds(2000)};

v1::Section observed() {
  v1::Section look;
  look.set_outcome(v1::OUTCOME_OBSERVED);
  look.set_facts_type("muster.v1.HostFacts");
  look.set_facts("bytes");
  v1::Measurement& measurement = *look.add_measurements();
  measurement.set_name("use_ratio");
  measurement.set_subject("/");
  measurement.set_value(0.5);
  return look;
}

TEST(ApplyLook, KeepsTheFactsWhenALaterLookFails) {
  SectionState state;
  apply_look(state, observed(), kFirst);
  EXPECT_EQ(state.facts, "bytes");
  state.digest = "digest";
  v1::Section look;
  look.set_outcome(v1::OUTCOME_FAILED);
  look.set_reason("killed after 30s");
  apply_look(state, look, kSecond);
  EXPECT_EQ(state.outcome, v1::OUTCOME_FAILED);
  EXPECT_EQ(state.reason, "killed after 30s");
  EXPECT_EQ(state.looked_at, kSecond);
  EXPECT_EQ(state.observed_at, kFirst);
  EXPECT_EQ(state.facts, "bytes");
  EXPECT_EQ(state.digest, "digest");
  EXPECT_TRUE(state.has_facts());
}

TEST(ApplyLook, DropsTheFactsWhenTheyDoNotApplyAnyMore) {
  SectionState state;
  apply_look(state, observed(), kFirst);
  v1::Section look;
  look.set_outcome(v1::OUTCOME_NOT_APPLICABLE);
  look.set_reason("dpkg is gone");
  apply_look(state, look, kSecond);
  EXPECT_FALSE(state.has_facts());
  EXPECT_EQ(state.facts, "");
  EXPECT_EQ(state.observed_at, kSecond);
}

TEST(FindMeasurement, LooksForNameAndSubject) {
  SectionState state;
  apply_look(state, observed(), kFirst);
  ASSERT_NE(find_measurement(state, "use_ratio", "/"), nullptr);
  EXPECT_EQ(find_measurement(state, "use_ratio", "/")->value(), 0.5);
  EXPECT_EQ(find_measurement(state, "use_ratio"), nullptr);
  EXPECT_EQ(find_measurement(state, "other", "/"), nullptr);
}

}  // namespace
}  // namespace muster
