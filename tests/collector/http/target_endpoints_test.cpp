#include <gmock/gmock.h>

#include "tests/collector/http/endpoints_fixture.h"
#include "tests/collector/target_fixture.h"

namespace muster::collector::http {
namespace {

using testing::HasSubstr;

// With one listed target that nobody looks at.
class TargetEndpoints : public Endpoints {
 protected:
  TargetEndpoints() {
    const Target bastion = a_target("[2001:db8::1]:22", "[2001:db8::1]:22");
    targets_.set_targets(
        std::make_shared<const TargetTable>(TargetTable::Targets{{bastion.name, bastion}}));
    context_.targets = &targets_;
  }

  FakeTargetStore target_store_;
  FakeLeases leases_;
  TargetFleet targets_{clock_, target_store_, fleet_, a_target_policy(), &leases_};
};

TEST_F(TargetEndpoints, ListTargetsWithWhoLooksOrWhyNobodyDoes) {
  const Response list = get("/api/v1/targets");
  EXPECT_EQ(list.status, 200);
  EXPECT_THAT(list.body, HasSubstr(R"("name":"[2001:db8::1]:22")"));
  EXPECT_THAT(list.body, HasSubstr(R"("note":"nobody may")"));
  EXPECT_EQ(administer("GET", "/admin/v1/targets").body, list.body);
}

TEST_F(TargetEndpoints, ShowOneTargetByItsName) {
  const Response shown = get("/api/v1/targets/[2001:db8::1]:22");
  EXPECT_EQ(shown.status, 200);
  EXPECT_THAT(shown.body, HasSubstr(R"("control":"answers")"));
  EXPECT_EQ(get("/api/v1/targets/shop").status, 404);
  // A host's own, whose name has a slash.
  const Response own = get("/api/v1/targets/web1/postgresql");
  EXPECT_EQ(own.status, 404);
  EXPECT_THAT(own.body, HasSubstr("web1/postgresql"));
}

TEST_F(TargetEndpoints, TheSlashOfANameMayBeAnEscapeAndNoOtherMay) {
  const auto status_of = [this](const std::string& path, size_t encoded_slash) {
    Request request = request_for("GET", path);
    request.encoded_slash = encoded_slash;
    return ask(request).status;
  };
  // As /api/v1/targets/web1%2Fpostgresql: there is no such target, but there could be.
  EXPECT_EQ(status_of("/api/v1/targets/web1/postgresql", 20), 404);
  EXPECT_EQ(status_of("/api/v1/targets/web1/postgresql", 15), 400);
  EXPECT_EQ(status_of("/api/v1/targets/web1/postgresql", 4), 400);
  EXPECT_EQ(status_of("/api/v1/hosts/web1/verdicts", 18), 400);
  EXPECT_EQ(status_of("/metrics/targets", 8), 400);
  EXPECT_EQ(status_of("/none/there", 5), 400);
}

TEST_F(TargetEndpoints, MetricsHaveTargetsAfterHostsAndOneTargetsByItsName) {
  const std::string all = get("/metrics").body;
  EXPECT_THAT(all, HasSubstr("muster_host_reporting{host=\"web1\"} 0\n"));
  EXPECT_THAT(all, HasSubstr("muster_target_observed{target=\"[2001:db8::1]:22\"} 0\n"));
  EXPECT_LT(all.find("muster_host_reporting"), all.find("muster_target_observed"));
  Request one = request_for("GET", "/metrics");
  one.query = {{"target", "[2001:db8::1]:22"}};
  EXPECT_THAT(ask(one).body, HasSubstr("muster_target_observed"));
  one.query = {{"target", "web1"}};
  EXPECT_EQ(ask(one).status, 404);
  one.query = {{"host", "web1"}};
  EXPECT_EQ(ask(one).status, 200);
  one.query = {{"hos", "web1"}};
  EXPECT_EQ(ask(one).status, 400);
}

TEST_F(TargetEndpoints, ExplainATargetOnTheSocket) {
  const std::string question = R"({"target": "[2001:db8::1]:22", "control": "answers"})";
  fleet_.set_policy(a_target_policy());
  const Response explained = administer("POST", "/admin/v1/explain", question);
  EXPECT_EQ(explained.status, 200);
  EXPECT_THAT(explained.body, HasSubstr(R"("target":{"name":"[2001:db8::1]:22")"));
  EXPECT_THAT(explained.body, HasSubstr(R"("note":"nobody may")"));
  EXPECT_THAT(explained.body, HasSubstr(R"("rule":"tcp_answers")"));
  EXPECT_EQ(
      administer("POST", "/admin/v1/explain", R"({"target": "web1", "control": "answers"})").status,
      404);
  context_.targets = nullptr;
  EXPECT_EQ(administer("POST", "/admin/v1/explain", question).status, 404);
}

TEST_F(TargetEndpoints, ServiceDiscoveryHasTheListedTargets) {
  EXPECT_THAT(get("/sd/targets").body, HasSubstr(R"("targets": ["[2001:db8::1]:22"])"));
}

TEST_F(Endpoints, WithoutTargetsThereAreNoPagesOfThem) {
  EXPECT_EQ(get("/api/v1/targets").status, 404);
  EXPECT_EQ(get("/sd/targets").status, 404);
}

}  // namespace
}  // namespace muster::collector::http
