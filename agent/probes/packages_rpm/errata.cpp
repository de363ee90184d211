#include "agent/probes/packages_rpm/errata.h"

#include <algorithm>

#include "agent/probes/packages_rpm/advisory_words.h"
#include "agent/probes/packages_rpm/evr_order.h"
#include "agent/probes/packages_rpm/libdnf_types.h"
#include "common/text.h"

namespace muster::packages_rpm {
namespace {

constexpr size_t kLongest = 128;

v1::AdvisoryKind kind_of(DnfAdvisoryKind kind) {
  switch (kind) {
    case DNF_ADVISORY_KIND_SECURITY:
      return v1::ADVISORY_KIND_SECURITY;
    case DNF_ADVISORY_KIND_BUGFIX:
      return v1::ADVISORY_KIND_BUGFIX;
    case DNF_ADVISORY_KIND_ENHANCEMENT:
      return v1::ADVISORY_KIND_ENHANCEMENT;
    case DNF_ADVISORY_KIND_NEWPACKAGE:
      return v1::ADVISORY_KIND_NEWPACKAGE;
    case DNF_ADVISORY_KIND_UNKNOWN:
      break;
  }
  return v1::ADVISORY_KIND_UNSPECIFIED;
}

v1::Advisory advisory_of(DnfAdvisory* from) {
  v1::Advisory advisory;
  advisory.set_id(printable(text_or_empty(::dnf_advisory_get_id(from)), kLongest));
  advisory.set_kind(kind_of(::dnf_advisory_get_kind(from)));
  advisory.set_severity(severity_of(text_or_empty(::dnf_advisory_get_severity(from))));
  const ArrayPtr references(::dnf_advisory_get_references(from));
  std::vector<std::string> cves;
  for (guint i = 0; i < references->len; ++i) {
    auto* reference = static_cast<DnfAdvisoryRef*>(references->pdata[i]);
    if (::dnf_advisoryref_get_kind(reference) != DNF_REFERENCE_KIND_CVE) continue;
    cves.push_back(printable(text_or_empty(::dnf_advisoryref_get_id(reference)), 32));
  }
  std::sort(cves.begin(), cves.end());
  cves.erase(std::unique(cves.begin(), cves.end()), cves.end());
  for (const std::string& cve : cves) {
    if (advisory.cves_size() < kMostCves) advisory.add_cves(cve);
  }
  constexpr guint64 kLastSecond = 253'402'300'799;  // of what a Timestamp holds
  const guint64 issued = ::dnf_advisory_get_updated(from);
  if (issued > 0 && issued <= kLastSecond) {
    advisory.mutable_issued_at()->set_seconds(static_cast<int64_t>(issued));
  }
  return advisory;
}

}  // namespace

Errata errata_of_installed(DnfSack* sack) {
  Errata errata;
  const QueryPtr installed = query_of(sack);
  keep_installed(installed);
  ::hy_query_filter_latest_per_arch(installed.get(), 1);
  const ArrayPtr found(::hy_query_get_advisory_pkgs(installed.get(), HY_GT));
  for (guint i = 0; i < found->len; ++i) {
    auto* package = static_cast<DnfAdvisoryPkg*>(found->pdata[i]);
    const AdvisoryPtr advisory(::dnf_advisorypkg_get_advisory(package));
    errata[{text_or_empty(::dnf_advisorypkg_get_name(package)),
            text_or_empty(::dnf_advisorypkg_get_arch(package))}]
        .push_back(
            {text_or_empty(::dnf_advisorypkg_get_evr(package)), advisory_of(advisory.get())});
  }
  return errata;
}

std::vector<v1::Advisory> errata_between(const Errata& errata, const std::string& package,
                                         const std::string& architecture,
                                         const std::string& version) {
  std::vector<v1::Advisory> advisories;
  const auto found = errata.find({package, architecture});
  if (found == errata.end()) return advisories;
  for (const Erratum& erratum : found->second) {
    if (compare_evr(erratum.version, version) <= 0) advisories.push_back(erratum.advisory);
  }
  const auto by_id = [](const auto& left, const auto& right) { return left.id() < right.id(); };
  std::stable_sort(advisories.begin(), advisories.end(), by_id);
  const auto same = [](const auto& left, const auto& right) { return left.id() == right.id(); };
  advisories.erase(std::unique(advisories.begin(), advisories.end(), same), advisories.end());
  if (advisories.size() > kMostAdvisories) {
    std::stable_partition(advisories.begin(), advisories.end(), [](const v1::Advisory& advisory) {
      return advisory.kind() == v1::ADVISORY_KIND_SECURITY;
    });
    advisories.resize(kMostAdvisories);
    std::stable_sort(advisories.begin(), advisories.end(), by_id);
  }
  return advisories;
}

}  // namespace muster::packages_rpm
