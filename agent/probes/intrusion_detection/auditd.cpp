#include "agent/probes/intrusion_detection/auditd.h"

#include <fmt/format.h>

#include <string>

#include "agent/probes/protection/product_answers.h"
#include "agent/probes/protection/product_facts.h"
#include "agent/probes/protection/product_files.h"
#include "agent/probes/protection/running_programs.h"

namespace muster::intrusion_detection {
namespace {

using protection::ProductLook;

constexpr uint32_t kEnabled = 1;
constexpr uint32_t kLocked = 2;

// While little of it is used it is the same text, however much that is at this moment.
std::string backlog_in_words(const AuditStatus& status) {
  if (status.backlog_limit == 0) return "backlog without a limit";
  if (status.backlog < status.backlog_limit / 10) {
    return fmt::format("backlog below a tenth of {}", status.backlog_limit);
  }
  return fmt::format("backlog {} of {}", status.backlog, status.backlog_limit);
}

// The kernel knows who takes its events; a process's name anybody can have.
void tell_whether_it_runs(const ProductLook& look, const AuditStatus* status,
                          v1::ProtectionProduct& product) {
  if (status != nullptr && status->daemon == 0) {
    product.set_running(v1::ANSWER_NO);
    return;
  }
  const auto evidence = protection::is_running(look, {"auditd.service"}, "auditd");
  if (evidence.runs) {
    product.set_running(protection::answer(*evidence.runs));
  } else {
    protection::add_unread(product, "running", evidence.reason);
  }
}

}  // namespace

void tell_audit(const AuditStatus& status, v1::ProtectionProduct& product) {
  const bool is_enabled = status.enabled == kEnabled || status.enabled == kLocked;
  product.set_real_time(protection::answer(is_enabled));
  product.set_immutable(protection::answer(status.enabled == kLocked));
  product.set_rule_count(status.rule_count);
  product.set_rule_digest(status.rule_digest);
  product.set_events_lost(status.lost);
  product.set_events_detail(backlog_in_words(status));
  if (!is_enabled) {
    product.set_mode(v1::PROTECTION_MODE_OFF);
    product.set_mode_words("audit is switched off in the kernel: auditctl -e 1");
  } else if (status.rule_count == 0) {
    product.set_mode(v1::PROTECTION_MODE_REDUCED);
    product.set_mode_words("there are no rules: only logins and the like are recorded");
  } else if (status.daemon == 0) {
    product.set_mode(v1::PROTECTION_MODE_REDUCED);
    product.set_mode_words("no daemon takes the events: they go to the kernel's log");
  } else {
    product.set_mode(v1::PROTECTION_MODE_ACTIVE);
    product.set_mode_words(status.enabled == kLocked ? "enabled and locked" : "enabled");
  }
  if (status.rate_limit != 0) {
    protection::add_complaint(product, fmt::format("events beyond {} a second are dropped: the "
                                                   "rate limit of audit (auditctl -r)",
                                                   status.rate_limit));
  }
}

std::optional<v1::ProtectionProduct> read_auditd(const ProductLook& look) {
  if (!protection::is_there(look, "Linux audit", {"/sbin/auditd", "/usr/sbin/auditd"})) {
    return std::nullopt;
  }
  v1::ProtectionProduct product;
  const auto facts = {std::string_view("real_time"),   std::string_view("mode"),
                      std::string_view("immutable"),   std::string_view("rule_count"),
                      std::string_view("rule_digest"), std::string_view("events_lost")};
  std::optional<AuditStatus> status;
  if (const auto messages =
          protection::answer_text(look, "auditd", "the kernel's audit", facts, product)) {
    auto parsed = parse_audit_messages(*messages);
    if (parsed.ok()) {
      status = *std::move(parsed);
      tell_audit(*status, product);
    } else {
      for (const std::string_view fact : facts)
        protection::add_unread(product, fact, std::string(parsed.status().message()));
    }
  }
  tell_whether_it_runs(look, status ? &*status : nullptr, product);
  return product;
}

}  // namespace muster::intrusion_detection
