// /api/v1/expiry, .ics and .csv: the calendar over hosts, targets, the policy and the authorities.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "collector/fleet/target_fleet.h"
#include "collector/identity/ca_rotation.h"
#include "common/digest.h"
#include "common/timestamp.h"
#include "muster/v1/certificate_facts.pb.h"
#include "tests/collector/http/endpoints_fixture.h"
#include "tests/collector/target_fixture.h"

namespace muster::collector::http {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class ExpiryEndpoints : public Endpoints {
 protected:
  ExpiryEndpoints() {
    policy::Policy policy;
    policy.owners = {
        {.team = "shop", .match = {.hosts = {"web1"}}, .contact = "", .escalation = ""}};
    policy.dates = {{.name = "Support of the SAN",
                     .kind = "support-contract",
                     .owner = "storage",
                     .date = clock_.now() + std::chrono::days(100),
                     .labels = {{"site", "fra"}}}};
    fleet_.set_policy(std::make_shared<const policy::Policy>(policy));
  }

  // A certificate on that host, which ends in so many days.
  void report(const std::string& host, const std::string& path, int days) {
    v1::CertificateFacts facts;
    v1::CertificateFile& file = *facts.add_files();
    file.set_path(path);
    v1::Certificate& certificate = *file.add_certificates();
    certificate.set_common_name("shop.example.org");
    certificate.set_sha256("sha256 of " + path);
    *certificate.mutable_not_after() = to_proto(clock_.now() + std::chrono::days(days));
    v1::SyncRequest request;
    request.set_epoch(1);
    *request.mutable_sent_at() = to_proto(clock_.now());
    v1::SectionVersion& version = *request.add_versions();
    version.set_probe("certificates");
    version.set_sequence(1);
    version.set_outcome(v1::OUTCOME_OBSERVED);
    *version.mutable_observed_at() = to_proto(clock_.now());
    version.set_facts_type(facts.GetTypeName());
    version.set_facts(facts.SerializeAsString());
    version.set_digest(sha256(version.facts()));
    const std::string id = *fleet_.id_of(host);
    fleet_.apply_sync(*fleet_.plan_sync(id, request), request);
  }

  using Query = std::vector<std::pair<std::string, std::string>>;
  Response get_with(const std::string& path, Query query) {
    Request request = request_for("GET", path);
    request.query = std::move(query);
    return ask(std::move(request));
  }
};

// Other programs read these: a field that is gone, or has another name, is a break.
TEST_F(ExpiryEndpoints, ShowWhatEndsWithinNinetyDaysByItsEnd) {
  report("web1", "/b.pem", 20);
  report("db \"1\"", "/a.pem", 10);
  const Response answer = get("/api/v1/expiry");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.content_type, "application/json");
  EXPECT_THAT(
      answer.body,
      StartsWith(R"({"entries":[{"kind":"EXPIRY_KIND_CERTIFICATE","kind_name":"certificate",)"
                 R"("subject":"/a.pem","host":"db \"1\"","target":"","owner":"",)"));
  // Labels, between these, are in no order.
  EXPECT_THAT(
      answer.body,
      HasSubstr(R"("subject":"/b.pem","host":"web1","target":"","owner":"shop","labels":{)"));
  EXPECT_THAT(answer.body, HasSubstr(R"("role":"web")"));
  EXPECT_THAT(answer.body,
              HasSubstr(R"(},"by_hand":false,"detail":"shop.example.org","more_hosts":0,"id":")"));
  EXPECT_THAT(answer.body, HasSubstr(R"(","ends_at":"2027-02-04T08:00:00Z",)"
                                     R"("observed_at":"2027-01-15T08:00:00Z"}],)"
                                     R"("omitted":"0","without_end":"0",)"
                                     R"("made_at":"2027-01-15T08:00:00Z"})"));
  EXPECT_THAT(answer.body, Not(HasSubstr("SAN")));
  EXPECT_EQ(administer("GET", "/admin/v1/expiry").body.size(), answer.body.size());
}

TEST_F(ExpiryEndpoints, AreFiltered) {
  report("web1", "/b.pem", 20);
  report("db \"1\"", "/a.pem", 10);
  EXPECT_THAT(get_with("/api/v1/expiry", {{"within", "100d"}, {"owner", "storage"}}).body,
              AllOf(HasSubstr("SAN"), Not(HasSubstr(".pem"))));
  EXPECT_THAT(get_with("/api/v1/expiry", {{"within", "100d"}, {"label", "site=fra"}}).body,
              AllOf(HasSubstr("SAN"), Not(HasSubstr(".pem"))));
  EXPECT_THAT(get_with("/api/v1/expiry", {{"owner", "shop"}}).body,
              AllOf(HasSubstr("/b.pem"), Not(HasSubstr("/a.pem"))));
  EXPECT_THAT(get_with("/api/v1/expiry", {{"within", "11d"}}).body,
              AllOf(HasSubstr("/a.pem"), Not(HasSubstr("/b.pem"))));
  EXPECT_THAT(get_with("/api/v1/expiry", {{"kind", "domain"}, {"kind", "by-hand"}}).body,
              Not(HasSubstr(".pem")));
  // What has ended stays until it is gone, or is not asked for.
  clock_.advance(std::chrono::days(15));
  EXPECT_THAT(get("/api/v1/expiry").body, HasSubstr("/a.pem"));
  EXPECT_THAT(get_with("/api/v1/expiry", {{"after", "now"}}).body,
              AllOf(HasSubstr("/b.pem"), Not(HasSubstr("/a.pem"))));
}

TEST_F(ExpiryEndpoints, RefuseAWrongParameterByItsName) {
  const Response answer = get_with("/api/v1/expiry", {{"kind", "domains"}});
  EXPECT_EQ(answer.status, 400);
  EXPECT_THAT(answer.body, HasSubstr("the parameter kind is one of"));
  EXPECT_EQ(get_with("/api/v1/expiry", {{"until", "1d"}}).status, 400);
  EXPECT_EQ(get_with("/api/v1/expiry.csv", {{"format", "json"}}).status, 400);
  // Elsewhere there are still none.
  EXPECT_EQ(get_with("/api/v1/hosts", {{"within", "1d"}}).status, 400);
}

TEST_F(ExpiryEndpoints, AreAnICalendarAndASpreadsheetToo) {
  report("web1", "/b.pem", 20);
  const Response calendar = get("/api/v1/expiry.ics");
  EXPECT_EQ(calendar.content_type, "text/calendar; charset=utf-8");
  EXPECT_EQ(header_of(calendar, "Content-Disposition"), "inline; filename=\"expiry.ics\"");
  EXPECT_THAT(calendar.body, HasSubstr("\r\nDTSTART;VALUE=DATE:20270204\r\n"
                                       "SUMMARY:/b.pem on web1: certificate ends\r\n"));
  EXPECT_EQ(get_with("/api/v1/expiry", {{"format", "ics"}}).body, calendar.body);
  const Response csv = get("/api/v1/expiry.csv");
  EXPECT_EQ(csv.content_type, "text/csv; charset=utf-8; header=present");
  EXPECT_THAT(csv.body,
              HasSubstr("\r\n2027-02-04T08:00:00Z,20,certificate,/b.pem,web1,,0,shop,no,"));
  EXPECT_EQ(get_with("/api/v1/expiry", {{"format", "csv"}}).body, csv.body);
}

TEST_F(ExpiryEndpoints, HaveTheFleetsAuthorities) {
  CaRotation rotation(clock_, authorities_, fleet_, [] { return absl::OkStatus(); });
  context_.rotation = &rotation;
  const Query query{{"kind", "fleet-authority"}, {"within", "3653d"}};
  EXPECT_THAT(get_with("/api/v1/expiry", query).body,
              HasSubstr(R"("kind":"EXPIRY_KIND_FLEET_AUTHORITY","kind_name":"fleet-authority",)"));
}

TEST_F(ExpiryEndpoints, HaveTargetsWithTheirOwnersAndTheDatesOfTheirList) {
  FakeTargetStore target_store;
  FakeLeases leases;
  TargetFleet targets(clock_, target_store, fleet_, a_target_policy(), &leases);
  Target domain = a_target("example.de", "example.de expires=2027-03-31");
  domain.kind = "domain";
  domain.labels = {{"owner", "brand"}};
  Target undated = a_target("example.eu", "example.eu");
  undated.kind = "domain";
  targets.set_targets(std::make_shared<const TargetTable>(
      TargetTable::Targets{{domain.name, domain}, {undated.name, undated}}));
  context_.targets = &targets;
  const std::string body = get("/api/v1/expiry").body;
  EXPECT_THAT(body, HasSubstr(R"("subject":"example.de","host":"","target":"example.de",)"
                              R"("owner":"brand")"));
  EXPECT_THAT(body, HasSubstr(R"("by_hand":true)"));
  EXPECT_THAT(body, HasSubstr(R"("ends_at":"2027-03-31T23:59:59Z")"));
  EXPECT_THAT(body, HasSubstr(R"("without_end":"1")"));
}

TEST_F(ExpiryEndpoints, LeaveOutHostsThatAreRevoked) {
  report("web1", "/b.pem", 20);
  IdentityRecord identity;
  identity.standing = Standing::kRevoked;
  fleet_.set_identity(*fleet_.id_of("web1"), identity);
  EXPECT_THAT(get("/api/v1/expiry").body, Not(HasSubstr("/b.pem")));
}

// As for the other pages: nobody reads it from elsewhere without a password.
TEST_F(ExpiryEndpoints, AreForOperators) {
  Request request = request_for("GET", "/api/v1/expiry.ics");
  request.from_loopback = false;
  request.peer = "192.0.2.1";
  EXPECT_EQ(ask(std::move(request)).status, 403);
}

}  // namespace
}  // namespace muster::collector::http
