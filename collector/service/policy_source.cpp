#include "collector/service/policy_source.h"

#include <utility>

#include "common/files.h"
#include "common/policy/policy_file.h"

namespace muster::collector {

absl::StatusOr<LoadedPolicy> load_policy(const std::string& path) {
  constexpr size_t kFileLimit = 1 << 20;
  if (path.empty()) {
    return LoadedPolicy{.policy = std::make_shared<policy::Policy>(policy::default_policy()),
                        .text = std::string(policy::default_policy_text())};
  }
  absl::StatusOr<std::string> text = read_file(path, kFileLimit);
  if (!text.ok()) return text.status();
  absl::StatusOr<policy::Policy> policy = policy::parse_policy(*text, path);
  if (!policy.ok()) return policy.status();
  return LoadedPolicy{.policy = std::make_shared<policy::Policy>(*std::move(policy)),
                      .text = *std::move(text)};
}

}  // namespace muster::collector
