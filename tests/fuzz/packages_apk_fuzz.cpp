// Any bytes as apk's database, its index, its repositories and its world, and as versions: nothing
// is read beyond them, every bound holds, and the order of versions is one.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "agent/probes/packages_apk/apk_database.h"
#include "agent/probes/packages_apk/apk_index.h"
#include "agent/probes/packages_apk/apk_report.h"
#include "agent/probes/packages_apk/apk_repositories.h"
#include "agent/probes/packages_apk/apk_version.h"
#include "agent/probes/packages_apk/apk_world.h"
#include "common/text.h"

namespace {

using namespace muster::packages_apk;

void check(bool holds) {
  if (!holds) std::abort();
}

// Three versions, one a line.
void check_order(std::string_view text) {
  std::vector<std::string_view> versions;
  while (versions.size() < 3) {
    const size_t newline = std::min(text.find('\n'), text.size());
    versions.push_back(text.substr(0, newline));
    text.remove_prefix(std::min(newline + 1, text.size()));
  }
  const int ab = compare_versions(versions[0], versions[1]);
  const int ba = compare_versions(versions[1], versions[0]);
  check((ab < 0) == (ba > 0) && (ab == 0) == (ba == 0));
  const int bc = compare_versions(versions[1], versions[2]);
  if (ab <= 0 && bc <= 0) check(compare_versions(versions[0], versions[2]) <= 0);
  check(begins_with_version(versions[0], versions[0]) == is_version(versions[0]));
}

void check_report(const std::vector<ApkPackage>& installed, const std::vector<ApkPackage>& offered,
                  std::string_view world) {
  ApkSnapshot snapshot;
  snapshot.installed = installed;
  snapshot.world = parse_world(world);
  snapshot.is_complete = true;
  snapshot.repositories.push_back({.repository = {.url = "https://example.org/main"},
                                   .description = "",
                                   .packages = offered,
                                   .updated_at = {},
                                   .key = "",
                                   .has_key = false});
  const muster::v1::PackageFacts facts = report(snapshot);
  check(facts.installed() == installed.size());
  for (const muster::v1::PendingUpdate& update : facts.pending_updates()) {
    check(muster::is_valid_utf8(update.package()) && update.package().size() <= kLongestName);
    check(update.security() == muster::v1::SECURITY_UNSPECIFIED);
  }
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer gives the name.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check_order(text);
  const auto packages = parse_packages(text);
  if (packages.ok()) {
    for (const ApkPackage& package : *packages)
      check(!package.name.empty() && !package.version.empty() && !package.origin.empty());
    check_report(*packages, *packages, text);
  }
  const auto index = read_index(text);
  if (index.ok()) {
    check(index->packages.size() <= kLargestIndexText);
    const auto offered = parse_packages(index->packages);
    if (offered.ok()) check_report({}, *offered, text);
  }
  RepositoryReader reader("x86_64");
  std::vector<std::string> problems;
  reader.read("/etc/apk/repositories", text, problems);
  check(reader.repositories().size() <= kMostRepositories);
  for (const ApkRepository& repository : reader.repositories()) {
    check(shown_name(repository).size() <= repository.url.size());
    check(site_of(repository).find('@') == std::string::npos);
    check(!cached_index_names(repository, "x86_64").empty());
    check(parent_of(repository).size() <= repository.url.size());
  }
  return 0;
}
