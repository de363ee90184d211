#include "collector/fleet/shown_labels.h"

#include <algorithm>
#include <array>

namespace muster::collector {
namespace {

constexpr const char* kOwner = "owner";
constexpr std::array<std::string_view, 4> kAlways{"site", "role", "environment", kOwner};
constexpr std::array<std::string_view, 5> kTaken{"host", "instance", "job", "le", "quantile"};

bool contains(const auto& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

std::vector<std::string_view> shown_label_names(const policy::Policy& policy) {
  std::vector<std::string_view> names(kAlways.begin(), kAlways.end());
  for (const auto& [name, values] : policy.labels) {
    if (contains(kAlways, name) || contains(kTaken, name) || name.starts_with("__")) continue;
    names.push_back(name);
  }
  return names;
}

std::string_view owner_of(const policy::Policy& policy, std::optional<uint32_t> owner,
                          const Labels& labels) {
  if (owner) return policy.owners[*owner].team;
  const auto label = labels.find(kOwner);
  return label == labels.end() ? std::string_view() : label->second;
}

std::vector<exposition::Label> shown_labels(const policy::Policy& policy,
                                            std::optional<uint32_t> owner, const Labels& labels) {
  std::vector<exposition::Label> shown;
  for (const std::string_view name : shown_label_names(policy)) {
    const auto label = labels.find(std::string(name));
    std::string_view value = label == labels.end() ? std::string_view() : label->second;
    if (name == kOwner) value = owner_of(policy, owner, labels);
    shown.emplace_back(name, value);
  }
  return shown;
}

}  // namespace muster::collector
