// Linux's audit, by messages as the kernel writes them. Against the kernel itself: real_audit_test.
#include "agent/probes/intrusion_detection/auditd.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/audit.h>
#include <linux/netlink.h>

#include <cstring>

#include "tests/agent/probes/protection/product_world.h"

namespace muster::intrusion_detection {
namespace {

using protection::test::ProductWorld;
using ::testing::HasSubstr;

std::string message(uint16_t type, const std::string& payload) {
  nlmsghdr header{};
  header.nlmsg_len = static_cast<uint32_t>(NLMSG_LENGTH(payload.size()));
  header.nlmsg_type = type;
  std::string bytes(reinterpret_cast<const char*>(&header), sizeof header);
  bytes += payload;
  bytes.resize(NLMSG_ALIGN(bytes.size()));
  return bytes;
}

std::string status_message(const audit_status& status) {
  return message(AUDIT_GET, {reinterpret_cast<const char*>(&status), sizeof status});
}

const std::string done_message = message(NLMSG_DONE, "");
const std::string rule_message = message(AUDIT_LIST_RULES, "a rule that watches /etc/passwd");

audit_status good() {
  audit_status status{};
  status.enabled = 1;
  status.pid = 612;
  status.failure = 1;
  status.backlog_limit = 8192;
  return status;
}

class Auditd : public ::testing::Test {
 protected:
  Auditd() { world_.root().write("/usr/sbin/auditd", ""); }

  v1::ProtectionProduct read(const std::string& messages) {
    world_.answer("auditd", messages);
    const auto product = world_.read(read_auditd);
    EXPECT_TRUE(product);
    return product.value_or(v1::ProtectionProduct());
  }

  ProductWorld world_;
};

TEST(AuditMessages, AreTheStatusAndTheRules) {
  audit_status status = good();
  status.lost = 3;
  const auto parsed =
      parse_audit_messages(status_message(status) + rule_message + rule_message + done_message);
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_EQ(parsed->enabled, 1);
  EXPECT_EQ(parsed->daemon, 612);
  EXPECT_EQ(parsed->lost, 3);
  EXPECT_EQ(parsed->backlog_limit, 8192);
  EXPECT_EQ(parsed->rule_count, 2);
  EXPECT_EQ(parsed->rule_digest.size(), 64);
}

// Its length says how much of it this kernel knows.
TEST(AuditMessages, OfAnotherKernelsStatusAreRead) {
  const audit_status status = good();
  const std::string old(reinterpret_cast<const char*>(&status), 32);
  const std::string later(reinterpret_cast<const char*>(&status), sizeof status);
  EXPECT_TRUE(parse_audit_messages(message(AUDIT_GET, old) + done_message).ok());
  EXPECT_TRUE(parse_audit_messages(message(AUDIT_GET, later + "more") + done_message).ok());
  EXPECT_FALSE(parse_audit_messages(message(AUDIT_GET, old.substr(4)) + done_message).ok());
}

TEST(AuditMessages, TellRulesApartAndTheirOrder) {
  const auto digest = [](const std::string& rules) {
    return parse_audit_messages(status_message(good()) + rules + done_message)->rule_digest;
  };
  const std::string other = message(AUDIT_LIST_RULES, "another");
  EXPECT_EQ(digest(rule_message + other), digest(rule_message + other));
  EXPECT_NE(digest(rule_message + other), digest(other + rule_message));
  EXPECT_NE(digest(rule_message), digest(rule_message + rule_message));
  EXPECT_NE(digest(""), digest(rule_message));
}

TEST(AuditMessages, AreAllOrNone) {
  const std::string whole = status_message(good()) + rule_message + done_message;
  for (size_t size = 0; size < whole.size(); ++size)
    EXPECT_FALSE(parse_audit_messages(whole.substr(0, size)).ok()) << size;
  EXPECT_FALSE(parse_audit_messages(whole + rule_message).ok()) << "something follows";
  EXPECT_FALSE(parse_audit_messages(rule_message + done_message).ok()) << "no status";
  std::string wrong = whole;
  wrong[0] = 3;
  EXPECT_FALSE(parse_audit_messages(wrong).ok()) << "shorter than its header";
  wrong.replace(0, 4, "\xff\xff\xff\xff");
  EXPECT_FALSE(parse_audit_messages(wrong).ok()) << "longer than all";
}

TEST_F(Auditd, ThatIsNotThereIsNone) {
  ProductWorld empty;
  EXPECT_FALSE(empty.read(read_auditd));
}

TEST_F(Auditd, IsAsTheKernelSays) {
  world_.answer("processes", "1 0 systemd\n612 0 auditd\n");
  audit_status status = good();
  status.lost = 7;
  const v1::ProtectionProduct product = read(status_message(status) + rule_message + done_message);
  EXPECT_EQ(product.running(), v1::ANSWER_YES);
  EXPECT_EQ(product.real_time(), v1::ANSWER_YES);
  EXPECT_EQ(product.mode(), v1::PROTECTION_MODE_ACTIVE);
  EXPECT_EQ(product.immutable(), v1::ANSWER_NO);
  EXPECT_EQ(product.events_lost(), 7);
  EXPECT_EQ(product.events_detail(), "backlog below a tenth of 8192");
  EXPECT_EQ(product.rule_count(), 1);
  EXPECT_TRUE(product.unread().empty()) << product.DebugString();
}

struct State {
  const char* name;
  uint32_t enabled;
  uint32_t daemon;
  bool has_rule;
  v1::ProtectionMode mode;
  v1::Answer immutable;
  const char* words;
};
constexpr State kStates[] = {
    {"locked", 2, 612, true, v1::PROTECTION_MODE_ACTIVE, v1::ANSWER_YES, "enabled and locked"},
    {"off", 0, 612, true, v1::PROTECTION_MODE_OFF, v1::ANSWER_NO, "switched off"},
    {"no rules", 1, 612, false, v1::PROTECTION_MODE_REDUCED, v1::ANSWER_NO, "no rules"},
    {"no daemon", 1, 0, true, v1::PROTECTION_MODE_REDUCED, v1::ANSWER_NO, "no daemon"},
    {"a word of a later kernel", 7, 612, true, v1::PROTECTION_MODE_OFF, v1::ANSWER_NO, "off"},
};

TEST(TellAudit, SaysHowMuchOfItIsInForce) {
  for (const State& state : kStates) {
    AuditStatus status;
    status.enabled = state.enabled;
    status.daemon = state.daemon;
    status.rule_count = state.has_rule ? 1 : 0;
    v1::ProtectionProduct product;
    tell_audit(status, product);
    EXPECT_EQ(product.mode(), state.mode) << state.name;
    EXPECT_EQ(product.immutable(), state.immutable) << state.name;
    EXPECT_THAT(product.mode_words(), HasSubstr(state.words)) << state.name;
  }
}

// What changes all the time would be other facts at every look.
TEST(TellAudit, SaysHowFullTheBacklogIsOnceItMatters) {
  const auto detail = [](uint32_t backlog) {
    AuditStatus status;
    status.backlog_limit = 64;
    status.backlog = backlog;
    v1::ProtectionProduct product;
    tell_audit(status, product);
    return product.events_detail();
  };
  EXPECT_EQ(detail(0), detail(5));
  EXPECT_EQ(detail(60), "backlog 60 of 64");
}

TEST(TellAudit, ComplainsOfARateLimit) {
  AuditStatus status;
  status.rate_limit = 100;
  v1::ProtectionProduct product;
  tell_audit(status, product);
  ASSERT_EQ(product.complaints_size(), 1);
  EXPECT_THAT(product.complaints(0), HasSubstr("beyond 100 a second"));
}

TEST_F(Auditd, ThatNobodyTakesEventsFromDoesNotRunWhateverAProcessIsNamed) {
  world_.answer("processes", "1 0 systemd\n999 0 auditd\n");
  audit_status status = good();
  status.pid = 0;
  EXPECT_EQ(read(status_message(status) + rule_message + done_message).running(), v1::ANSWER_NO);
}

TEST_F(Auditd, OfWhichTheKernelDoesNotTellIsUnknown) {
  world_.answer("processes", "1 0 systemd\n612 0 auditd\n");
  world_.answer({"auditd", answers::Outcome::kFailed, EPERM, {}, {}});
  const auto product = world_.read(read_auditd);
  ASSERT_TRUE(product);
  EXPECT_EQ(product->running(), v1::ANSWER_YES);
  EXPECT_EQ(product->real_time(), v1::ANSWER_UNSPECIFIED);
  EXPECT_EQ(product->mode(), v1::PROTECTION_MODE_UNSPECIFIED);
  EXPECT_FALSE(product->has_events_lost());
  EXPECT_FALSE(product->has_rule_count());
  EXPECT_EQ(product->unread_size(), 6);
  EXPECT_THAT(product->unread(0).reason(), HasSubstr("CAP_AUDIT_CONTROL"));
}

TEST_F(Auditd, WhoseAnswerIsCutOffIsUnknown) {
  const v1::ProtectionProduct product = read(status_message(good()) + rule_message);
  EXPECT_EQ(product.real_time(), v1::ANSWER_UNSPECIFIED);
  EXPECT_FALSE(product.has_rule_count());
  EXPECT_THAT(product.unread(0).reason(), HasSubstr("has no end"));
}

}  // namespace
}  // namespace muster::intrusion_detection
