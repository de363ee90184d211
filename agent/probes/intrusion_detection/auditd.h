// Linux's audit: what the kernel says of itself, and whether auditd takes its events. See
// README.md.
#pragma once

#include <optional>

#include "agent/probes/intrusion_detection/audit_messages.h"
#include "agent/probes/protection/product.h"

namespace muster::intrusion_detection {

std::optional<v1::ProtectionProduct> read_auditd(const protection::ProductLook& look);

// What the kernel's status says. Pure.
void tell_audit(const AuditStatus& status, v1::ProtectionProduct& product);

}  // namespace muster::intrusion_detection
