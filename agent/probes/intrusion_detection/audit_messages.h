// The kernel's answers about audit, as muster-answers copies them: messages of netlink(7), first
// the status (AUDIT_GET), then the rules (AUDIT_LIST_RULES) to NLMSG_DONE. Pure; any thread.
#pragma once

#include <absl/status/statusor.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace muster::intrusion_detection {

// Part of struct audit_status (linux/audit.h).
struct AuditStatus {
  // 0 off, 1 on, 2 on and locked until the next boot.
  uint32_t enabled = 0;
  // Of the daemon that takes the events; 0: none does.
  uint32_t daemon = 0;
  // Messages a second beyond which they are lost; 0: none.
  uint32_t rate_limit = 0;
  uint32_t backlog_limit = 0;
  // Since boot.
  uint32_t lost = 0;
  uint32_t backlog = 0;

  uint32_t rule_count = 0;
  // SHA-256 over the rules in their order, as the kernel has them.
  std::string rule_digest;
};

// InvalidArgument unless it is all of both answers.
absl::StatusOr<AuditStatus> parse_audit_messages(std::string_view messages);

}  // namespace muster::intrusion_detection
