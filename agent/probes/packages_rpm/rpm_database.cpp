#include "agent/probes/packages_rpm/rpm_database.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <rpm/rpmlib.h>
#include <rpm/rpmlog.h>
#include <rpm/rpmmacro.h>

#include <array>
#include <cstring>
#include <utility>

#include "agent/probes/packages_rpm/installed_kernels.h"
#include "agent/probes/packages_rpm/read_only_database.h"
#include "agent/probes/packages_rpm/rpm_handles.h"
#include "agent/probes/probe_program.h"
#include "agent/probes/root_files.h"
#include "agent/probes/root_guard.h"
#include "common/text.h"

namespace muster::packages_rpm {
namespace {

constexpr std::string_view kKeyPackage = "gpg-pubkey";
constexpr size_t kMostKeys = 200;
// What dnf takes $releasever from, in its order.
constexpr std::array kDistributionProvides = {
    "system-release(releasever)", "system-release", "distribution-release(releasever)",
    "distribution-release",       "redhat-release", "suse-release",
};
// The files of its kinds: sqlite, ndb and Berkeley DB.
constexpr std::array kDatabaseFiles = {"rpmdb.sqlite", "Packages.db", "Packages"};

// The last complaint of librpm, which has no other way to say why.
std::string& last_complaint() {
  static std::string text;
  return text;
}

int keep_complaint(rpmlogRec record, rpmlogCallbackData /*data*/) {
  if (::rpmlogRecPriority(record) <= RPMLOG_ERR) {
    last_complaint() = printable(trim(::rpmlogRecMessage(record)), 512);
  }
  return 0;
}

MatchIterator matches(rpmts set, rpmDbiTagVal tag, const char* key) {
  return MatchIterator(::rpmtsInitIterator(set, tag, key, std::strlen(key)));
}

// "= 9.4" of the package's own provide of that name counts before the package's version.
std::string release_of(Header header, const char* provide) {
  std::string release = header_text(header, RPMTAG_VERSION);
  if (header_text(header, RPMTAG_NAME) == provide) return release;
  const Dependencies provides(::rpmdsNew(header, RPMTAG_PROVIDENAME, 0));
  while (provides != nullptr && ::rpmdsNext(provides.get()) >= 0) {
    const char* version = ::rpmdsEVR(provides.get());
    if (std::strcmp(::rpmdsN(provides.get()), provide) != 0) continue;
    const bool equal = (::rpmdsFlags(provides.get()) & RPMSENSE_SENSEMASK) == RPMSENSE_EQUAL;
    if (equal && version != nullptr && *version != '\0') return version;
    break;
  }
  return release;
}

void fill_distribution(rpmts set, DatabaseSummary& summary) {
  for (const char* provide : kDistributionProvides) {
    const MatchIterator found = matches(set, RPMDBI_PROVIDENAME, provide);
    Header header = found == nullptr ? nullptr : ::rpmdbNextIterator(found.get());
    if (header == nullptr) continue;
    if (summary.distribution_vendor.empty()) {
      summary.distribution_vendor = header_text(header, RPMTAG_VENDOR);
    }
    summary.release = release_of(header, provide);
    return;
  }
}

void fill_keys(rpmts set, DatabaseSummary& summary) {
  const MatchIterator found = matches(set, RPMDBI_NAME, kKeyPackage.data());
  if (found == nullptr) return;
  while (Header header = ::rpmdbNextIterator(found.get())) {
    if (summary.keys.size() == kMostKeys) return;
    summary.keys.push_back(header_text(header, RPMTAG_DESCRIPTION));
  }
}

// All names are gone through once: each step is a query of the database.
struct PackageNames {
  size_t packages = 0;
  std::vector<std::string> kernels;
};

PackageNames read_names(rpmts set) {
  PackageNames seen;
  const IndexIterator names(::rpmdbIndexIteratorInit(::rpmtsGetRdb(set), RPMDBI_NAME));
  const void* key = nullptr;
  size_t length = 0;
  while (names != nullptr && ::rpmdbIndexIteratorNext(names.get(), &key, &length) == 0) {
    const std::string_view name(static_cast<const char*>(key), length);
    if (name != kKeyPackage) seen.packages += ::rpmdbIndexIteratorNumPkgs(names.get());
    if (may_be_kernel(name)) seen.kernels.emplace_back(name);
  }
  return seen;
}

}  // namespace

absl::StatusOr<std::optional<std::string>> find_database(const std::string& root) {
  for (const std::string directory : kDatabaseDirectories) {
    for (const char* file : kDatabaseFiles) {
      const std::string path = fmt::format("{}/{}", directory, file);
      const auto status = probe::status_in_root(root, path);
      if (absl::IsNotFound(status.status())) continue;
      if (!status.ok()) {
        return absl::Status(
            status.status().code(),
            fmt::format("looking at {}: {}", path, std::string(status.status().message())));
      }
      if (status->kind != probe::FileKind::kRegular) {
        return absl::FailedPreconditionError(fmt::format("{} is not a regular file", path));
      }
      // librpm opens the file by itself, and those that lie beside it.
      if (absl::Status openable = probe::check_openable(root, {}, {directory}); !openable.ok()) {
        return openable;
      }
      return probe::resolve_in_root(root, directory);
    }
  }
  return std::nullopt;
}

absl::StatusOr<DatabaseSummary> open_database(const std::string& directory) {
  last_complaint().clear();
  ::rpmlogSetCallback(&keep_complaint, nullptr);
  // No file of macros is read, not even when libdnf asks for it: they would say that the database
  // is another, and may name commands.
  ::macrofiles = "";
  ::rpmPushMacro(nullptr, "_dbpath", nullptr, directory.c_str(), RMIL_CMDLINE);
  read_whole_databases_without_locks();
  const TransactionSet set(::rpmtsCreate());
  ::rpmtsSetVSFlags(set.get(), RPMVSF_MASK_NODIGESTS | RPMVSF_MASK_NOSIGNATURES | RPMVSF_NOHDRCHK);
  if (::rpmtsOpenDB(set.get(), O_RDONLY) != 0) {
    return absl::UnavailableError(fmt::format(
        "rpm's database cannot be opened{}{}; if it is damaged, 'rpmdb --rebuilddb' mends it",
        last_complaint().empty() ? "" : ": ", last_complaint()));
  }
  DatabaseSummary summary;
  const PackageNames names = read_names(set.get());
  summary.packages = names.packages;
  fill_distribution(set.get(), summary);
  fill_keys(set.get(), summary);
  summary.kernels = installed_kernels(set.get(), names.kernels);
  if (!last_complaint().empty()) {
    return absl::DataLossError(fmt::format(
        "rpm's database cannot be read: {}; 'rpmdb --rebuilddb' mends it", last_complaint()));
  }
  return summary;
}

}  // namespace muster::packages_rpm
