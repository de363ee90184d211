// Any bytes as the kernel's messages about audit (first byte a), or as Falco's page (any other).
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "agent/probes/intrusion_detection/audit_messages.h"
#include "agent/probes/intrusion_detection/falco_metrics.h"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer gives the name.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  namespace watchers = muster::intrusion_detection;
  std::string_view text(reinterpret_cast<const char*>(data), size);
  const bool is_audit = text.starts_with('a');
  text.remove_prefix(text.empty() ? 0 : 1);
  if (is_audit) {
    const auto status = watchers::parse_audit_messages(text);
    require(!status.ok() || status->rule_digest.size() == 64);
    return 0;
  }
  const auto body = watchers::http_body(text);
  for (const std::string_view page : {text, body.ok() ? *body : std::string_view()}) {
    const auto metrics = watchers::parse_falco_metrics(page);
    if (!metrics.ok()) continue;
    require(metrics->rule_files.size() <= watchers::kMostRuleFiles);
    require(metrics->events.value_or(0) <= 1'000'000'000'000'000'000);
    require(metrics->version.size() <= size && metrics->engine.size() <= size);
  }
  return 0;
}
