#include "collector/service/policy_source.h"

#include <utility>
#include <vector>

#include "common/policy/policy_path.h"

namespace muster::collector {

absl::StatusOr<LoadedPolicy> load_policy(const std::string& path) {
  if (path.empty()) {
    return LoadedPolicy{.policy = std::make_shared<policy::Policy>(policy::default_policy()),
                        .text = std::string(policy::default_policy_text())};
  }
  const absl::StatusOr<std::vector<policy::PolicyText>> texts = policy::read_policy_texts(path);
  if (!texts.ok()) return texts.status();
  absl::StatusOr<policy::Policy> policy = policy::parse_policy(*texts);
  if (!policy.ok()) return policy.status();
  return LoadedPolicy{.policy = std::make_shared<policy::Policy>(*std::move(policy)),
                      .text = policy::join_policy_texts(*texts)};
}

}  // namespace muster::collector
