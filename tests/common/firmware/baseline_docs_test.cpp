// docs/baselines.md: its example is a baseline, and it names what there is.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "common/files.h"
#include "common/firmware/baseline_verdict.h"
#include "tests/common/policy/baselines_of.h"

namespace muster::firmware {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

std::string page() {
  const absl::StatusOr<std::string> text =
      read_file(MUSTER_SOURCE_DIRECTORY "/docs/baselines.md", size_t{1} << 20);
  EXPECT_TRUE(text.ok()) << text.status();
  return text.value_or("");
}

absl::StatusOr<Baseline> example() {
  constexpr std::string_view kBegin = "```yaml\n";
  const std::string text = page();
  const size_t begin = text.find(kBegin);
  EXPECT_NE(begin, std::string::npos);
  const size_t at = begin + kBegin.size();
  const std::vector<policy::PolicyText> texts{
      {.name = "example", .text = text.substr(at, text.find("```", at) - at)}};
  return testing::baselines_of(texts);
}

TEST(BaselinePage, HasAnExampleThatIsABaseline) {
  const absl::StatusOr<Baseline> baseline = example();
  ASSERT_TRUE(baseline.ok()) << baseline.status();
  EXPECT_THAT(baseline->entries, SizeIs(3));
}

TEST(BaselinePage, HasAnExampleThatJudgesAsItSays) {
  const absl::StatusOr<Baseline> baseline = example();
  ASSERT_TRUE(baseline.ok()) << baseline.status();
  v1::FirmwareComponent drive;
  drive.set_kind(v1::FIRMWARE_KIND_NVME);
  drive.set_vendor("Samsung");
  drive.set_model("SAMSUNG MZQL21T9HCJR-00A07");
  drive.set_version("GDC5502Q");
  drive.set_next_version("GDC5902Q");
  const BaselineVerdict verdict =
      judge(*baseline, drive,
            std::chrono::sys_days(std::chrono::year(2026) / std::chrono::November / 23));
  EXPECT_EQ(verdict.state, BaselineState::kStaged);
  EXPECT_EQ(verdict.words,
            "runs GDC5502Q, which is forbidden: drives go into ERRORMOD; boots GDC5902Q next, "
            "which is approved (baseline pm9a3)");
}

TEST(BaselinePage, NamesEveryFormatKindAndState) {
  const std::string text = page();
  for (const VersionFormatRow& row : all_version_formats())
    EXPECT_THAT(text, HasSubstr("`" + std::string(row.name) + "`"));
  for (const std::string_view name : kind_names())
    EXPECT_THAT(text, HasSubstr("`" + std::string(name) + "`"));
  for (int state = 0; state <= static_cast<int>(BaselineState::kNotComparable); ++state)
    EXPECT_THAT(text,
                HasSubstr("`" + std::string(state_name(static_cast<BaselineState>(state))) + "`"));
}

}  // namespace
}  // namespace muster::firmware
