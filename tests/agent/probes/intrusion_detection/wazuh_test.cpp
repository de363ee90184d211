// Wazuh's agent. Its state files are those of its documentation (recordings: versions 3.9, 4.x and
// 5.0), its log lines are of issues in its repository; times are moved to the test's.
#include "agent/probes/intrusion_detection/wazuh.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "agent/probes/intrusion_detection/wazuh_state.h"
#include "tests/agent/probes/protection/product_world.h"

namespace muster::intrusion_detection {
namespace {

using protection::test::why_unread;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char* kState = "/var/ossec/var/run/wazuh-agentd.state";
constexpr const char* kLog = "/var/ossec/logs/ossec.log";
constexpr const char* kState4 = R"(# State file for wazuh-agentd

# Agent status:
# - pending:      waiting for get connected.
# - connected:    connection established with manager in the last 10 seconds.
# - disconnected: connection lost or no ACK received in the last 60 seconds.
status='connected'

# Last time a keepalive was sent
last_keepalive='2026-11-22 11:59:37'

# Last time a control message was received
last_ack='2026-11-22 11:59:38'

# Number of generated events
msg_count='12579'

# Number of messages (events + control messages) sent to the manager
msg_sent='12928'

# Number of events currently buffered
# Empty if anti-flooding mechanism is disabled
msg_buffer='35'
)";
constexpr const char* kState5 = R"(# State file for wazuh-agentd
# Agent status:
# - pending:      waiting to get connected.
# - connected:    connection established with manager in the last 10 seconds.
# - disconnected: connection lost or no ACK received in the last 60 seconds.
status='connected'

# Last time a keepalive was sent
last_keepalive='2026-11-22 11:59:49'

# Number of generated events
msg_count='324'

# Number of messages (events + control messages) sent to the manager
msg_sent='0'

# Number of events currently buffered
# Always empty: the HTTPS accumulator reports occupancy as a ladder,
# not as a count
msg_buffer=''

# /control tasks routed to a handler
dispatched='0'
)";
constexpr const char* kConfig = R"(<!-- Wazuh - Agent -->
<ossec_config>
  <client>
    <server>
      <address>wazuh.example.org</address>
      <port>1514</port>
      <protocol>tcp</protocol>
    </server>
  </client>
  <client_buffer>
    <disabled>no</disabled>
    <queue_size>5000</queue_size>
  </client_buffer>
  <syscheck>
    <disabled>no</disabled>
    <frequency>43200</frequency>
    <directories>/etc,/usr/bin,/usr/sbin</directories>
    <directories realtime="yes">/srv</directories>
  </syscheck>
</ossec_config>
)";
constexpr const char* kLines =
    "2026/11/22 00:00:01 wazuh-agentd: INFO: (4102): Connected to the server "
    "([192.0.2.7]:1514/tcp).\n"
    "2026/11/22 09:30:21 wazuh-syscheckd: INFO: (6010): File integrity monitoring scan frequency: "
    "43200 seconds\n"
    "2026/11/22 09:30:21 wazuh-syscheckd: INFO: (6008): File integrity monitoring scan started.\n"
    "2026/11/22 09:30:21 rootcheck: INFO: Starting rootcheck scan.\n"
    "2026/11/22 09:31:05 wazuh-syscheckd: INFO: (6009): File integrity monitoring scan ended.\n";

class Wazuh : public ::testing::Test {
 protected:
  Wazuh() {
    world_.root().write("/var/ossec/bin/wazuh-agentd", "");
    world_.root().write("/var/ossec/bin/wazuh-syscheckd", "");
    world_.root().write("/var/ossec/etc/ossec.conf", kConfig);
    world_.root().write("/var/ossec/VERSION.json", R"({"version": "4.12.0", "stage": "rc1"})");
    world_.root().write("/etc/passwd", "root:x:0:0::/root:/bin/sh\nwazuh:x:998:998::/var/ossec:\n");
    state(kState4);
    log(kLines);
  }
  void state(std::string_view text, std::string_view at = "2026-11-22T11:59:58Z") {
    world_.root().write(kState, text);
    std::filesystem::last_write_time(world_.root().path() + kState,
                                     std::chrono::file_clock::from_sys(*parse_iso8601(at)));
  }
  void log(std::string_view text) { world_.root().write(kLog, text); }
  void runs() { world_.answer("processes", "9 998 wazuh-agentd\n10 0 wazuh-syscheckd\n"); }
  v1::ProtectionProduct read() {
    const auto product = world_.read(read_wazuh);
    EXPECT_TRUE(product);
    return product.value_or(v1::ProtectionProduct());
  }

  protection::test::ProductWorld world_;
};

std::string replaced(std::string text, std::string_view what, std::string_view by) {
  return text.replace(text.find(what), what.size(), by);
}

TEST_F(Wazuh, ThatIsWellTellsServerConnectionAndChecks) {
  runs();
  const v1::ProtectionProduct product = read();
  EXPECT_EQ(product.version(), "4.12.0");
  EXPECT_EQ(product.running(), v1::ANSWER_YES);
  EXPECT_EQ(product.mode(), v1::PROTECTION_MODE_ACTIVE);
  EXPECT_EQ(product.real_time(), v1::ANSWER_YES);
  EXPECT_EQ(product.checks_scheduled(), v1::ANSWER_YES);
  EXPECT_EQ(product.management_connected(), v1::ANSWER_YES);
  EXPECT_FALSE(product.has_management_last_contact_at());
  EXPECT_EQ(product.management_server(), "wazuh.example.org:1514");
  EXPECT_EQ(product.last_check().result(), v1::CHECK_RESULT_ENDED);
  EXPECT_EQ(from_proto(product.last_check().started_at()), *parse_iso8601("2026-11-22T09:30:21Z"));
  EXPECT_EQ(from_proto(product.last_check().ended_at()), *parse_iso8601("2026-11-22T09:31:05Z"));
  EXPECT_EQ(product.events_detail(), "");
  EXPECT_THAT(product.complaints(), IsEmpty());
  EXPECT_THAT(product.unread(), IsEmpty());
}

TEST_F(Wazuh, OfVersion5HasNoLastAnswer) {
  runs();
  state(kState5);
  EXPECT_EQ(read().management_connected(), v1::ANSWER_YES);
}

TEST_F(Wazuh, OfVersion3HasOssecsNames) {
  std::filesystem::remove_all(world_.root().path() + "/var/ossec/bin");
  std::filesystem::remove(world_.root().path() + kState);
  world_.root().write("/var/ossec/bin/ossec-agentd", "");
  world_.root().write("/var/ossec/bin/ossec-syscheckd", "");
  const std::string state4 = kState4;
  world_.root().write("/var/ossec/var/run/ossec-agentd.state",
                      state4.substr(0, state4.find("# Number of events currently")));
  world_.answer("processes", "9 998 ossec-agentd\n10 0 ossec-syscheckd\n");
  std::filesystem::last_write_time(world_.root().path() + "/var/ossec/var/run/ossec-agentd.state",
                                   std::chrono::file_clock::from_sys(world_.now()));
  EXPECT_EQ(read().running(), v1::ANSWER_YES);
  EXPECT_EQ(read().management_connected(), v1::ANSWER_YES);
}

TEST_F(Wazuh, ThatIsCutOffTellsSinceWhenInItsOwnZone) {
  runs();
  // Two hours east, without a summer.
  world_.root().link("/etc/localtime", "/zone");
  world_.root().write("/zone", std::string("TZif2") + std::string(39, '\0') + "TZif2" +
                                   std::string(15, '\0') + std::string("\0\0\0\0", 4) +
                                   std::string("\0\0\0\0", 4) + std::string("\0\0\0\0", 4) +
                                   std::string("\0\0\0\0", 4) + std::string("\0\0\0\1", 4) +
                                   std::string("\0\0\0\4", 4) + std::string("\0\0\x1c\x20\0\0", 6) +
                                   std::string("EET\0", 4) + "\nEET-2\n");
  for (const char* status : {"disconnected", "pending"}) {
    state(replaced(replaced(kState4, "status='connected'", std::string("status='") + status + "'"),
                   "last_ack='2026-11-22 11:59:38'", "last_ack='2026-11-22 09:15:38'"));
    const v1::ProtectionProduct product = read();
    if (why_unread(product, "management_connected").find("localtime") != std::string::npos) {
      FAIL() << "the zone of the test cannot be read";
    }
    EXPECT_EQ(product.management_connected(), v1::ANSWER_NO);
    EXPECT_EQ(from_proto(product.management_last_contact_at()),
              *parse_iso8601("2026-11-22T07:15:00Z"));
    EXPECT_THAT(product.complaints(), ElementsAre(std::string("its connection is ") + status));
  }
}

TEST_F(Wazuh, ADeadAgentHasNoConnectionWhateverItsStateSays) {
  world_.answer("processes", "1 0 systemd\n9 1000 wazuh-agentd\n");
  state(kState4, "2026-11-20T00:00:00Z");
  world_.root().write("/var/ossec/var/run/wazuh-agentd-9.pid", "9\n");
  EXPECT_EQ(read().running(), v1::ANSWER_NO);
  EXPECT_EQ(read().management_connected(), v1::ANSWER_NO);
}

TEST_F(Wazuh, AnAgentWithoutItsCheckerIsReduced) {
  world_.answer("processes", "9 998 wazuh-agentd\n");
  EXPECT_EQ(read().running(), v1::ANSWER_YES);
  EXPECT_EQ(read().mode(), v1::PROTECTION_MODE_REDUCED);
  EXPECT_EQ(read().mode_words(), "wazuh-syscheckd does not run");
}

struct BadState {
  std::string text;
  const char* at;
  const char* reason;
};

TEST_F(Wazuh, AStateThatTellsNothingIsUnread) {
  const std::string whole = kState4;
  const char* const now = "2026-11-22T11:59:58Z";
  const BadState states[] = {
      {"", now, "it has no status"},
      {whole.substr(0, whole.find("connected'")), now, "it breaks off within a line"},
      {whole.substr(0, whole.find("msg_sent")), now, "it breaks off: msg_sent is missing"},
      {whole.substr(0, whole.find("11:59:38")), now, "it breaks off within a line"},
      {whole, "2026-11-22T11:00:00Z", "it is of 2026-11-22T11:00:00Z: the agent has ended"},
      {whole, "2026-11-23T11:00:00Z", "it was written in the future"},
      {replaced(whole, "11:59:38", "22:59:38"), now, "22:59:38 has not come yet: see whether"},
      {replaced(whole, "2026-11-22 11:59:38", "22.11.2026"), now, "\"22.11.2026\" is no time"},
      {replaced(whole, "='connected'", "='unknown'"), now, "its status is \"unknown\""},
      {replaced(whole, "='connected'", "='" + std::string(65, 'x') + "'"), now, "over 64 bytes"},
  };
  runs();
  for (const BadState& bad : states) {
    state(bad.text, bad.at);
    EXPECT_THAT(why_unread(read(), "management_connected"), HasSubstr(bad.reason));
    EXPECT_EQ(read().management_connected(), v1::ANSWER_UNSPECIFIED);
  }
  std::filesystem::remove(world_.root().path() + kState);
  EXPECT_THAT(why_unread(read(), "management_connected"), HasSubstr("with the first connection"));
}

TEST_F(Wazuh, AFullBufferIsTold) {
  runs();
  state(replaced(kState4, "msg_buffer='35'", "msg_buffer='4711'"));
  EXPECT_EQ(read().events_detail(), "its buffer of 5000 events is at least 90 % full");
  log(std::string(kLines) +
      "2026/11/22 11:00:00 wazuh-agentd: WARNING: Agent buffer is full: Events may be lost.\n");
  EXPECT_THAT(read().complaints(),
              ElementsAre("WARNING: Agent buffer is full: Events may be lost."));
  log(std::string(kLines) + "2026/11/22 11:00:00 wazuh-agentd: WARNING: Agent buffer is full\n" +
      "2026/11/22 11:05:00 wazuh-agentd: INFO: Agent buffer is under 70 %. Working properly "
      "again.\n");
  EXPECT_THAT(read().complaints(), IsEmpty());
}

TEST_F(Wazuh, ALogBegunAnewIsNotHeldAgainstItUntilACheckIsDue) {
  runs();
  log("2026/11/22 00:00:00 wazuh-agentd: INFO: Starting new log after rotation.\n");
  EXPECT_FALSE(read().has_last_check());
  EXPECT_EQ(why_unread(read(), "last_check"), "");
  log("2026/11/21 22:00:00 wazuh-agentd: INFO: Starting new log after rotation.\n");
  EXPECT_THAT(why_unread(read(), "last_check"), HasSubstr("tells of no check of files"));
  log("hello\n");
  EXPECT_THAT(why_unread(read(), "last_check"), HasSubstr("no log of OSSEC's or Wazuh's"));
}

TEST_F(Wazuh, OfAnImageAtRestWhetherItRunsIsUnread) {
  EXPECT_THAT(why_unread(read(), "running"), HasSubstr("nobody was asked"));
}

TEST_F(Wazuh, WhatMayNotBeReadIsUnread) {
  world_.root().set_mode("/var/ossec/var/run", 0700);
  world_.root().set_mode("/var/ossec/etc/ossec.conf", 0600);
  world_.root().set_mode(kLog, 0600);
  {
    const muster::test::WithoutRights without_rights;
    const v1::ProtectionProduct product = read();
    for (const char* fact :
         {"management_connected", "management_server", "mode", "real_time", "last_check"})
      EXPECT_THAT(why_unread(product, fact), HasSubstr("Permission denied")) << fact;
  }
  // As Wazuh's package has it for all but its group: whether it is installed is not known.
  world_.root().set_mode("/var/ossec", 0700);
  const muster::test::WithoutRights without_rights;
  EXPECT_FALSE(world_.read(read_wazuh));
  EXPECT_THAT(world_.problems().at(0), HasSubstr("whether it is installed cannot be told"));
}

TEST_F(Wazuh, AManagerHasNoServerAboveIt) {
  std::filesystem::remove(world_.root().path() + "/var/ossec/bin/wazuh-agentd");
  world_.root().write("/var/ossec/bin/wazuh-analysisd", "");
  world_.answer("processes", "9 998 wazuh-analysisd\n10 0 wazuh-syscheckd\n");
  const v1::ProtectionProduct product = read();
  EXPECT_EQ(product.running(), v1::ANSWER_YES);
  EXPECT_EQ(product.management_connected(), v1::ANSWER_UNSPECIFIED);
  EXPECT_EQ(product.management_server(), "");
  EXPECT_THAT(product.unread(), IsEmpty());
}

}  // namespace
}  // namespace muster::intrusion_detection
