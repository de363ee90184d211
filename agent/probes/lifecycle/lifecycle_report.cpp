#include "agent/probes/lifecycle/lifecycle_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <tuple>
#include <utility>

#include "common/text.h"
#include "common/timestamp.h"

namespace muster::lifecycle {
namespace {

constexpr auto kDay = std::chrono::days(1);
// What a Timestamp can hold; whoever writes another year means no date.
constexpr TimePoint kFirstEnd = std::chrono::sys_days(std::chrono::year(1) / 1 / 1);
constexpr TimePoint kLastEnd = std::chrono::sys_days(std::chrono::year(9999) / 12 / 31);
constexpr std::string_view kHwe = "linux-hwe-";

// What one source says of one programme.
struct Claim {
  std::string component;
  std::string programme;
  TimePoint ends_at;
  std::string source;
  std::optional<TimePoint> made_at;
};

// The kernel of a later release that an Ubuntu has: its series, as the table has it, and the
// flavour that gets it.
struct Series {
  std::string key;        // "hwe-6.5"
  std::string component;  // "generic-hwe-22.04"
};

std::optional<Series> series_of(const KernelImage& kernel, const OsRelease& os) {
  if (os.id != "ubuntu" || !kernel.source.starts_with(kHwe)) return std::nullopt;
  const std::string flavour = kernel.release.substr(kernel.release.rfind('-') + 1);
  return Series{kernel.source.substr(std::string_view("linux-").size()),
                fmt::format("{}-hwe-{}", flavour, os.version_id)};
}

void claim_support_end(const LifecycleSources& sources, std::vector<Claim>& claims,
                       std::vector<std::string>& problems) {
  if (sources.os.support_end.empty()) return;
  // os-release(5): the first day on which support is not provided.
  const std::optional<TimePoint> end = parse_iso_date(sources.os.support_end);
  if (!end) {
    problems.push_back(
        fmt::format("os-release: SUPPORT_END is no date: '{}'", sources.os.support_end));
    return;
  }
  claims.push_back({"", "standard", *end, "os-release SUPPORT_END", sources.os_release_made_at});
}

void claim_distro_info(const LifecycleSources& sources, std::vector<Claim>& claims) {
  const std::string source = sources.distro_info_version.empty()
                                 ? "distro-info-data"
                                 : fmt::format("distro-info-data {}", sources.distro_info_version);
  for (const ReleaseEnds::End& end : sources.distro_info.ends) {
    claims.push_back({"", end.programme, end.last_day + kDay, source, sources.distro_info_made_at});
  }
}

// True if the table says that the release rolls.
bool claim_table(const LifecycleSources& sources, std::vector<Claim>& claims) {
  const std::string id = table_id(sources.os);
  bool is_rolling = false;
  for (const SupportRow& row : sources.table) {
    if (!is_about(row, id, sources.os.version_id, sources.os.codename)) continue;
    is_rolling = is_rolling || !row.last_day;
    if (!row.last_day) continue;
    const std::string source =
        fmt::format("Muster's table of {} ({})", to_iso_date(row.as_of), row.source);
    if (row.component.empty()) {
      claims.push_back({"", row.programme, *row.last_day + kDay, source, row.as_of});
      continue;
    }
    for (const KernelImage& kernel : sources.kernels) {
      const std::optional<Series> series = series_of(kernel, sources.os);
      if (!series || series->key != row.component) continue;
      claims.push_back({series->component, row.programme, *row.last_day + kDay, source, row.as_of});
    }
  }
  return is_rolling;
}

// Debian's testing and unstable have no version; the others say so in theirs or in their names.
bool is_branch(const OsRelease& os, bool has_end) {
  if (os.id == "debian") return os.version_id.empty() && !has_end;
  if (os.id == "alpine") {
    return os.version_id.find("_alpha") != std::string::npos || os.pretty_name.ends_with(" edge");
  }
  if (os.id == "fedora") return os.pretty_name.find("Rawhide") != std::string::npos;
  return false;
}

v1::SupportCoverage coverage_of(const Claim& claim, const LifecycleSources& sources) {
  if (claim.programme == "standard") return v1::SUPPORT_COVERAGE_INCLUDED;
  if (sources.os.id == "debian" && claim.programme == "lts") return v1::SUPPORT_COVERAGE_INCLUDED;
  if (claim.programme == "elts") {
    if (!sources.has_extended_lts) return v1::SUPPORT_COVERAGE_UNSPECIFIED;
    return *sources.has_extended_lts ? v1::SUPPORT_COVERAGE_ENABLED
                                     : v1::SUPPORT_COVERAGE_NOT_ENABLED;
  }
  if (sources.os.id == "ubuntu" && sources.pro) {
    if (claim.programme == "esm") return sources.pro->esm;
    if (claim.programme == "legacy") return sources.pro->legacy;
  }
  return v1::SUPPORT_COVERAGE_UNSPECIFIED;
}

std::string name_of(const OsRelease& os) {
  if (!os.pretty_name.empty()) return os.pretty_name;
  if (os.id.empty()) return "this system, whose os-release has no ID,";
  return os.version_id.empty() ? os.id : fmt::format("{} {}", os.id, os.version_id);
}

// Of the claims about one programme, first the one that counts.
void add_period(std::vector<Claim> claims, const LifecycleSources& sources,
                v1::LifecycleFacts& facts) {
  std::stable_sort(claims.begin(), claims.end(),
                   [](const Claim& a, const Claim& b) { return a.made_at > b.made_at; });
  const Claim& counts = claims.front();
  v1::SupportPeriod& period = *facts.add_periods();
  period.set_programme(counts.programme);
  *period.mutable_ends_at() = to_proto(std::clamp(counts.ends_at, kFirstEnd, kLastEnd));
  period.set_coverage(coverage_of(counts, sources));
  period.set_component(counts.component);
  std::string source = counts.source;
  for (const Claim& other : claims) {
    if (other.ends_at == counts.ends_at) continue;
    source += fmt::format("; {} says {}", other.source, to_iso_date(other.ends_at));
  }
  period.set_source(printable(source, 512));
}

}  // namespace

std::string table_id(const OsRelease& os) {
  if (os.id == "centos" && os.name.find("Stream") != std::string::npos) return "centos-stream";
  return os.id;
}

v1::LifecycleFacts report(const LifecycleSources& sources) {
  v1::LifecycleFacts facts;
  facts.set_os_id(sources.os.id);
  facts.set_os_version_id(sources.os.version_id);
  facts.set_os_codename(sources.os.codename);
  facts.set_os_pretty_name(sources.os.pretty_name);
  std::vector<std::string> problems = sources.problems;
  std::vector<Claim> claims;
  claim_support_end(sources, claims, problems);
  claim_distro_info(sources, claims);
  const bool is_rolling = claim_table(sources, claims) || is_branch(sources.os, !claims.empty());
  facts.set_rolling(is_rolling);
  // An end that somebody wrote into the os-release of a rolling release is none.
  if (is_rolling) claims.clear();

  std::stable_sort(claims.begin(), claims.end(), [](const Claim& a, const Claim& b) {
    return std::tie(a.component, a.programme) < std::tie(b.component, b.programme);
  });
  std::optional<TimePoint> data_as_of;
  for (auto begin = claims.begin(); begin != claims.end();) {
    const auto end = std::find_if(begin, claims.end(), [&](const Claim& claim) {
      return claim.component != begin->component || claim.programme != begin->programme;
    });
    add_period({begin, end}, sources, facts);
    for (; begin != end; ++begin)
      data_as_of = std::max(data_as_of, begin->made_at);
  }
  std::stable_sort(facts.mutable_periods()->begin(), facts.mutable_periods()->end(),
                   [](const v1::SupportPeriod& a, const v1::SupportPeriod& b) {
                     return std::make_pair(a.component(), a.ends_at().seconds()) <
                            std::make_pair(b.component(), b.ends_at().seconds());
                   });
  if (data_as_of) *facts.mutable_data_as_of() = to_proto(*data_as_of);
  const bool has_distribution =
      std::any_of(facts.periods().begin(), facts.periods().end(),
                  [](const v1::SupportPeriod& period) { return period.component().empty(); });
  if (!is_rolling && !has_distribution) {
    facts.set_unknown_because(
        fmt::format("nobody here knows until when {} is supported: its os-release has no "
                    "SUPPORT_END, distro-info-data does not have it, nor has Muster's table",
                    name_of(sources.os)));
  }
  for (const std::string& problem : problems) {
    if (facts.problems_size() == kMostProblems) break;
    facts.add_problems(printable(problem, 512));
  }
  return facts;
}

}  // namespace muster::lifecycle
