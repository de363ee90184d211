#include "common/exposition/domain_metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "common/exposition/target_metrics.h"
#include "tests/common/exposition/full_target.h"

namespace muster::exposition {
namespace {

using namespace muster::testing;  // the words of the tests
using ::testing::HasSubstr;
using ::testing::Not;

std::string samples(const SectionState& section, bool observed = true) {
  const std::vector<SectionState> sections{section};
  const TargetMetricsInput input{.target = "d", .sections = sections, .observed = observed};
  std::string text;
  for (const RenderedHost& part : {render_settled(input), render_moving(input)}) {
    for (size_t family = 0; family < kTargetFamilyCount; ++family)
      text += part[family];
  }
  return text;
}

// As a failed look leaves it: with what was seen before.
SectionState failed(SectionState section, const std::string& reason) {
  section.outcome = v1::OUTCOME_FAILED;
  section.reason = reason;
  section.looked_at += hours(24);
  return section;
}

TEST(DomainMetrics, KeepTheDateWhereALookUpFailsAndSayThatItDid) {
  const std::string date =
      "muster_target_domain_expiry_timestamp_seconds{target=\"d\",domain=\"example.org\","
      "source=\"registry\"} ";
  for (const auto& [reason, state] :
       {std::pair("failed: rdap.example.net: connection reset", "failed"),
        std::pair("rate-limited: rdap.example.net asked to be left alone", "rate_limited")}) {
    const SectionState section = failed(domain_section(), reason);
    for (const bool observed : {true, false}) {
      const std::string text = samples(section, observed);
      EXPECT_THAT(text, HasSubstr(date));
      EXPECT_THAT(text, HasSubstr(std::string("muster_target_domain_lookup{target=\"d\",state=\"") +
                                  state + "\"} 1\n"));
      EXPECT_THAT(text,
                  HasSubstr("muster_target_domain_answered_timestamp_seconds{target=\"d\"} "));
    }
  }
}

TEST(DomainMetrics, SayOfADomainThatNobodyEverToldOfThatTheLookUpFailed) {
  SectionState section;
  section.probe = "domain";
  section.outcome = v1::OUTCOME_FAILED;
  section.reason = "failed: no answer";
  const std::string text = samples(section);
  EXPECT_THAT(text, HasSubstr("muster_target_domain_lookup{target=\"d\",state=\"failed\"} 1\n"));
  EXPECT_THAT(text, Not(HasSubstr("expiry")));
  EXPECT_THAT(text, Not(HasSubstr("answered")));
}

TEST(DomainMetrics, TellADateOfTheRegistryFromOneByHandAndFromNone) {
  struct Case {
    v1::RegistryAnswer answer;
    bool expires;
    bool by_hand;
    const char* state;
    const char* source;  // null: no date
  };
  for (const Case& c : {Case{v1::REGISTRY_ANSWER_REGISTERED, true, true, "known", "registry"},
                        Case{v1::REGISTRY_ANSWER_REGISTERED, true, false, "known", "registry"},
                        Case{v1::REGISTRY_ANSWER_REGISTERED, false, true, "by_hand", "by_hand"},
                        Case{v1::REGISTRY_ANSWER_REGISTERED, false, false, "no_date", nullptr},
                        Case{v1::REGISTRY_ANSWER_UNSUPPORTED, false, true, "by_hand", "by_hand"},
                        Case{v1::REGISTRY_ANSWER_UNSUPPORTED, false, false, "unsupported", nullptr},
                        Case{v1::REGISTRY_ANSWER_FREE, false, false, "known", nullptr}}) {
    v1::DomainFacts facts;
    facts.set_domain("example.de");
    facts.set_answer(c.answer);
    if (c.expires) *facts.mutable_expires() = to_proto(kNow);
    if (c.by_hand) *facts.mutable_expires_by_hand() = to_proto(kNow);
    const std::string text = samples(observed("domain", facts));
    EXPECT_THAT(text, HasSubstr(std::string("muster_target_domain_lookup{target=\"d\",state=\"") +
                                c.state + "\"} 1\n"));
    if (c.source == nullptr) {
      EXPECT_THAT(text, Not(HasSubstr("expiry"))) << c.state;
    } else {
      EXPECT_THAT(text, HasSubstr(std::string("source=\"") + c.source + "\"} "));
    }
  }
}

TEST(DomainMetrics, SayNothingOfAZoneThatTheLastLookDidNotSee) {
  EXPECT_THAT(samples(zone_section()), HasSubstr("muster_target_zone_server_answer{"));
  EXPECT_THAT(samples(failed(zone_section(), "failed: no name server")),
              Not(HasSubstr("muster_target_zone_")));
  EXPECT_THAT(samples(zone_section(), false), Not(HasSubstr("muster_target_zone_")));
}

TEST(DomainMetrics, CountLookalikesByWhatIsKnownOfThemZerosIncluded) {
  const std::string text = samples(lookalikes_section());
  const std::string family = "muster_target_lookalikes{target=\"d\",mail_ready=";
  EXPECT_THAT(text, HasSubstr(family + "\"yes\",owned=\"no\"} 1\n"));
  EXPECT_THAT(text, HasSubstr(family + "\"yes\",owned=\"yes\"} 1\n"));
  EXPECT_THAT(text, HasSubstr(family + "\"unknown\",owned=\"no\"} 1\n"));
  EXPECT_THAT(text, HasSubstr(family + "\"no\",owned=\"no\"} 0\n"));
  // The house's own is newer, and does not count.
  SectionState own_only = lookalikes_section();
  v1::LookalikeFacts facts;
  ASSERT_TRUE(facts.ParseFromString(own_only.facts));
  facts.mutable_registered()->DeleteSubrange(1, 2);
  own_only.facts = facts.SerializeAsString();
  EXPECT_THAT(text, HasSubstr("muster_target_lookalikes_newest_timestamp_seconds{"));
  EXPECT_THAT(samples(own_only), Not(HasSubstr("newest")));
}

TEST(DomainMetrics, HaveAWordForEveryValue) {
  const auto* const answers = v1::ZoneAnswer_descriptor();
  for (int i = 0; i < answers->value_count(); ++i) {
    const auto value = static_cast<v1::ZoneAnswer>(answers->value(i)->number());
    EXPECT_EQ(zone_answer_word(value) == "unknown", value == v1::ZONE_ANSWER_UNSPECIFIED);
  }
  const auto* const states = v1::DnssecState_descriptor();
  for (int i = 0; i < states->value_count(); ++i) {
    const auto value = static_cast<v1::DnssecState>(states->value(i)->number());
    EXPECT_EQ(dnssec_word(value) == "unknown", value == v1::DNSSEC_STATE_UNSPECIFIED);
  }
  const auto* const records = v1::RecordState_descriptor();
  for (int i = 0; i < records->value_count(); ++i) {
    const auto value = static_cast<v1::RecordState>(records->value(i)->number());
    EXPECT_EQ(record_word(value) == "unknown", value == v1::RECORD_STATE_UNSPECIFIED);
  }
  const auto* const registry = v1::RegistryAnswer_descriptor();
  for (int i = 0; i < registry->value_count(); ++i) {
    const auto value = static_cast<v1::RegistryAnswer>(registry->value(i)->number());
    EXPECT_EQ(registry_answer_word(value) == "unknown", value == v1::REGISTRY_ANSWER_UNSPECIFIED);
  }
}

}  // namespace
}  // namespace muster::exposition
