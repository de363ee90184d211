// /api/v1/hosts: what is known of hosts, as JSON.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>

#include "common/policy/policy.h"
#include "tests/collector/http/endpoints_fixture.h"

namespace muster::collector::http {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST_F(Endpoints, ShowHostsWithProtoFieldNames) {
  const Response list = get("/api/v1/hosts");
  EXPECT_THAT(list.body, HasSubstr("\"name\":\"web1\""));
  EXPECT_THAT(list.body, HasSubstr("\"enrolled_at\":\""));
  const Response detail = get("/api/v1/hosts/web1");
  EXPECT_EQ(detail.status, 200);
  EXPECT_THAT(detail.body, HasSubstr("\"sections\":[]"));
  EXPECT_EQ(get("/api/v1/hosts/web1/verdicts").status, 200);
  EXPECT_EQ(get("/api/v1/hosts/db \"1\"").status, 200);
  const Response unknown = get("/api/v1/hosts/<b>");
  EXPECT_EQ(unknown.status, 404);
  EXPECT_THAT(unknown.body, Not(HasSubstr("<b>")));
  EXPECT_EQ(get("/api/v1/hosts/nobody/verdicts").status, 404);
  EXPECT_EQ(get("/api/v1/hosts/web1/other").status, 404);
}

// Other programs read these: a field that is gone, or has another name, is a break.
TEST_F(Endpoints, ShowAVerdictWithItsRuleItsPolicyItsFrameworksAndItsWaiver) {
  const TimePoint start = clock_.now();
  policy::Policy policy;
  policy.sha256 = "abc123";
  policy.controls = {{.id = "reporting",
                      .title = "Hosts report",
                      .rule = "host_reporting",
                      .severity = v1::SEVERITY_HIGH,
                      .frameworks = {{"cis-8", {"8.11"}}, {"nist-800-53", {"AU-6", "CA-7"}}}}};
  policy.waivers = {{.id = "moving",
                     .control = "reporting",
                     .reason = "it moves to another rack",
                     .approved_by = "Ada",
                     .ticket = "OPS-1",
                     .starts = start,
                     .ends = start + std::chrono::days(2)}};
  fleet_.set_policy(std::make_shared<const policy::Policy>(policy));
  clock_.advance(std::chrono::hours(1));
  fleet_.rejudge_due();
  EXPECT_THAT(get("/api/v1/hosts/web1/verdicts").body,
              HasSubstr(R"("verdicts":[{"control":"reporting","title":"Hosts report",)"
                        R"("severity":"SEVERITY_HIGH","status":"STATUS_WAIVED",)"
                        R"("summary":"it was enrolled 1 hour ago and has never reported; )"
                        R"(waived until 2027-01-17 by Ada",)"
                        R"("subjects":[{"subject":"","status":"STATUS_WAIVED",)"
                        R"("reason":"it was enrolled 1 hour ago and has never reported; )"
                        R"(waived until 2027-01-17 by Ada: it moves to another rack",)"
                        R"("evidence":[],"waiver":"moving",)"
                        R"("first_failed_at":"2027-01-15T09:00:00Z"}],)"
                        R"("subject_count":1,"rule":"host_reporting","policy_sha256":"abc123",)"
                        R"("frameworks":[{"name":"cis-8","ids":["8.11"]},)"
                        R"({"name":"nist-800-53","ids":["AU-6","CA-7"]}],)"
                        R"("valid_until":"2027-01-15T10:00:00Z"}])"));
}

TEST_F(Endpoints, ShowWhoAnswersForAHostAndThatItIsBeingWorkedOn) {
  policy::Policy policy;
  policy.owners = {
      {.team = "web-operations", .contact = "web@example.org", .escalation = "+49 30 1"}};
  policy.maintenance = {{.name = "always", .weekdays = 0x7f, .lasts = std::chrono::days(1)}};
  fleet_.set_policy(std::make_shared<const policy::Policy>(policy));
  for (const std::string path : {"/api/v1/hosts", "/api/v1/hosts/web1"}) {
    const std::string body = get(path).body;
    EXPECT_THAT(body, HasSubstr(R"("owner":{"team":"web-operations","contact":"web@example.org",)"
                                R"("escalation":"+49 30 1"})"));
    EXPECT_THAT(body, HasSubstr(R"("maintenance":["always"])"));
  }
}

}  // namespace
}  // namespace muster::collector::http
