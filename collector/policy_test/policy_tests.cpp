#include "collector/policy_test/policy_tests.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <utility>

#include "collector/policy_test/policy_case_file.h"
#include "collector/policy_test/policy_case_run.h"
#include "common/files.h"

namespace muster::collector {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kEnding = "_test.yml";
constexpr size_t kFileLimit = size_t{4} << 20;
constexpr size_t kRecordedLimit = size_t{16} << 20;
constexpr size_t kMostFiles = 1000;

// A file is named as seen from the test that names it.
absl::StatusOr<RecordedHost> read_recorded(const fs::path& test_file, const std::string& name) {
  const absl::StatusOr<std::string> json =
      read_file((test_file.parent_path() / name).string(), kRecordedLimit);
  if (!json.ok()) return json.status();
  return parse_recorded_host(*json);
}

absl::StatusOr<std::vector<PolicyCase>> read_cases(const std::string& file,
                                                   const policy::Policy& policy,
                                                   std::optional<TimePoint> at) {
  const absl::StatusOr<std::string> text = read_file(file, kFileLimit);
  if (!text.ok()) return text.status();
  const PolicyCaseContext context{
      .policy = policy, .at = at, .read_recorded = [&file](const std::string& name) {
        return read_recorded(file, name);
      }};
  return parse_policy_cases(*text, file, context);
}

}  // namespace

absl::StatusOr<std::vector<std::string>> find_policy_tests(const std::string& path) {
  std::error_code error;
  std::vector<std::string> files;
  if (!fs::is_directory(path, error)) {
    const fs::path beside = fs::path(path).replace_extension().string() + std::string(kEnding);
    if (fs::exists(beside, error)) files.push_back(beside.string());
    return files;
  }
  fs::directory_iterator entry(path, error);
  for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
    if (entry->path().filename().string().ends_with(kEnding)) {
      files.push_back(entry->path().string());
    }
  }
  if (error) return errno_status(error.value(), "reading " + path);
  if (files.size() > kMostFiles) {
    return absl::OutOfRangeError(fmt::format("{}: more than {} files of tests", path, kMostFiles));
  }
  std::sort(files.begin(), files.end());
  return files;
}

absl::StatusOr<v1::PolicyTestReport> run_policy_tests(const std::vector<std::string>& files,
                                                      const policy::Policy& policy,
                                                      std::optional<TimePoint> at) {
  std::vector<PolicyCase> cases;
  std::string complaints;
  for (const std::string& file : files) {
    absl::StatusOr<std::vector<PolicyCase>> read = read_cases(file, policy, at);
    if (read.ok()) {
      std::move(read->begin(), read->end(), std::back_inserter(cases));
    } else {
      complaints += (complaints.empty() ? "" : "\n") + std::string(read.status().message());
    }
  }
  if (!complaints.empty()) return absl::InvalidArgumentError(complaints);
  v1::PolicyTestReport report;
  report.set_policy_sha256(policy.sha256);
  for (const PolicyCase& test : cases) {
    v1::PolicyTestResult& result = *report.add_tests();
    result = run_policy_case(test, policy);
    if (!result.mismatches().empty()) report.set_failed(report.failed() + 1);
  }
  return report;
}

}  // namespace muster::collector
