// Labels of hosts: what sites select and group by. One rule for all who give them: join tokens, the
// inventory, an agent's configuration. Pure; any thread.
#pragma once

#include <absl/status/status.h>

#include <map>
#include <string>
#include <string_view>

namespace muster {

using Labels = std::map<std::string, std::string>;

inline constexpr size_t kMostLabels = 32;
inline constexpr size_t kLabelNameLimit = 64;
// Of a value, in bytes.
inline constexpr size_t kLabelValueLimit = 1024;

// InvalidArgument, with what is allowed: a name is of letters, digits and '_', as Prometheus takes
// it; a value is UTF-8.
absl::Status check_label(std::string_view name, std::string_view value);

// Each of them, and how many there are; `whose` says who has too many: "a token".
absl::Status check_labels(const Labels& labels, std::string_view whose);

}  // namespace muster
