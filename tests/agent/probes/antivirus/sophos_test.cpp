#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/probes/antivirus/product_readers.h"
#include "common/timestamp.h"
#include "tests/agent/probes/protection/product_world.h"

namespace muster::antivirus {
namespace {

using protection::test::ProductWorld;
using protection::test::why_unread;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* kScan = "/opt/sophos-spl/base/mcs/status/SAV_status.xml";
constexpr const char* kHealth = "/opt/sophos-spl/base/mcs/status/SHS_status.xml";
constexpr const char* kUpdate = "/opt/sophos-spl/base/mcs/status/ALC_status.xml";
constexpr const char* kPolicy = "/opt/sophos-spl/base/mcs/policy/CORE_policy.xml";

// As the product's published source writes these files, and as its tests expect them: nobody here
// has seen a host's.
constexpr const char* kScanStatus = R"(<?xml version="1.0" encoding="utf-8"?>
<status xmlns="http://www.sophos.com/EE/EESavStatus">
  <upToDateState>1</upToDateState>
  <on-access>true</on-access>
  <entity>
    <productId>SSPL-AV</productId>
    <product-version>1.1.3.70</product-version>
    <entityInfo>SSPL-AV</entityInfo>
  </entity>
</status>)";
constexpr const char* kHealthStatus =
    R"(<?xml version="1.0" encoding="utf-8" ?><health version="3.0.0" activeHeartbeat="false" activeHeartbeatUtmId=""><item name="health" value="1" /><item name="service" value="1" ><detail name="Sophos MCS Client" value="0" /></item><item name="threatService" value="1" ><detail name="Sophos MCS Client" value="0" /></item><item name="threat" value="1" /></health>)";
constexpr const char* kUpdateStatus =
    R"(<autoUpdate xmlns="http://www.sophos.com/xml/mansys/AutoUpdateStatus.xsd" version="1.0.0"><downloadState><state>good</state></downloadState><installState><state>good</state><lastGood>2026-11-22T10:14:31.000Z</lastGood></installState><rebootState><required>no</required></rebootState></autoUpdate>)";
constexpr const char* kPolicyFile = R"(<?xml version="1.0"?>
<policy RevID="revisionid" policyType="36">
  <onAccessScan>
    <enabled>true</enabled>
    <exclusions>
      <filePathSet>
        <filePath>/mnt/</filePath>
        <filePath>*excluded*</filePath>
      </filePathSet>
      <processPathSet>
        <processPath>/usr/bin/backup</processPath>
      </processPathSet>
    </exclusions>
  </onAccessScan>
</policy>)";

void fill(ProductWorld& world) {
  world.root().write("/opt/sophos-spl/plugins/av/VERSION.ini",
                     "PRODUCT_NAME = SPL-Anti-Virus-Plugin\nPRODUCT_VERSION = 1.1.3.70\n"
                     "BUILD_DATE = 2026-01-02\n");
  world.root().write(kScan, kScanStatus);
  world.root().write(kHealth, kHealthStatus);
  world.root().write(kUpdate, kUpdateStatus);
  world.root().write(kPolicy, kPolicyFile);
}

v1::ProtectionProduct read(ProductWorld& world,
                           const std::string& processes = "300 0 sophos_watchdog\n") {
  world.answer("processes", processes);
  auto product = world.read(read_sophos);
  EXPECT_TRUE(product);
  return product.value_or(v1::ProtectionProduct());
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  const size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

TEST(SophosReader, TellsWhatItTellsItsManager) {
  ProductWorld world;
  fill(world);
  const v1::ProtectionProduct product = read(world);
  EXPECT_EQ(product.version(), "1.1.3.70");
  EXPECT_EQ(product.running(), v1::ANSWER_YES);
  EXPECT_EQ(product.mode(), v1::PROTECTION_MODE_ACTIVE);
  EXPECT_EQ(product.real_time(), v1::ANSWER_YES);
  EXPECT_EQ(to_iso8601(from_proto(product.last_update_succeeded_at())), "2026-11-22T10:14:31Z");
  ASSERT_EQ(product.exclusions_size(), 3);
  EXPECT_EQ(product.exclusions(0).value(), "/mnt/");
  EXPECT_EQ(product.exclusions(2).kind(), "process");
  EXPECT_TRUE(product.has_threats_unresolved());
  EXPECT_EQ(product.threats_unresolved(), 0);
  // Of these it tells nothing on the host.
  EXPECT_FALSE(product.has_loaded_signatures() || product.has_full_scan());
  EXPECT_THAT(product.unread(), IsEmpty());
}

TEST(SophosReader, TellsItsBadStates) {
  ProductWorld off;
  fill(off);
  off.root().write(kScan, replaced(kScanStatus, ">true<", ">false<"));
  EXPECT_EQ(read(off).mode(), v1::PROTECTION_MODE_ON_DEMAND);
  ProductWorld ill;
  fill(ill);
  ill.root().write(kHealth, replaced(replaced(kHealthStatus, "\"service\" value=\"1\"",
                                              "\"service\" value=\"3\""),
                                     "\"threat\" value=\"1\"", "\"threat\" value=\"2\""));
  const v1::ProtectionProduct product = read(ill);
  EXPECT_EQ(product.mode(), v1::PROTECTION_MODE_REDUCED);
  EXPECT_EQ(product.mode_words(), "service health 3");
  EXPECT_THAT(product.complaints(), ElementsAre("threat health 2"));
  EXPECT_FALSE(product.has_threats_unresolved());
  EXPECT_EQ(why_unread(product, "threats_unresolved"),
            "threat health 2 is not good: Sophos Central tells which threats wait");
  ProductWorld failed;
  fill(failed);
  failed.root().write(
      kUpdate,
      R"(<installState><state>bad</state><failedSince>2026-11-20T10:00:00.000Z</failedSince></installState>)");
  EXPECT_EQ(read(failed).update_error(), "failed since 2026-11-20T10:00:00.000Z");
}

TEST(SophosReader, DoesNotTrustFilesOfAProductThatDoesNotRun) {
  ProductWorld stopped;
  fill(stopped);
  const v1::ProtectionProduct product = read(stopped, "1 0 systemd\n");
  EXPECT_EQ(product.mode(), v1::PROTECTION_MODE_OFF);
  EXPECT_EQ(product.real_time(), v1::ANSWER_NO);
  EXPECT_FALSE(product.has_threats_unresolved());
  EXPECT_THAT(why_unread(product, "threats_unresolved"), HasSubstr("when it last ran"));
  ProductWorld unknown;
  fill(unknown);
  const auto unasked = unknown.read(read_sophos);
  EXPECT_EQ(unasked->mode(), v1::PROTECTION_MODE_UNSPECIFIED);
  EXPECT_THAT(why_unread(*unasked, "mode"), HasSubstr("whether it runs is not known"));
}

TEST(SophosReader, SaysWhichFileCannotBeUsed) {
  for (const char* const file : {kScan, kHealth, kUpdate, kPolicy}) {
    for (const char* const text : {"", "<", "<on-access>vrai</on-access>", "<installState>"}) {
      ProductWorld world;
      fill(world);
      world.root().write(file, text);
      const v1::ProtectionProduct product = read(world);
      const bool is_mode = file == kScan || file == kHealth;
      const char* const fact = is_mode           ? "mode"
                               : file == kUpdate ? "last_update_succeeded_at"
                                                 : "exclusions";
      EXPECT_FALSE(why_unread(product, fact).empty()) << file << text;
      EXPECT_EQ(product.mode() == v1::PROTECTION_MODE_UNSPECIFIED, is_mode) << file << text;
    }
  }
  ProductWorld bare;
  bare.root().make_directory("/opt/sophos-spl/plugins/av");
  const v1::ProtectionProduct product = read(bare);
  for (const char* const fact :
       {"version", "mode", "real_time", "exclusions", "last_update_succeeded_at"}) {
    EXPECT_THAT(why_unread(product, fact), HasSubstr("/opt/sophos-spl/")) << fact;
  }
}

TEST(SophosReader, IsNotInstalledWithoutItsAntivirusPlugin) {
  ProductWorld world;
  world.root().make_directory("/opt/sophos-spl/plugins/edr");
  EXPECT_FALSE(world.read(read_sophos));
}

}  // namespace
}  // namespace muster::antivirus
