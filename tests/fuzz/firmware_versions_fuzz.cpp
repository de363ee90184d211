// Any bytes as versions of firmware, by every format, and as a file of baselines: the order of two
// texts is the same from both sides and over a third, and a complaint can be printed. The first
// byte chooses.
#include <compare>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "common/firmware/baseline_verdict.h"
#include "common/firmware/version_order.h"
#include "common/text.h"
#include "tests/common/policy/baselines_of.h"

namespace {

using muster::firmware::compare_versions;
using muster::firmware::VersionFormat;
using Order = absl::StatusOr<std::strong_ordering>;

void check(bool holds) {
  if (!holds) std::abort();
}

void check_complaint(const absl::Status& status) {
  const std::string text(status.message());
  check(!text.empty() && muster::is_valid_utf8(text));
}

void check_three(const std::vector<std::string_view>& texts, VersionFormat format) {
  const Order first = compare_versions(texts[0], texts[1], format);
  const Order back = compare_versions(texts[1], texts[0], format);
  check(first.ok() == back.ok());
  const auto same = muster::firmware::is_same_version(texts[0], texts[1], format);
  if (!first.ok()) {
    check_complaint(first.status());
    check(!same.ok() || !*same);
    return;
  }
  check(std::is_lt(*first) == std::is_gt(*back) && std::is_eq(*first) == std::is_eq(*back));
  check(same.ok() && *same == std::is_eq(*first));
  const Order second = compare_versions(texts[1], texts[2], format);
  const Order whole = compare_versions(texts[0], texts[2], format);
  if (!second.ok() || !whole.ok() || std::is_gt(*first) || std::is_gt(*second)) return;
  check(std::is_lteq(*whole));
  check(std::is_eq(*whole) == (std::is_eq(*first) && std::is_eq(*second)));
}

// Three lines.
void check_versions(std::string_view text) {
  std::vector<std::string_view> texts;
  for (int i = 0; i < 3; ++i) {
    const size_t end = text.find('\n');
    texts.push_back(text.substr(0, end));
    if (end != std::string_view::npos) text.remove_prefix(end + 1);
  }
  for (const auto& row : muster::firmware::all_version_formats())
    check_three(texts, row.format);
}

// A baseline that is taken judges its own minimum as good, or knows no order.
void check_file(const std::string& text) {
  const std::vector<muster::policy::PolicyText> texts{{.name = "baselines", .text = text}};
  const auto baseline = muster::testing::baselines_of(texts);
  if (!baseline.ok()) {
    check_complaint(baseline.status());
    return;
  }
  for (const muster::firmware::BaselineEntry& entry : baseline->entries) {
    muster::v1::FirmwareComponent component;
    component.set_kind(entry.match.kind);
    component.set_vendor(entry.match.vendor);
    if (!entry.match.models.empty()) component.set_model(entry.match.models.front());
    component.set_version(entry.minimum);
    const auto verdict = muster::firmware::judge(*baseline, component, entry.date);
    check(muster::is_valid_utf8(verdict.words) && !verdict.words.empty());
    check(!entry.minimum.empty() || verdict.entry.empty() || !is_good(verdict.state));
  }
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer gives the name.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (data[0] == 'v') {
    check_versions(text);
  } else {
    check_file(text);
  }
  return 0;
}
