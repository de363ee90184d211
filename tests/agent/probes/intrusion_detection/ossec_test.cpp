// OSSEC's agent. Its ossec.conf is the one of its sources, its log lines have the words of its
// sources' messages; times are the test's.
#include "agent/probes/intrusion_detection/ossec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "agent/probes/intrusion_detection/ossec_config.h"
#include "agent/probes/intrusion_detection/wazuh.h"
#include "tests/agent/probes/protection/product_world.h"

namespace muster::intrusion_detection {
namespace {

using protection::test::why_unread;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char* kConfig = R"(<!-- OSSEC example config -->

<ossec_config>
  <client>
    <server-ip>192.168.10.100</server-ip>
  </client>
  <syscheck>
    <!-- Frequency that syscheck is executed (default every 2 hours) -->
    <frequency>7200</frequency>
    <directories check_all="yes">/etc,/usr/bin,/usr/sbin</directories>
    <ignore>/etc/mtab</ignore>
  </syscheck>
</ossec_config>

<ossec_config> <!-- a second one -->
  <rootcheck><disabled>yes</disabled></rootcheck>
</ossec_config>
)";
constexpr const char* kConnected =
    "2026/11/22 10:00:00 ossec-agentd(4102): INFO: Connected to server 192.168.10.100, port "
    "1514.\n";
constexpr const char* kChecked =
    "2026/11/22 10:01:00 ossec-syscheckd: INFO: Starting syscheck scan.\n"
    "2026/11/22 10:05:00 ossec-syscheckd: INFO: Ending syscheck scan.\n";

class Ossec : public ::testing::Test {
 protected:
  explicit Ossec(const std::string& home = "/var/ossec") : home_(home) {
    world_.root().write(home_ + "/bin/ossec-agentd", "");
    world_.root().write(home_ + "/bin/ossec-syscheckd", "");
    world_.root().write(home_ + "/etc/ossec.conf", kConfig);
    log(std::string(kConnected) + kChecked);
    sent("sender_counter", "2026-11-22T11:55:00Z");
    sent("001", "2026-11-22T11:30:30Z");
    world_.root().write("/etc/passwd", "ossec:x:997:997::/var/ossec:/sbin/nologin\n");
  }
  void log(std::string_view text) { world_.root().write(home_ + "/logs/ossec.log", text); }
  void sent(const std::string& name, std::string_view at) {
    const std::string path = home_ + "/queue/rids/" + name;
    world_.root().write(path, "12:3456:");
    std::filesystem::last_write_time(world_.root().path() + path,
                                     std::chrono::file_clock::from_sys(*parse_iso8601(at)));
  }
  void runs() { world_.answer("processes", "9 997 ossec-agentd\n10 0 ossec-syscheckd\n"); }
  v1::ProtectionProduct read() {
    const auto product = world_.read(read_ossec);
    EXPECT_TRUE(product);
    return product.value_or(v1::ProtectionProduct());
  }

  const std::string home_;
  protection::test::ProductWorld world_;
};

class OssecBelowOpt : public Ossec {
 protected:
  OssecBelowOpt() : Ossec("/opt/ossec") {}
};

TEST_F(Ossec, ThatIsWellTellsServerConnectionAndChecks) {
  runs();
  const v1::ProtectionProduct product = read();
  EXPECT_FALSE(world_.read(read_wazuh)) << "it is not both";
  EXPECT_EQ(product.running(), v1::ANSWER_YES);
  EXPECT_EQ(product.mode(), v1::PROTECTION_MODE_ACTIVE);
  EXPECT_EQ(product.real_time(), v1::ANSWER_NO);
  EXPECT_EQ(product.management_server(), "192.168.10.100:1514");
  EXPECT_EQ(product.management_connected(), v1::ANSWER_YES);
  EXPECT_EQ(product.last_check().result(), v1::CHECK_RESULT_ENDED);
  EXPECT_EQ(from_proto(product.last_check().ended_at()), *parse_iso8601("2026-11-22T10:05:00Z"));
  EXPECT_THAT(product.unread(), IsEmpty());
}

TEST_F(OssecBelowOpt, IsFoundThereToo) {
  runs();
  EXPECT_EQ(read().management_connected(), v1::ANSWER_YES);
}

TEST_F(Ossec, TheLastWordOfItsLogTellsTheConnection) {
  runs();
  const char* const words[] = {
      "2026/11/22 11:00:00 ossec-agentd: WARN: Server unavailable. Setting lock.\n",
      "2026/11/22 11:00:00 ossec-agentd(4101): WARN: Waiting for server reply (not started). "
      "Tried: '192.168.10.100'.\n"};
  for (const char* word : words) {
    log(std::string(kConnected) + kChecked + word);
    EXPECT_EQ(read().management_connected(), v1::ANSWER_NO) << word;
    EXPECT_EQ(from_proto(read().management_last_contact_at()),
              *parse_iso8601("2026-11-22T11:30:00Z"));
    log(std::string(word) +
        "2026/11/22 11:00:10 ossec-agentd: INFO: Server responded. Releasing lock.\n");
    EXPECT_EQ(read().management_connected(), v1::ANSWER_YES);
  }
}

TEST_F(Ossec, ThatSendsNothingIsNotTakenForConnected) {
  runs();
  sent("sender_counter", "2026-11-22T10:55:00Z");
  EXPECT_THAT(why_unread(read(), "management_connected"),
              HasSubstr("it has sent nothing since 2026-11-22T10:55:00Z"));
  sent("sender_counter", "2026-11-23T10:55:00Z");
  EXPECT_THAT(why_unread(read(), "management_connected"), HasSubstr("in the future"));
  std::filesystem::remove(world_.root().path() + "/var/ossec/queue/rids/sender_counter");
  EXPECT_THAT(why_unread(read(), "management_connected"), HasSubstr("no sender_counter"));
  std::filesystem::remove_all(world_.root().path() + "/var/ossec/queue/rids");
  EXPECT_NE(why_unread(read(), "management_connected"), "");
  log(kChecked);
  EXPECT_NE(why_unread(read(), "management_connected"), "");
}

TEST_F(Ossec, ADeadAgentHasNoConnection) {
  world_.answer("processes", "1 0 systemd\n");
  EXPECT_EQ(read().running(), v1::ANSWER_NO);
  EXPECT_EQ(read().management_connected(), v1::ANSWER_NO);
}

TEST_F(Ossec, WithSyscheckSwitchedOffIsReduced) {
  runs();
  world_.root().write("/var/ossec/etc/ossec.conf",
                      "<ossec_config><syscheck><disabled>yes</disabled></syscheck></ossec_config>");
  EXPECT_EQ(read().mode(), v1::PROTECTION_MODE_REDUCED);
  EXPECT_EQ(read().mode_words(), "syscheck is switched off");
  EXPECT_EQ(read().checks_scheduled(), v1::ANSWER_NO);
}

TEST_F(Ossec, AServerHasNoServerAboveIt) {
  std::filesystem::remove(world_.root().path() + "/var/ossec/bin/ossec-agentd");
  world_.answer("processes", "9 997 ossec-analysisd\n10 0 ossec-syscheckd\n");
  EXPECT_EQ(read().running(), v1::ANSWER_YES);
  EXPECT_EQ(read().management_connected(), v1::ANSWER_UNSPECIFIED);
  EXPECT_THAT(read().unread(), IsEmpty());
}

TEST(OssecConfig, ThatIsNotWholeIsAnError) {
  EXPECT_FALSE(parse_ossec_config("<ossec_config><client").ok());
  EXPECT_FALSE(parse_ossec_config("<!-- <a> ").ok());
  std::string deep;
  for (int i = 0; i < 17; ++i)
    deep += "<a>";
  EXPECT_FALSE(parse_ossec_config(deep).ok());
  EXPECT_TRUE(parse_ossec_config("").ok());
}

TEST(OssecConfig, TakesTheFirstServerAndWritesIpv6InBrackets) {
  const auto config = parse_ossec_config(
      "<?xml version='1.0'?><c><client><server><address>2001:db8::1</address>\n<port>1515</port>"
      "</server><server><address>192.0.2.1</address></server></client>"
      "<syscheck><directories whodata='yes' />/x</syscheck></c></c></c>"
      "<client_buffer><disabled>yes</disabled><queue_size>9</queue_size></client_buffer>");
  ASSERT_TRUE(config.ok());
  EXPECT_EQ(config->server, "[2001:db8::1]:1515");
  EXPECT_TRUE(config->has_real_time);
  EXPECT_FALSE(config->queue_size);
}

}  // namespace
}  // namespace muster::intrusion_detection
