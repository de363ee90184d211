#include "agent/probes/intrusion_detection/falco.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string>

#include "agent/probes/protection/product_answers.h"
#include "agent/probes/protection/product_facts.h"
#include "agent/probes/protection/product_files.h"
#include "agent/probes/protection/running_programs.h"
#include "common/digest.h"
#include "common/text.h"

namespace muster::intrusion_detection {
namespace {

using protection::add_unread;
using protection::ProductLook;

constexpr std::string_view kNoCounters =
    "its metrics do not tell: set metrics.kernel_event_counters_enabled in falco.yaml";

// That it is ready says that it has started; only events that reach it say that it can detect.
void tell_whether_it_sees(const FalcoMetrics& metrics, v1::ProtectionProduct& product) {
  if (!metrics.events) {
    add_unread(product, "real_time", kNoCounters);
    add_unread(product, "mode", kNoCounters);
    return;
  }
  product.set_real_time(protection::answer(*metrics.events > 0));
  if (*metrics.events == 0) {
    product.set_mode(v1::PROTECTION_MODE_OFF);
    product.set_mode_words("it has seen no event since it started");
    return;
  }
  product.set_mode(v1::PROTECTION_MODE_ACTIVE);
  product.set_mode_words(metrics.engine.empty() ? "" : "engine " + metrics.engine);
}

}  // namespace

void tell_falco(const FalcoMetrics& metrics, v1::ProtectionProduct& product) {
  product.set_version(metrics.version);
  tell_whether_it_sees(metrics, product);
  if (metrics.dropped_events) {
    const uint64_t alerts = metrics.dropped_alerts.value_or(0);
    product.set_events_lost(*metrics.dropped_events + alerts);
    product.set_events_detail(
        fmt::format("{} events in the kernel's buffers, {} alerts in its own "
                    "queue, since it started",
                    *metrics.dropped_events, alerts));
  } else {
    add_unread(product, "events_lost", kNoCounters);
  }
  if (metrics.rule_files.empty()) {
    add_unread(product, "rule_digest", "its metrics name no file of rules");
    return;
  }
  std::vector<std::string> files = metrics.rule_files;
  std::sort(files.begin(), files.end());
  product.set_rule_digest(to_hex(sha256(fmt::format("{}", fmt::join(files, "\n")))));
}

std::optional<v1::ProtectionProduct> read_falco(const ProductLook& look) {
  if (!protection::is_there(look, "Falco", {"/usr/bin/falco"})) return std::nullopt;
  v1::ProtectionProduct product;
  const auto evidence = protection::is_running(
      look,
      {"falco.service", "falco-modern-bpf.service", "falco-kmod.service", "falco-bpf.service"},
      "falco");
  if (evidence.runs) {
    product.set_running(protection::answer(*evidence.runs));
  } else {
    add_unread(product, "running", evidence.reason);
  }
  const auto facts = {std::string_view("real_time"), std::string_view("mode"),
                      std::string_view("events_lost"), std::string_view("rule_digest")};
  const auto answer = protection::answer_text(look, "falco", "its /metrics", facts, product);
  if (!answer) return product;
  absl::StatusOr<std::string_view> body = http_body(*answer);
  const auto metrics =
      body.ok() ? parse_falco_metrics(*body) : absl::StatusOr<FalcoMetrics>(body.status());
  if (metrics.ok()) {
    tell_falco(*metrics, product);
    return product;
  }
  for (const std::string_view fact : facts)
    add_unread(product, fact, std::string(metrics.status().message()));
  return product;
}

}  // namespace muster::intrusion_detection
