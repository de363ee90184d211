#include "collector/targets/target_check.h"

#include <algorithm>
#include <utility>

#include "common/service_environment.h"
#include "common/targets/target_texts.h"

namespace muster::collector {

absl::StatusOr<CheckedTargets> check_targets(const TargetsConfig& config) {
  for (const TargetServer& server : config.servers) {
    if (absl::Status status = check_files(server.http); !status.ok()) return status;
  }
  absl::StatusOr<TargetTexts> read = read_target_texts(config.files);
  if (!read.ok()) return read.status();
  absl::StatusOr<std::vector<Target>> list = parse_target_texts(read->texts);
  if (!list.ok()) return list.status();
  return CheckedTargets{.list = {*std::move(list)},
                        .files = read->texts.size(),
                        .empty_globs = std::move(read->empty_globs)};
}

std::vector<std::string> leave_out_credentials(TargetsConfig& config) {
  std::vector<std::string> left_out;
  std::erase_if(config.files, [&left_out](const std::string& file) {
    if (is_credential(file)) left_out.push_back(file);
    return is_credential(file);
  });
  std::erase_if(config.servers, [&left_out](TargetServer& server) {
    const std::vector<std::string*> paths = paths_of(server.http);
    const bool only_the_services =
        std::any_of(paths.begin(), paths.end(), [](auto* path) { return is_credential(*path); });
    if (only_the_services) left_out.push_back(server.name);
    return only_the_services;
  });
  return left_out;
}

}  // namespace muster::collector
