#include "collector/policy_answers/preview_answer.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/policy/status.h"
#include "common/timestamp.h"
#include "tests/collector/policy_answers/small_fleet.h"

namespace muster::collector {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* kStrict = R"(controls:
  - {id: host-reporting, title: Host reports, rule: host_reporting, silent_after: 1m}
)";

class PreviewAnswer : public testing::Test {
 protected:
  absl::StatusOr<v1::PolicyPreview> ask(const v1::PolicyPreviewRequest& request) {
    return preview_policy(world_.fleet, request, world_.clock.now());
  }

  static v1::PolicyPreviewRequest about(const std::string& policy) {
    v1::PolicyPreviewRequest request;
    request.add_files()->set_name("p.yml");
    request.mutable_files(0)->set_text(policy);
    return request;
  }

  static std::vector<std::string> lines(const v1::PolicyPreview& preview) {
    std::vector<std::string> lines;
    for (const v1::PolicyChange& change : preview.changes()) {
      std::string line =
          fmt::format("{} {} -> {} {}:", change.control(), policy::status_name(change.before()),
                      policy::status_name(change.after()), change.host_count());
      for (const v1::ChangedHost& host : change.hosts())
        line += " " + host.host();
      lines.push_back(line);
    }
    return lines;
  }

  SmallFleet world_;
};

TEST_F(PreviewAnswer, IsByControlAndTheWorstFirst) {
  world_.clock.advance(std::chrono::minutes(5));
  const absl::StatusOr<v1::PolicyPreview> preview = ask(about(kStrict));
  ASSERT_EQ(preview.status(), absl::OkStatus());
  EXPECT_EQ(preview->hosts(), 3U);
  EXPECT_THAT(lines(*preview), ElementsAre("host-reporting pass -> fail 2: db1 web1",
                                           "host-reporting unknown -> fail 1: new1",
                                           "certificate-valid unknown -> not_applicable 2: "
                                           "new1 web1"));
  EXPECT_EQ(preview->changes(0).hosts(0).summary(), "it has not reported for 5 minutes");
}

TEST_F(PreviewAnswer, WithoutFilesIsOfThePolicyInForceAtAnotherTime) {
  EXPECT_THAT(lines(*ask({})), IsEmpty());
  v1::PolicyPreviewRequest request;
  *request.mutable_at() = to_proto(world_.clock.now() + std::chrono::days(20));
  const absl::StatusOr<v1::PolicyPreview> preview = ask(request);
  EXPECT_THAT(lines(*preview), ElementsAre("host-reporting unknown -> fail 1: new1"));
  EXPECT_EQ(from_proto(preview->at()), world_.clock.now() + std::chrono::days(20));
}

TEST_F(PreviewAnswer, ComparesWithAnotherPolicy) {
  v1::PolicyPreviewRequest request = about(kHousePolicy);
  *request.mutable_compare_with() = about(kStrict).files();
  world_.clock.advance(std::chrono::minutes(5));
  EXPECT_THAT(lines(*ask(request)),
              ElementsAre("certificate-valid not_applicable -> unknown 2: new1 web1",
                          "host-reporting fail -> unknown 1: new1",
                          "host-reporting fail -> pass 2: db1 web1"));
}

TEST_F(PreviewAnswer, NamesSelectorsOfNobody) {
  v1::PolicyPreviewRequest request =
      about(std::string(kStrict) + "owners:\n  - {team: x, match: {hosts: [mail*]}}\n");
  const absl::StatusOr<v1::PolicyPreview> preview = ask(request);
  ASSERT_EQ(preview->selectors_without_hosts_size(), 1);
  EXPECT_EQ(preview->selectors_without_hosts(0).of(), "the owner x");
  EXPECT_THAT(preview->selectors_without_hosts(0).place(), HasSubstr("p.yml:4:"));
  world_.clock.advance(std::chrono::minutes(5));
  request.set_selectors_only(true);
  EXPECT_EQ(ask(request)->selectors_without_hosts_size(), 1);
  EXPECT_THAT(lines(*ask(request)), IsEmpty());
}

TEST_F(PreviewAnswer, RefusesAPolicyThatIsNone) {
  for (const auto add :
       {&v1::PolicyPreviewRequest::add_files, &v1::PolicyPreviewRequest::add_compare_with}) {
    v1::PolicyPreviewRequest request = about(kStrict);
    v1::PolicyFile* const file = (request.*add)();
    file->set_name("bad.yml");
    file->set_text("control: []\n");
    const absl::Status status = ask(request).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(status.message()),
                HasSubstr("bad.yml:1:1: unknown key 'control', did you mean 'controls'?"));
  }
}

TEST_F(PreviewAnswer, NamesAThousandHostsAndCountsTheRest) {
  for (int i = 0; i < 1000; ++i)
    world_.enrol(fmt::format("more{}", i), "db");
  const absl::StatusOr<v1::PolicyPreview> preview = ask(
      about("controls:\n  - {id: valid, title: Certificates, rule: certificate_not_expired}\n"));
  ASSERT_GE(preview->changes_size(), 1);
  EXPECT_EQ(preview->changes(0).control(), "valid");
  EXPECT_EQ(preview->changes(0).host_count(), 1003U);
  EXPECT_EQ(preview->changes(0).hosts_size(), 1000);
}

}  // namespace
}  // namespace muster::collector
