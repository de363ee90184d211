#include "collector/admin/target_check.h"

#include <fmt/format.h>

#include <map>
#include <string>

#include "collector/admin/verbs.h"
#include "collector/targets/target_check.h"
#include "common/counted.h"

namespace muster::collector {
namespace {

// sysexits.h's EX_DATAERR.
constexpr int kBadFile = 65;

std::string kinds_of(const TargetList& list) {
  std::map<std::string, size_t> counts;
  for (const Target& target : list.targets)
    ++counts[target.kind];
  std::string text;
  for (const auto& [kind, count] : counts)
    text += fmt::format("{}{} {}", text.empty() ? ": " : ", ", count, kind);
  return text;
}

}  // namespace

int check_target_lists(TargetsConfig targets) {
  for (const std::string& name : leave_out_credentials(targets))
    fmt::print("not looked at, since only the service has it: {}\n", name);
  const absl::StatusOr<CheckedTargets> checked = check_targets(targets);
  if (!checked.ok()) {
    fail(checked.status());
    return kBadFile;
  }
  for (const std::string& glob : checked->empty_globs)
    fmt::print("no file is there: {}\n", glob);
  if (checked->files == 0 && !targets.files.empty()) {
    fail(absl::NotFoundError("none of the files of targets is there"));
    return kBadFile;
  }
  for (const TargetServer& server : targets.servers)
    fmt::print("not asked: {}\n", server.name);
  fmt::print("{} in {}{}\n", counted(checked->list.size(), "target"),
             counted(checked->files, "file"), kinds_of(checked->list));
  return 0;
}

}  // namespace muster::collector
