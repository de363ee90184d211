#include "collector/policy_answers/explanation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/collector/policy_answers/small_fleet.h"

namespace muster::collector {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class ExplanationTest : public testing::Test {
 protected:
  absl::StatusOr<v1::Explanation> ask(const std::string& host, const std::string& control) {
    v1::ExplainRequest request;
    request.set_host(host);
    request.set_control(control);
    return explain(world_.fleet, request, world_.clock.now());
  }

  SmallFleet world_;
};

TEST_F(ExplanationTest, HasTheVerdictItsRuleTheWaiversOfTheHostAndItsOwner) {
  const absl::StatusOr<v1::Explanation> explanation = ask("web1", "host-reporting");
  ASSERT_EQ(explanation.status(), absl::OkStatus());
  EXPECT_EQ(explanation->verdict().status(), v1::STATUS_PASS);
  EXPECT_EQ(explanation->host().name(), "web1");
  EXPECT_EQ(explanation->host().owner().team(), "operations");
  EXPECT_EQ(explanation->control().parameters(0).value(), "10m");
  EXPECT_EQ(explanation->control().applies_to(), "every host");
  std::vector<std::string> waivers;
  for (const v1::WaiverDescription& waiver : explanation->waivers())
    waivers.push_back(waiver.id());
  EXPECT_THAT(waivers, ElementsAre("now", "later"));
  EXPECT_EQ(ask("db1", "host-reporting")->waivers_size(), 0);
}

TEST_F(ExplanationTest, OfAControlThatIsNotForTheHostSaysSo) {
  const absl::StatusOr<v1::Explanation> explanation = ask("db1", "certificate-valid");
  EXPECT_EQ(explanation->verdict().status(), v1::STATUS_NOT_APPLICABLE);
  EXPECT_EQ(explanation->control().applies_to(), "hosts with the label role=web");
}

TEST_F(ExplanationTest, NamesWhatWasMeant) {
  struct Case {
    std::string host;
    std::string control;
    std::string said;
  };
  const Case cases[] = {
      {"web2", "host-reporting", "no host is called \"web2\", did you mean \"web1\"?"},
      {"nobody-there", "host-reporting", "no host is called \"nobody-there\"; `muster-collector"},
      {"web1", "host-report", "the policy in force has no control \"host-report\", did you mean"},
      {"web1", "nonsense", "it has host-reporting, certificate-valid"},
  };
  for (const Case& c : cases) {
    const absl::Status status = ask(c.host, c.control).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
    EXPECT_THAT(std::string(status.message()), HasSubstr(c.said));
  }
}

}  // namespace
}  // namespace muster::collector
