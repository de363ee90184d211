#include "collector/service/policy_reload.h"

#include <fmt/format.h>

#include <string>
#include <vector>

#include "common/log.h"

namespace muster::collector {
namespace {

// Of one log line or answer.
constexpr size_t kMostShown = 100;

std::string complaint_of(const std::vector<policy::EmptySelector>& selectors) {
  std::string text;
  for (const policy::EmptySelector& selector : selectors) {
    if (!text.empty()) text += '\n';
    text += fmt::format(
        "{}: the selector of {} selects no {} of the fleet: correct it, or let "
        "it say may_be_empty: true",
        selector.place.text, selector.of, selector.selects);
    if (&selector == &selectors[kMostShown - 1]) break;
  }
  if (selectors.size() > kMostShown) {
    text += fmt::format("\nand {} more", selectors.size() - kMostShown);
  }
  return text;
}

}  // namespace

absl::StatusOr<LoadedPolicy> load_policy_for(const Fleet& fleet, const std::string& path,
                                             const Fleet* targets) {
  absl::StatusOr<LoadedPolicy> loaded = load_policy(path);
  if (!loaded.ok()) return loaded.status();
  const std::vector<policy::EmptySelector> empty =
      fleet.selectors_without_hosts(*loaded->policy, targets);
  if (empty.empty()) return loaded;
  if (loaded->policy->sha256 != fleet.policy()->sha256) {
    return absl::InvalidArgumentError(complaint_of(empty));
  }
  warn_of_selectors_without_hosts(fleet, *loaded->policy, targets);
  return loaded;
}

void warn_of_selectors_without_hosts(const Fleet& fleet, const policy::Policy& policy,
                                     const Fleet* targets) {
  const std::vector<policy::EmptySelector> empty = fleet.selectors_without_hosts(policy, targets);
  if (empty.empty()) return;
  log_warning(
      "selectors of the policy select nothing of the fleet; a changed policy that has such is "
      "refused",
      {{"selectors", empty.size()}, {"which", complaint_of(empty)}});
}

absl::StatusOr<std::string> check_config_file(const Config& running) {
  if (running.file_path.empty()) return std::string();
  const absl::StatusOr<Config> config = load_config(running.file_path);
  if (!config.ok()) return config.status();
  if (config->file_text == running.file_text) return std::string();
  constexpr const char* kChanged = "has changed since the start; only a restart takes the change";
  log_warning(fmt::format("the configuration {}", kChanged), {{"file", running.file_path}});
  return fmt::format("{} {}", running.file_path, kChanged);
}

}  // namespace muster::collector
