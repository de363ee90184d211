// zone_signed and zone_signatures_current: DNSSEC.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/policy/status.h"
#include "tests/common/policy/zones.h"

namespace muster::policy {
namespace {

using namespace muster::testing;  // the words of the tests
using ::testing::HasSubstr;
using ::testing::StartsWith;

v1::ZoneFacts with_state(v1::DnssecState state, const char* detail = "") {
  v1::ZoneFacts facts = good_zone();
  facts.set_dnssec(state);
  facts.set_dnssec_detail(detail);
  return facts;
}

v1::ZoneFacts signed_between(TimePoint begins, TimePoint ends) {
  v1::ZoneFacts facts = good_zone();
  *facts.mutable_signatures_begin() = to_proto(begins);
  *facts.mutable_signatures_expire() = to_proto(ends);
  return facts;
}

TEST(ZoneSigned, PassesWhereTheZoneAboveVouchesForIt) {
  const Control control = zone_control("zone_signed");
  EXPECT_EQ(said(control, good_zone()),
            "pass: example.org is signed as the zone above says, by key 20326");
  EXPECT_EQ(judge_zone(control, good_zone()).subjects(0).subject(), "example.org");
  EXPECT_EQ(
      said(control, with_state(v1::DNSSEC_STATE_BROKEN, "no key fits DS 20326")),
      "fail: example.org is not signed by the keys that the zone above vouches for: resolvers "
      "that check do not find it (no key fits DS 20326)");
  EXPECT_EQ(said(control, with_state(v1::DNSSEC_STATE_UNSPECIFIED, "no server told the keys")),
            "unknown: whether example.org is well signed is not known (no server told the keys)");
  EXPECT_THAT(said(control, with_state(static_cast<v1::DnssecState>(99))),
              HasSubstr("newer than this collector"));
  EXPECT_THAT(said(control, good_zone(), kNow + days(1)), StartsWith("unknown: ")) << "too old";
}

TEST(ZoneSigned, WantsASignedZoneOnlyWhereThatIsRequired) {
  Control control = zone_control("zone_signed");
  for (const auto state : {v1::DNSSEC_STATE_UNSIGNED, v1::DNSSEC_STATE_NOT_DELEGATED})
    EXPECT_EQ(judge_zone(control, with_state(state)).status(), v1::STATUS_NOT_APPLICABLE);
  control.parameters = {{"required", int64_t{1}}};
  EXPECT_EQ(said(control, with_state(v1::DNSSEC_STATE_UNSIGNED)),
            "fail: example.org is not signed");
  EXPECT_EQ(said(control, with_state(v1::DNSSEC_STATE_NOT_DELEGATED)),
            "fail: example.org is signed and nobody checks it: the zone above has no DS record");
}

TEST(ZoneSignaturesCurrent, IsDueBeforeTheFirstEndsAndFailsHalfWay) {
  const Control control = zone_control("zone_signatures_current");
  const TimePoint ends = kNow + days(20);
  // The facts stay fresh in this test: what matters is the date.
  Control patient = control;
  patient.max_age = days(60);
  const v1::Verdict good = judge_zone(patient, good_zone());
  EXPECT_EQ(good.status(), v1::STATUS_PASS);
  EXPECT_EQ(good.summary(),
            "the first signature of example.org to end does so on 2026-12-11T12:00:00Z");
  EXPECT_EQ(from_proto(good.valid_until()), ends - days(2)) << "it changes by itself";
  EXPECT_EQ(judge_zone(patient, good_zone(), ends - days(2) - kMicrosecond).status(),
            v1::STATUS_PASS);
  const v1::Verdict due = judge_zone(patient, good_zone(), ends - days(2));
  EXPECT_EQ(due.status(), v1::STATUS_DUE);
  EXPECT_EQ(due.summary(),
            "the signature over SOA at ns2.example.net (198.51.100.53) ends on "
            "2026-12-11T12:00:00Z and is not made anew");
  EXPECT_EQ(from_proto(due.deadline()), ends - days(1));
  EXPECT_EQ(from_proto(due.valid_until()), ends - days(1));
  const v1::Verdict late = judge_zone(patient, good_zone(), ends - days(1));
  EXPECT_EQ(late.status(), v1::STATUS_FAIL);
  EXPECT_EQ(from_proto(late.valid_until()), ends) << "then it reads otherwise";
  EXPECT_THAT(said(patient, good_zone(), ends),
              StartsWith("fail: the signature over SOA at ns2.example.net (198.51.100.53) ended "));
  EXPECT_EQ(from_proto(judge_zone(control, good_zone()).valid_until()), kNow + days(1))
      << "facts that are too old say nothing of a date that is far off";
}

TEST(ZoneSignaturesCurrent, AsksNoMoreThanAThirdOfShortLives) {
  const Control control = zone_control("zone_signatures_current");
  // As servers that sign their answers do: a day back, a day ahead.
  EXPECT_EQ(judge_zone(control, signed_between(kNow - hours(25), kNow + hours(25))).status(),
            v1::STATUS_PASS);
  EXPECT_EQ(judge_zone(control, signed_between(kNow - hours(40), kNow + hours(20))).status(),
            v1::STATUS_DUE);
  Control strict = control;
  strict.parameters = {{"min_remaining", ParameterValue(Duration(days(30)))}};
  EXPECT_EQ(judge_zone(strict, signed_between(kNow - days(10), kNow + days(20))).status(),
            v1::STATUS_PASS);
  EXPECT_EQ(judge_zone(strict, signed_between(kNow - days(20), kNow + days(9))).status(),
            v1::STATUS_DUE);
  v1::ZoneFacts without_begin = good_zone();
  without_begin.clear_signatures_begin();
  EXPECT_EQ(judge_zone(strict, without_begin).status(), v1::STATUS_DUE);
}

TEST(ZoneSignaturesCurrent, FailsOfASignatureThatBeginsLater) {
  const Control control = zone_control("zone_signatures_current");
  const v1::Verdict verdict = judge_zone(control, signed_between(kNow + hours(1), kNow + days(20)));
  EXPECT_EQ(verdict.status(), v1::STATUS_FAIL);
  EXPECT_THAT(verdict.summary(), HasSubstr("begins to be good on 2026-11-21T13:00:00Z"));
  EXPECT_EQ(from_proto(verdict.valid_until()), kNow + hours(1));
}

TEST(ZoneSignaturesCurrent, IsNotAboutZonesThatNobodyChecks) {
  const Control control = zone_control("zone_signatures_current");
  EXPECT_EQ(said(control, with_state(v1::DNSSEC_STATE_UNSIGNED)),
            "not_applicable: example.org is not signed");
  EXPECT_EQ(judge_zone(control, with_state(v1::DNSSEC_STATE_NOT_DELEGATED)).status(),
            v1::STATUS_NOT_APPLICABLE);
  for (const int state : {0, 99}) {
    EXPECT_EQ(judge_zone(control, with_state(static_cast<v1::DnssecState>(state))).status(),
              v1::STATUS_UNKNOWN);
  }
  v1::ZoneFacts undated = with_state(v1::DNSSEC_STATE_BROKEN, "no signatures");
  undated.clear_signatures_begin();
  undated.clear_signatures_expire();
  EXPECT_EQ(said(control, undated),
            "unknown: when the signatures of example.org end was not seen (no signatures)");
}

}  // namespace
}  // namespace muster::policy
