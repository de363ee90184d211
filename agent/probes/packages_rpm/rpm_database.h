// The database of installed packages, by librpm: where it is, whether it is whole, and what libdnf
// does not say of it. Nothing is written and nothing is locked. Calls block; one thread, since
// librpm's macros are the process's.
#pragma once

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <optional>
#include <string>
#include <vector>

#include "muster/v1/package_facts.pb.h"

namespace muster::packages_rpm {

// What the database says besides its packages.
struct DatabaseSummary {
  // Packages without those of keys.
  size_t packages = 0;
  // "9.4", from the package that says which distribution this is; empty where none does.
  std::string release;
  std::string distribution_vendor;
  // Of each imported key, a package gpg-pubkey, its armour.
  std::vector<std::string> keys;
  // In the order of the contract.
  std::vector<v1::InstalledKernel> kernels;
};

// Where the database may lie, as the looked-at system names it; the first that is there counts.
inline constexpr const char* kDatabaseDirectories[] = {"/usr/lib/sysimage/rpm", "/var/lib/rpm"};

// A path of this system; unset where there is none. An error where it cannot be told.
absl::StatusOr<std::optional<std::string>> find_database(const std::string& root);

// From here on librpm's database, libdnf's too, is the one in this directory. The error says what
// is wrong with it: it cannot be opened, or has packages that cannot be read.
absl::StatusOr<DatabaseSummary> open_database(const std::string& directory);

}  // namespace muster::packages_rpm
