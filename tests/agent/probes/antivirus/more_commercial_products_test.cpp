// As commercial_products_test.cpp, of ESET and those behind it in the alphabet.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/timestamp.h"
#include "tests/agent/probes/antivirus/recordings.h"

namespace muster::antivirus::test {
namespace {

using protection::test::why_unread;
using testing::ElementsAre;
using testing::HasSubstr;
using v1::ProtectionProduct;

std::string time_of(const google::protobuf::Timestamp& time) {
  return to_iso8601(from_proto(time));
}

TEST(EsetReader, TellsItsModulesAndLicence) {
  const ProtectionProduct product =
      read_recorded("eset", {with("eset", "eset-licence", "2026-06-21", "2027-06-21")});
  EXPECT_EQ(product.version(), "12.0.13.0");
  EXPECT_EQ(product.engine_version(), "1629");
  EXPECT_EQ(product.loaded_signatures().version(), "31832");
  EXPECT_EQ(time_of(product.loaded_signatures().built_at()), "2025-09-09T00:00:00Z");
  EXPECT_EQ(product.licensed(), v1::ANSWER_YES);
  EXPECT_EQ(time_of(product.licence_ends_at()), "2027-06-21T00:00:00Z");
  EXPECT_EQ(product.running(), v1::ANSWER_YES);
  EXPECT_EQ(product.mode(), v1::PROTECTION_MODE_UNSPECIFIED);
  EXPECT_THAT(why_unread(product, "mode"), HasSubstr("real-time protection is on"));
}

TEST(EsetReader, SaysThatALicenceHasEndedOrIsNone) {
  EXPECT_EQ(read_recorded("eset").licensed(), v1::ANSWER_NO) << "on 2026-06-21";
  const ProtectionProduct last_day =
      read_recorded("eset", {with("eset", "eset-licence", "2026-06-21", "2026-11-22")});
  EXPECT_EQ(last_day.licensed(), v1::ANSWER_YES);
  const ProtectionProduct none =
      read_recorded("eset", {{"eset-licence", "Status: Not activated\n"}});
  EXPECT_EQ(none.licensed(), v1::ANSWER_NO);
  const ProtectionProduct other = read_recorded(
      "eset", {{"eset-licence", "Status: Aktiviert\nLicense Validity: 21.06.2027\n"}});
  EXPECT_EQ(other.licensed(), v1::ANSWER_UNSPECIFIED);
  EXPECT_THAT(why_unread(other, "licensed"), HasSubstr("Aktiviert"));
  EXPECT_THAT(why_unread(other, "licence_ends_at"), HasSubstr("21.06.2027"));
}

TEST(EsetReader, IsOffWhereItDoesNotRun) {
  const ProtectionProduct product = read_recorded("eset", {nothing_runs()});
  EXPECT_EQ(product.mode(), v1::PROTECTION_MODE_OFF);
  EXPECT_EQ(product.real_time(), v1::ANSWER_NO);
}

TEST(KasperskyReader, TellsWhatKeslControlTells) {
  const ProtectionProduct product = read_recorded("kaspersky");
  EXPECT_EQ(product.version(), "10.1.0.5960");
  EXPECT_EQ(product.running(), v1::ANSWER_YES);
  EXPECT_EQ(product.mode(), v1::PROTECTION_MODE_ON_DEMAND);
  EXPECT_EQ(product.mode_words(), "File Threat Protection: Available and stopped");
  EXPECT_EQ(product.real_time(), v1::ANSWER_NO);
  EXPECT_EQ(time_of(product.loaded_signatures().built_at()), "2018-08-23T04:11:00Z");
  EXPECT_EQ(product.loaded_signatures().count(), 11969941U);
  EXPECT_EQ(product.full_scan().result(), v1::CHECK_RESULT_NEVER);
  EXPECT_EQ(product.licensed(), v1::ANSWER_NO) << "its key is valid, and ended in 2019";
  EXPECT_EQ(time_of(product.licence_ends_at()), "2019-07-09T00:00:00Z");
}

// The names of version 12 as its maker's documentation and two checks for it have them.
constexpr const char* kKaspersky12 =
    R"(Name:                            Kaspersky Endpoint Security 12.0 for Linux
Version:                         12.0.0.6672
Policy:                          Not applied
License information:             The key is valid
License expiration date:         2027-03-15 23:59:59
Last run date of the Scan_My_Computer task: 2026-11-20 02:00:00
Last release date of databases:  2026-11-22 08:58:00
Application databases loaded:    Yes
File Threat Protection:          Available and running
)";

TEST(KasperskyReader, UnderstandsTheNamesOfVersion12) {
  const ProtectionProduct product = read_recorded("kaspersky", {{"kaspersky", kKaspersky12}});
  EXPECT_EQ(product.mode(), v1::PROTECTION_MODE_ACTIVE);
  EXPECT_EQ(product.real_time(), v1::ANSWER_YES);
  EXPECT_EQ(product.licensed(), v1::ANSWER_YES);
  EXPECT_EQ(time_of(product.licence_ends_at()), "2027-03-15T23:59:59Z");
  EXPECT_EQ(time_of(product.full_scan().started_at()), "2026-11-20T02:00:00Z");
  EXPECT_EQ(product.full_scan().result(), v1::CHECK_RESULT_UNSPECIFIED);
}

TEST(KasperskyReader, IsReducedWithoutDatabasesOrLicence) {
  std::string text = kKaspersky12;
  text.replace(text.find("loaded:    Yes"), 14, "loaded:    No ");
  const ProtectionProduct no_databases = read_recorded("kaspersky", {{"kaspersky", text}});
  EXPECT_EQ(no_databases.mode(), v1::PROTECTION_MODE_REDUCED);
  EXPECT_EQ(no_databases.mode_words(), "its databases are not loaded");
  EXPECT_FALSE(no_databases.has_loaded_signatures());
  text = kKaspersky12;
  text.replace(text.find("2027-03-15"), 10, "2026-03-15");
  const ProtectionProduct ended = read_recorded("kaspersky", {{"kaspersky", text}});
  EXPECT_EQ(ended.licensed(), v1::ANSWER_NO);
  EXPECT_EQ(ended.mode(), v1::PROTECTION_MODE_REDUCED);
  EXPECT_EQ(read_recorded("kaspersky", {nothing_runs()}).mode(), v1::PROTECTION_MODE_OFF);
}

TEST(KasperskyReader, DoesNotGuessWhatItSaysInAnotherLanguage) {
  // The names are those of its maker's documentation in Russian.
  const ProtectionProduct product = read_recorded(
      "kaspersky", {{"kaspersky",
                     "Название:                        Kaspersky Endpoint Security 12.0\n"
                     "Версия:                          12.0.0.6672\n"
                     "Информация о лицензии:           Ключ действителен\n"
                     "Базы приложения загружены:       Да\n"
                     "Защита от файловых угроз:        Доступна и запущена\n"}});
  EXPECT_EQ(product.mode(), v1::PROTECTION_MODE_UNSPECIFIED);
  for (const char* const fact :
       {"version", "mode", "real_time", "licensed", "loaded_signatures", "full_scan"}) {
    EXPECT_THAT(why_unread(product, fact), HasSubstr("another language")) << fact;
  }
}

TEST(SentinelOneReader, TellsWhatSentinelctlTells) {
  const ProtectionProduct product = read_recorded("sentinelone");
  EXPECT_EQ(product.version(), "30.1.1.10");
  EXPECT_EQ(product.engine_version(), "30.5.6.5");
  EXPECT_EQ(product.running(), v1::ANSWER_YES);
  EXPECT_EQ(product.mode(), v1::PROTECTION_MODE_ACTIVE);
  EXPECT_EQ(product.real_time(), v1::ANSWER_YES);
  EXPECT_EQ(product.management_connected(), v1::ANSWER_YES);
  EXPECT_EQ(product.management_server(), "https://server-101.example.net");
  EXPECT_TRUE(product.complaints().empty());
}

TEST(SentinelOneReader, SaysThatItIsDisabledOrInPart) {
  const ProtectionProduct off = read_recorded(
      "sentinelone",
      {with("sentinelone", "sentinelone", "Agent state      Enabled", "Agent state   Disabled")});
  EXPECT_EQ(off.mode(), v1::PROTECTION_MODE_OFF);
  EXPECT_EQ(off.real_time(), v1::ANSWER_NO);
  const ProtectionProduct in_part = read_recorded(
      "sentinelone",
      {with("sentinelone", "sentinelone-engines", "Dynamic engine                      Enabled",
            "Dynamic engine                      Disabled")});
  EXPECT_EQ(in_part.mode(), v1::PROTECTION_MODE_REDUCED);
  EXPECT_EQ(in_part.mode_words(), "Dynamic engine Disabled");
  EXPECT_EQ(in_part.real_time(), v1::ANSWER_NO);
}

TEST(SentinelOneReader, SaysThatItsConsoleIsNotReached) {
  const ProtectionProduct product =
      read_recorded("sentinelone",
                    {{"sentinelone-management",
                      "Anti Tamper                      Off\nConnectivity                     Off\n"
                      "URL                              undefined\n"}});
  EXPECT_EQ(product.management_connected(), v1::ANSWER_NO);
  EXPECT_EQ(product.management_server(), "");
  EXPECT_THAT(product.complaints(), ElementsAre(HasSubstr("tampering")));
}

TEST(TrendMicroReader, TellsWhatDsaQueryTells) {
  const ProtectionProduct product = read_recorded("trend-micro");
  EXPECT_EQ(product.version(), "12.5");
  EXPECT_EQ(product.engine_version(), "21.600.1005");
  EXPECT_EQ(product.running(), v1::ANSWER_YES);
  EXPECT_EQ(product.mode(), v1::PROTECTION_MODE_ACTIVE);
  EXPECT_EQ(product.real_time(), v1::ANSWER_YES);
  EXPECT_EQ(product.loaded_signatures().version(), "18.489.00");
  EXPECT_EQ(product.management_server(), "https://agents-004.workload.example.com:443/");
  EXPECT_EQ(time_of(product.management_last_contact_at()), "2026-08-03T15:39:00Z");
  EXPECT_EQ(product.licensed(), v1::ANSWER_NO) << "until 2023-06-14";
  EXPECT_EQ(time_of(product.licence_ends_at()), "2023-06-14T22:00:00Z");
}

TEST(TrendMicroReader, KnowsALicenceWithoutAnEnd) {
  const ProtectionProduct product = read_recorded(
      "trend-micro", {with("trend-micro", "trend-micro-components", "licenseExpiry: 1686780000",
                           "licenseExpiry: 2147483647")});
  EXPECT_EQ(product.licensed(), v1::ANSWER_YES);
  EXPECT_FALSE(product.has_licence_ends_at());
}

TEST(TrendMicroReader, IsReducedWithoutItsDriver) {
  for (const auto& [from, to] : {std::pair("AM.mode: on", "AM.mode: driver-offline"),
                                 std::pair("driverOffline: false", "driverOffline: true")}) {
    const ProtectionProduct product =
        read_recorded("trend-micro", {with("trend-micro", "trend-micro-components", from, to)});
    EXPECT_EQ(product.mode(), v1::PROTECTION_MODE_REDUCED) << to;
    EXPECT_EQ(product.real_time(), v1::ANSWER_NO) << to;
  }
  const ProtectionProduct off =
      read_recorded("trend-micro",
                    {with("trend-micro", "trend-micro-components", "AM.mode: on", "AM.mode: off")});
  EXPECT_EQ(off.mode(), v1::PROTECTION_MODE_OFF);
  const ProtectionProduct other = read_recorded(
      "trend-micro",
      {with("trend-micro", "trend-micro-components", "AM.mode: on", "AM.mode: on-detect")});
  EXPECT_EQ(other.mode(), v1::PROTECTION_MODE_UNSPECIFIED);
  EXPECT_THAT(why_unread(other, "mode"), HasSubstr("on-detect"));
}

TEST(TrendMicroReader, SaysThatNoManagerIsKnownToIt) {
  const ProtectionProduct product = read_recorded(
      "trend-micro", {with("trend-micro", "trend-micro-status",
                           "AgentStatus.dsmUrl: https://agents-004.workload.example.com:443/",
                           "AgentStatus.dsmUrl:")});
  EXPECT_EQ(product.management_connected(), v1::ANSWER_NO);
  EXPECT_EQ(product.management_server(), "");
  const ProtectionProduct red = read_recorded(
      "trend-micro",
      {with("trend-micro", "trend-micro-status", "agentState: green", "agentState: red")});
  EXPECT_THAT(red.complaints(), ElementsAre("agentState is red"));
}

}  // namespace
}  // namespace muster::antivirus::test
