#include "collector/admin/policy_verbs.h"

#include <fmt/format.h>
#include <google/protobuf/util/json_util.h>

#include <utility>
#include <vector>

#include "collector/admin/ask.h"
#include "collector/admin/channel.h"
#include "collector/admin/explain_text.h"
#include "collector/admin/policy_text.h"
#include "collector/policy_test/policy_test_text.h"
#include "collector/policy_test/policy_tests.h"
#include "collector/policy_words/policy_diff.h"
#include "collector/service/policy_source.h"
#include "common/counted.h"
#include "common/policy/policy_path.h"
#include "common/timestamp.h"
#include "muster/v1/policy.pb.h"

namespace muster::collector {
namespace {

namespace json = google::protobuf::util;

// sysexits.h's EX_DATAERR.
constexpr int kBadFile = 65;
// All hosts are judged, of two policies twice.
constexpr Duration kPreviewTimeout = std::chrono::minutes(10);

int bad_file(const absl::Status& status) {
  fail(status);
  return kBadFile;
}

absl::Status add_files(const std::string& path,
                       google::protobuf::RepeatedPtrField<v1::PolicyFile>& files) {
  const absl::StatusOr<std::vector<policy::PolicyText>> texts = policy::read_policy_texts(path);
  if (!texts.ok()) return texts.status();
  for (const policy::PolicyText& text : *texts) {
    v1::PolicyFile& file = *files.Add();
    file.set_name(text.name);
    file.set_text(text.text);
  }
  return absl::OkStatus();
}

absl::StatusOr<v1::PolicyPreview> ask_preview(const Config& config, const Clock& clock,
                                              const PolicyQuestion& question, bool selectors_only) {
  v1::PolicyPreviewRequest request;
  request.set_selectors_only(selectors_only);
  if (absl::Status status = add_files(question.path, *request.mutable_files()); !status.ok()) {
    return status;
  }
  if (!question.old_path.empty()) {
    if (absl::Status status = add_files(question.old_path, *request.mutable_compare_with());
        !status.ok()) {
      return status;
    }
  }
  if (question.at) *request.mutable_at() = to_proto(*question.at);
  std::string body;
  if (!json::MessageToJsonString(request, &body).ok()) {
    return absl::InvalidArgumentError("the policy is not UTF-8");
  }
  Channel channel(config, clock);
  const absl::StatusOr<std::string> answer =
      channel.request("POST", "/admin/v1/policy/preview", body, kPreviewTimeout);
  if (!answer.ok()) return answer.status();
  return parse_answer<v1::PolicyPreview>(*answer);
}

absl::Status no_tests(const std::string& path) {
  return absl::NotFoundError(
      fmt::format("{}: there are no tests of this policy. They are files NAME_test.yml beside it; "
                  "docs/policy.md shows how to write one",
                  path));
}

void print_report(const v1::PolicyTestReport& report, const PolicyQuestion& question, TimePoint now,
                  const Presentation& presentation) {
  if (presentation.format == OutputFormat::kJson) {
    json::JsonPrintOptions options;
    options.add_whitespace = true;
    options.preserve_proto_field_names = true;
    options.always_print_primitive_fields = true;
    std::string text;
    if (json::MessageToJsonString(report, &text, options).ok()) print(text);
    return;
  }
  if (!report.tests().empty()) print(policy_test_text(report, presentation.style));
  if (!question.old_path.empty()) {
    if (!report.tests().empty()) print("\n");
    print(differences_text(report.differences(), presentation.style));
  }
  if (report.has_preview()) {
    if (!report.tests().empty() || !question.old_path.empty()) print("\n");
    print(preview_text(report.preview(), now, presentation.style));
  }
}

}  // namespace

int check_policy(const Config& config, const Clock& clock, const PolicyQuestion& question,
                 const Presentation& presentation) {
  const absl::StatusOr<LoadedPolicy> policy = load_policy(question.path);
  if (!policy.ok()) return bad_file(policy.status());
  fmt::print("{}: {}\nSHA-256 {}\n", question.path,
             counted(policy->policy->controls.size(), "control"), policy->policy->sha256);
  if (!question.against_live) return 0;
  const absl::StatusOr<v1::PolicyPreview> preview = ask_preview(config, clock, question, true);
  if (!preview.ok()) return fail(preview.status());
  if (preview->selectors_without_hosts().empty()) {
    fmt::print("{}", preview->hosts() == 0
                         ? "The fleet has no hosts yet: what selectors select cannot be told.\n"
                         : fmt::format("Of {}, each selector selects one at least.\n",
                                       counted(preview->hosts(), "host")));
    return 0;
  }
  print(empty_selectors_text(*preview, presentation.style));
  return 1;
}

int test_policy(const Config& config, const Clock& clock, const PolicyQuestion& question,
                const Presentation& presentation) {
  const absl::StatusOr<LoadedPolicy> policy = load_policy(question.path);
  if (!policy.ok()) return bad_file(policy.status());
  const absl::StatusOr<std::vector<std::string>> files = find_policy_tests(question.path);
  if (!files.ok()) return bad_file(files.status());
  const bool only_tests = !question.against_live && question.old_path.empty();
  if (files->empty() && only_tests) return bad_file(no_tests(question.path));
  absl::StatusOr<v1::PolicyTestReport> report =
      run_policy_tests(*files, *policy->policy, question.at);
  if (!report.ok()) return bad_file(report.status());
  if (!question.old_path.empty()) {
    const absl::StatusOr<LoadedPolicy> old = load_policy(question.old_path);
    if (!old.ok()) return bad_file(old.status());
    for (v1::PolicyDifference& difference : policy_differences(*old->policy, *policy->policy))
      *report->add_differences() = std::move(difference);
  }
  if (question.against_live) {
    absl::StatusOr<v1::PolicyPreview> preview = ask_preview(config, clock, question, false);
    if (!preview.ok()) return fail(preview.status());
    *report->mutable_preview() = *std::move(preview);
  }
  print_report(*report, question, clock.now(), presentation);
  return report->failed() == 0 ? 0 : 1;
}

int explain_verdict(const Config& config, const Clock& clock, const ExplainQuestion& question,
                    const Presentation& presentation) {
  v1::ExplainRequest request;
  if (question.of_target) {
    request.set_target(question.host);
  } else {
    request.set_host(question.host);
  }
  request.set_control(question.control);
  std::string body;
  if (!json::MessageToJsonString(request, &body).ok()) {
    return fail(absl::InvalidArgumentError("a name is not UTF-8"));
  }
  return ask(config, clock, "POST", "/admin/v1/explain", body, presentation, explanation_text);
}

}  // namespace muster::collector
