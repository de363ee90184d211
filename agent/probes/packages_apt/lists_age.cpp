#include "agent/probes/packages_apt/lists_age.h"

#include "agent/probes/root_files.h"

namespace muster::packages_apt {

ListsStamp::second_type time_of_stamp(const std::string& root, const std::string& path) {
  const auto status = probe::status_in_root(root, path);
  if (!status.ok() || !status->has_modified_at) return std::nullopt;
  return status->modified_at;
}

ListsAge first_that_tells(const std::vector<ListsStamp>& stamps) {
  for (const auto& [source, time] : stamps) {
    if (time && time->seconds() > 0) return {time, source};
  }
  return {};
}

std::vector<ListsStamp> read_lists_stamps(const std::string& root, const std::string& state,
                                          const std::string& lists) {
  const auto time_of = [&](const std::string& path) { return time_of_stamp(root, path); };
  return {{"update-success-stamp", time_of(state + "/periodic/update-success-stamp")},
          {"update-stamp", time_of(state + "/periodic/update-stamp")},
          {"lists/partial", time_of(lists + "/partial")}};
}

}  // namespace muster::packages_apt
