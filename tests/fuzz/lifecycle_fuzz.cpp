// Any bytes as each of the files that tell about support, and as all of them at once: what comes
// out is text that can be shown, of a bounded size, and every end lies within the years of a date.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "agent/probes/lifecycle/distro_info.h"
#include "agent/probes/lifecycle/dpkg_packages.h"
#include "agent/probes/lifecycle/lifecycle_report.h"
#include "agent/probes/lifecycle/subscriptions.h"
#include "agent/probes/lifecycle/support_table.h"
#include "common/text.h"

namespace {

using namespace muster::lifecycle;

// What a Timestamp can hold.
constexpr int64_t kFirstSecond = -62'135'596'800;
constexpr int64_t kLastSecond = 253'402'300'799;

void check(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer gives the name.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  LifecycleSources sources;
  sources.os = muster::parse_os_release(text);
  if (sources.os.id.empty()) sources.os.id = "ubuntu";
  if (sources.os.version_id.empty()) sources.os.version_id = "22.04";
  auto release = find_release(text, sources.os.version_id, sources.os.codename);
  if (release.ok()) sources.distro_info = *std::move(release);
  const auto coverage = parse_pro_status(text);
  if (coverage.ok()) sources.pro = *coverage;
  sources.has_extended_lts = has_extended_lts(text, false) || has_extended_lts(text, true);
  DpkgPackages packages = parse_dpkg_status(text);
  check(packages.images.size() <= kMostImages);
  sources.distro_info_version = packages.distro_info_version;
  sources.kernels = packages.images;
  auto rows = parse_support_table(text);
  if (!rows.ok()) rows = parse_support_table(support_table_text());
  sources.table = *std::move(rows);
  const muster::v1::LifecycleFacts facts = report(sources);
  for (const muster::v1::SupportPeriod& period : facts.periods()) {
    check(muster::is_valid_utf8(period.source()) && period.source().size() <= 512);
    check(muster::is_valid_utf8(period.component()) && period.component().size() <= 512);
    check(period.ends_at().seconds() >= kFirstSecond && period.ends_at().seconds() <= kLastSecond);
  }
  check(facts.problems_size() <= kMostProblems);
  check(facts.rolling() || facts.periods_size() > 0 || !facts.unknown_because().empty());
  check(muster::is_valid_utf8(facts.unknown_because()));
  return 0;
}
