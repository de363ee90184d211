#include "agent/probes/packages_apt/dpkg_journal.h"

#include <fmt/format.h>

#include <algorithm>

#include "agent/probes/root_files.h"

namespace muster::packages_apt {
namespace {

constexpr size_t kMostEntries = 10'000;

// dpkg names the entries of its journal by number; "tmp.i" is one that it had not finished.
bool is_entry(const std::string& name) {
  return !name.empty() &&
         std::all_of(name.begin(), name.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

std::string interrupted_dpkg(const std::string& root, const std::string& status_file) {
  const std::string directory = status_file.substr(0, status_file.rfind('/')) + "/updates";
  const auto names = probe::list_in_root(root, directory, kMostEntries);
  if (absl::IsNotFound(names.status())) return {};
  if (!names.ok()) {
    return fmt::format("{} could not be read, so whether dpkg was interrupted is not known: {}",
                       directory, std::string(names.status().message()));
  }
  if (std::none_of(names->begin(), names->end(), is_entry)) return {};
  return fmt::format("dpkg was interrupted and {} is not up to date; run dpkg --configure -a",
                     status_file);
}

}  // namespace muster::packages_apt
