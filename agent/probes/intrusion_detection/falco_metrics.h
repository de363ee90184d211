// What Falco says of itself at /metrics: text in Prometheus's exposition format. Pure; any thread.
#pragma once

#include <absl/status/statusor.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace muster::intrusion_detection {

// Of a file; what comes after is passed over.
inline constexpr size_t kMostRuleFiles = 200;

struct FalcoMetrics {
  std::string version;
  // How events come out of the kernel: "modern_bpf". Empty: no engine.
  std::string engine;
  // Since it started; absent where its counters are not switched on.
  std::optional<uint64_t> events;
  // Lost before it saw them, in the kernel's buffers; and of its own alerts.
  std::optional<uint64_t> dropped_events;
  std::optional<uint64_t> dropped_alerts;
  // "falco_rules.yaml 58a4...": name and SHA-256 of each file of rules.
  std::vector<std::string> rule_files;
};

// The body of an HTTP answer that is a success and whole: of the length that its head says, if it
// does, and with an end to its last line. An error says what it is instead.
absl::StatusOr<std::string_view> http_body(std::string_view answer);

// InvalidArgument if none of it is Falco's.
absl::StatusOr<FalcoMetrics> parse_falco_metrics(std::string_view text);

}  // namespace muster::intrusion_detection
