// /api/v1/updates and /api/v1/hosts/NAME/updates: what waits, as JSON.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>

#include "common/digest.h"
#include "common/policy/policy.h"
#include "common/timestamp.h"
#include "muster/v1/package_facts.pb.h"
#include "tests/collector/http/endpoints_fixture.h"

namespace muster::collector::http {
namespace {

using testing::HasSubstr;

class UpdateEndpoints : public Endpoints {
 protected:
  UpdateEndpoints() {
    policy::Policy policy;
    policy.controls = {{.id = "security-updates",
                        .title = "Security updates are in",
                        .rule = "security_updates",
                        .deadlines = policy::Deadlines::all(std::chrono::days(14))}};
    fleet_.set_policy(std::make_shared<const policy::Policy>(policy));
  }

  // Of web1.
  void report(const v1::PackageFacts& facts, const std::string& probe = "packages-rpm") {
    v1::SyncRequest request;
    request.set_epoch(1);
    *request.mutable_sent_at() = to_proto(clock_.now());
    v1::SectionVersion& version = *request.add_versions();
    version.set_probe(probe);
    version.set_sequence(++sequence_);
    version.set_outcome(v1::OUTCOME_OBSERVED);
    *version.mutable_observed_at() = to_proto(clock_.now());
    version.set_facts_type(facts.GetTypeName());
    version.set_facts(facts.SerializeAsString());
    version.set_digest(sha256(version.facts()));
    const std::string id = *fleet_.id_of("web1");
    fleet_.apply_sync(*fleet_.plan_sync(id, request), request);
  }

  v1::PackageFacts facts() const {
    v1::PackageFacts facts;
    facts.set_manager("rpm");
    facts.set_lists_present(true);
    *facts.mutable_lists_updated_at() = to_proto(clock_.now());
    v1::PendingUpdate& update = *facts.add_pending_updates();
    update.set_package("openssl-libs");
    update.set_architecture("x86_64");
    update.set_source_package("openssl");
    update.set_installed_version("3.0.7-1");
    update.set_candidate_version("3.0.7-2");
    update.set_security(v1::SECURITY_YES);
    update.set_would_install(true);
    update.set_severity(v1::ADVISORY_SEVERITY_IMPORTANT);
    v1::Advisory& advisory = *update.add_advisories();
    advisory.set_id("RHSA-2026:1");
    advisory.set_kind(v1::ADVISORY_KIND_SECURITY);
    advisory.add_cves("CVE-2026-1");
    return facts;
  }

  uint64_t sequence_ = 0;
};

// Other programs read these: a field that is gone, or has another name, is a break.
TEST_F(UpdateEndpoints, ShowWhatWaitsOnAHostWithItsClockAndItsAdvisories) {
  report(facts());
  clock_.advance(std::chrono::hours(2));
  const Response answer = get("/api/v1/hosts/web1/updates");
  EXPECT_EQ(answer.status, 200);
  EXPECT_THAT(
      answer.body,
      HasSubstr(R"({"host":"web1","sources":[{"manager":"rpm","not_known_because":"",)"
                R"("observed_at":"2027-01-15T08:00:00Z",)"
                R"("lists_updated_at":"2027-01-15T08:00:00Z"}],"updates":[{"manager":"rpm",)"));
  EXPECT_THAT(answer.body, HasSubstr(R"("package":"openssl-libs","architecture":"x86_64",)"
                                     R"("source_package":"openssl","installed_version":"3.0.7-1",)"
                                     R"("candidate_version":"3.0.7-2")"));
  EXPECT_THAT(answer.body, HasSubstr(R"("cves":["CVE-2026-1"])"));
  EXPECT_THAT(answer.body, HasSubstr(R"("status":"STATUS_DUE")"));
  EXPECT_THAT(answer.body, HasSubstr(R"("waiting_since":"2027-01-15T08:00:00Z")"));
  EXPECT_THAT(answer.body, HasSubstr(R"("deadline":"2027-01-29T08:00:00Z")"));
  EXPECT_EQ(administer("GET", "/admin/v1/hosts/web1/updates").body, answer.body);
  EXPECT_EQ(get("/api/v1/hosts/nobody/updates").status, 404);
}

TEST_F(UpdateEndpoints, SayWhyAnEmptyListMeansNothing) {
  v1::PackageFacts told = facts();
  told.add_repositories_without_errata("vendor");
  report(told);
  EXPECT_THAT(get("/api/v1/hosts/web1/updates").body,
              HasSubstr("which updates close security holes is not told by vendor"));
  // What waits is known all the same.
  EXPECT_THAT(get("/api/v1/updates").body, HasSubstr(R"("hosts_known":1)"));
  told.set_lists_present(false);
  report(told);
  EXPECT_THAT(get("/api/v1/hosts/web1/updates").body, HasSubstr("no package lists are present"));
  EXPECT_THAT(get("/api/v1/updates").body, HasSubstr(R"("hosts_known":0)"));
  EXPECT_THAT(get("/api/v1/hosts/db \"1\"/updates").body,
              HasSubstr(R"("sources":[],"updates":[])"));
}

TEST_F(UpdateEndpoints, ShowWhichUpdateIsMissingWhereAndOfWhichHostItIsNotKnown) {
  report(facts());
  const Response answer = get("/api/v1/updates");
  EXPECT_EQ(answer.status, 200);
  EXPECT_THAT(answer.body,
              HasSubstr(R"({"updates":[{"manager":"rpm","source_package":"openssl",)"
                        R"("packages":["openssl-libs"],"candidate_versions":["3.0.7-2"],)"
                        R"("security":"SECURITY_YES","severity":"ADVISORY_SEVERITY_IMPORTANT",)"
                        R"("cves":["CVE-2026-1"],"hosts":1,"hosts_held_back":0,)"));
  EXPECT_THAT(answer.body, HasSubstr(R"("waiting_since":"2027-01-15T08:00:00Z")"));
  EXPECT_THAT(answer.body, HasSubstr(R"("host_names":["web1"])"));
  EXPECT_THAT(answer.body, HasSubstr(R"("hosts_known":1,"hosts_not_known":["db \"1\""],)"
                                     R"("hosts_not_known_count":1,"update_count":1,)"
                                     R"("managers":[{"manager":"rpm","hosts_known":1,)"
                                     R"("hosts_not_known":0}]})"));
  EXPECT_EQ(administer("GET", "/admin/v1/updates").body, answer.body);
}

TEST_F(UpdateEndpoints, AreForOperators) {
  for (const char* const path : {"/api/v1/updates", "/api/v1/hosts/web1/updates"}) {
    Request request = request_for("GET", path);
    request.from_loopback = false;
    request.peer = "192.0.2.1";
    EXPECT_EQ(ask(request).status, 403) << path;
    EXPECT_EQ(ask(request_for("POST", path)).status, 405) << path;
  }
  ready_ = false;
  EXPECT_EQ(get("/api/v1/updates").status, 503);
}

}  // namespace
}  // namespace muster::collector::http
