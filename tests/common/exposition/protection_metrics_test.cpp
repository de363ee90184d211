// What protects a host and what watches it, as samples. The whole of it is in full_host.prom.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/common/exposition/full_host.h"

namespace muster::exposition {
namespace {

using namespace muster::testing;  // the words of the tests
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

template <typename Facts>
std::string samples_of(const char* probe, const Facts& facts) {
  const std::vector<SectionState> sections{observed(probe, facts)};
  return samples({.host = "h", .sections = sections});
}

TEST(ProtectionMetrics, SayNoneIsInstalledOnlyWhereAllWasLookedAt) {
  v1::AntivirusFacts facts;
  EXPECT_THAT(samples_of("antivirus", facts),
              HasSubstr("muster_protection_products{host=\"h\",kind=\"antivirus\"} 0\n"));
  EXPECT_THAT(samples_of("intrusion-detection", v1::IntrusionDetectionFacts()),
              HasSubstr("muster_protection_products{host=\"h\",kind=\"intrusion_detection\"} 0\n"));
  facts.add_problems("/opt: Permission denied");
  EXPECT_THAT(samples_of("antivirus", facts), Not(HasSubstr("muster_protection_products")));
  facts.add_products()->set_product("clamav");
  EXPECT_THAT(samples_of("antivirus", facts),
              HasSubstr("muster_protection_products{host=\"h\",kind=\"antivirus\"} 1\n"));
}

TEST(ProtectionMetrics, OfAFactThatIsAbsentThereIsNoSeries) {
  v1::AntivirusFacts facts;
  facts.add_products()->set_product("clamav");
  const std::string text = samples_of("antivirus", facts);
  // How much of it is in force is told of each, and that is unknown.
  EXPECT_THAT(text, HasSubstr("muster_protection_mode{host=\"h\",kind=\"antivirus\","
                              "product=\"clamav\",mode=\"unknown\"} 1\n"));
  for (const char* family :
       {"running", "real_time", "check_", "exclusions", "management", "licen", "events", "rules"}) {
    EXPECT_THAT(text, Not(HasSubstr(std::string("muster_protection_") + family)));
  }
  EXPECT_THAT(text, AllOf(Not(HasSubstr("muster_signature")), Not(HasSubstr("muster_threats")),
                          Not(HasSubstr("muster_integrity"))));
}

TEST(ProtectionMetrics, CallWhatANewerAgentSaysUnknown) {
  v1::IntrusionDetectionFacts facts;
  v1::ProtectionProduct& product = *facts.add_products();
  product.set_product("aide");
  product.set_mode(static_cast<v1::ProtectionMode>(99));
  product.mutable_last_check()->set_result(static_cast<v1::CheckResult>(99));
  product.set_running(static_cast<v1::Answer>(99));
  const std::string text = samples_of("intrusion-detection", facts);
  EXPECT_THAT(text, HasSubstr("mode=\"unknown\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("check=\"integrity\",result=\"unknown\"} 1\n"));
  EXPECT_THAT(text, Not(HasSubstr("muster_protection_running")));
}

TEST(ProtectionMetrics, KeepTwoReadingsOfOneProductToOneSeries) {
  v1::AntivirusFacts facts;
  facts.add_products()->set_product("clamav");
  facts.add_products()->set_product("clamav");
  const std::string text = samples_of("antivirus", facts);
  const std::string series = "muster_protection_mode{host=\"h\"";
  const size_t first = text.find(series);
  ASSERT_NE(first, std::string::npos);
  EXPECT_EQ(text.find(series, first + 1), std::string::npos);
}

}  // namespace
}  // namespace muster::exposition
