#include "collector/policy_answers/explanation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/collector/policy_answers/small_fleet.h"
#include "tests/collector/target_fixture.h"

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

// Two targets beside hosts; nobody looks at one of them.
class TargetExplanation : public TargetFleetTest {
 protected:
  TargetExplanation() {
    hosts_.set_policy(SmallFleet::policy(kPolicy));
    fleet_.entities().set_policy(SmallFleet::policy(kPolicy));
    list({a_target("shop", "192.0.2.1:443"), a_target("mail", "192.0.2.2:25")});
    leases_.may = {{kWeb, "shop"}};
    leases_.holders["shop"] = {.host_id = kWeb, .host = "web1"};
    v1::SyncRequest report = request();
    add(report, "shop", 1, false);
    sync(kWeb, report);
    fleet_.look_at_hosts();
  }

  absl::StatusOr<v1::Explanation> ask(const std::string& target, const std::string& control) {
    v1::ExplainRequest request;
    request.set_target(target);
    request.set_control(control);
    return explain(hosts_, request, clock_.now(), &fleet_);
  }

  static constexpr const char* kPolicy = R"(labels: {site: [fra]}
controls:
  - {id: reporting, title: Host reports, rule: host_reporting}
  - id: answers
    title: It answers
    rule: tcp_answers
    applies_to: {kind: tcp, labels: {site: [fra]}}
owners:
  - {team: web, match: {kind: tcp, targets: [shop]}}
  - {team: operations, match: {}}
waivers:
  - {id: move, control: answers, match: {kind: tcp, targets: [shop]}, subjects: [other], reason: r,
     approved_by: a, starts: 2027-01-01, ends: 2027-02-01}
)";
};

TEST_F(TargetExplanation, HasTheTargetWithWhoLooksItsVerdictRuleFactsAndWaivers) {
  const absl::StatusOr<v1::Explanation> explanation = ask("shop", "answers");
  ASSERT_EQ(explanation.status(), absl::OkStatus());
  EXPECT_FALSE(explanation->has_host());
  EXPECT_EQ(explanation->target().name(), "shop");
  EXPECT_EQ(explanation->target().looked_at_by(), "web1");
  EXPECT_EQ(explanation->target().owner().team(), "web");
  EXPECT_EQ(explanation->verdict().status(), v1::STATUS_FAIL);
  EXPECT_EQ(explanation->control().rule(), "tcp_answers");
  EXPECT_THAT(explanation->control().applies_to(), HasSubstr("site=fra"));
  ASSERT_EQ(explanation->waivers_size(), 1);
  EXPECT_EQ(explanation->waivers(0).id(), "move");
  ASSERT_EQ(explanation->sections_size(), 1);
  EXPECT_EQ(explanation->sections(0).probe(), "tcp");
  EXPECT_EQ(from_proto(explanation->judged_at()), clock_.now());
}

TEST_F(TargetExplanation, SaysWhyNobodyLooks) {
  const absl::StatusOr<v1::Explanation> explanation = ask("mail", "answers");
  ASSERT_EQ(explanation.status(), absl::OkStatus());
  EXPECT_EQ(explanation->verdict().status(), v1::STATUS_UNKNOWN);
  EXPECT_EQ(explanation->target().looked_at_by(), "");
  EXPECT_EQ(explanation->target().note(), "nobody may");
  EXPECT_EQ(explanation->waivers_size(), 0);
}

TEST_F(TargetExplanation, NamesWhatWasMeant) {
  struct Case {
    std::string target;
    std::string control;
    std::string said;
  };
  const Case cases[] = {
      {"shopp", "answers", "no target is called \"shopp\", did you mean \"shop\"?"},
      {"web1", "answers", "`muster-collector target list` shows all"},
      {"shop", "answer", "no control \"answer\", did you mean \"answers\"?"},
      {"shop", "reporting", "the control \"reporting\" is not for targets of the kind tcp"},
  };
  for (const Case& c : cases) {
    const absl::Status status = ask(c.target, c.control).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
    EXPECT_THAT(std::string(status.message()), HasSubstr(c.said));
  }
}

TEST_F(TargetExplanation, OfATargetThatIsAskedForAsAHostSaysHowToAsk) {
  v1::ExplainRequest request;
  request.set_host("shop");
  request.set_control("answers");
  const absl::Status status = explain(hosts_, request, clock_.now(), &fleet_).status();
  EXPECT_EQ(status,
            absl::NotFoundError("no host is called \"shop\", but a target is; `muster-collector "
                                "explain --target shop answers` tells of that"));
}

TEST_F(TargetExplanation, OfAHostWithAControlOfTargetsSaysHowToAsk) {
  v1::ExplainRequest request;
  request.set_host("web1");
  request.set_control("answers");
  EXPECT_THAT(std::string(explain(hosts_, request, clock_.now(), &fleet_).status().message()),
              HasSubstr("`muster-collector explain --target NAME answers` tells of one"));
}

TEST_F(TargetExplanation, IsOfNoTargetWhereTheCollectorHasNone) {
  v1::ExplainRequest request;
  request.set_target("shop");
  request.set_control("answers");
  EXPECT_EQ(explain(hosts_, request, clock_.now()).status().code(), absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace muster::collector
