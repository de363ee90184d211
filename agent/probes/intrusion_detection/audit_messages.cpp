#include "agent/probes/intrusion_detection/audit_messages.h"

#include <linux/audit.h>
#include <linux/netlink.h>

#include <algorithm>
#include <cstddef>
#include <cstring>

#include "agent/probes/netlink_messages.h"
#include "common/digest.h"
#include "common/text.h"

namespace muster::intrusion_detection {
namespace {

// A kernel may know more of it, or less at its end.
constexpr size_t kLeastOfStatus = offsetof(audit_status, backlog) + sizeof(uint32_t);

absl::Status broken(const char* why) {
  return absl::InvalidArgumentError(why);
}

}  // namespace

absl::StatusOr<AuditStatus> parse_audit_messages(std::string_view messages) {
  AuditStatus status;
  std::string rules;
  bool has_status = false;
  while (!messages.empty()) {
    const absl::StatusOr<netlink::Message> message = netlink::take_message(messages);
    if (!message.ok()) return broken("a message of audit is not whole");
    if (message->type == NLMSG_DONE) {
      if (!has_status || !messages.empty()) return broken("messages of audit in a wrong order");
      status.rule_digest = to_hex(sha256(rules));
      return status;
    }
    if (message->type == AUDIT_GET) {
      audit_status told{};
      if (message->payload.size() < kLeastOfStatus) return broken("the status of audit is cut off");
      std::memcpy(&told, message->payload.data(), std::min(message->payload.size(), sizeof told));
      status.enabled = told.enabled;
      status.daemon = told.pid;
      status.rate_limit = told.rate_limit;
      status.backlog_limit = told.backlog_limit;
      status.lost = told.lost;
      status.backlog = told.backlog;
      has_status = true;
    } else if (message->type == AUDIT_LIST_RULES) {
      ++status.rule_count;
      rules += message->payload;
    }
  }
  return broken("the list of the rules of audit has no end");
}

}  // namespace muster::intrusion_detection
