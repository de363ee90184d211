#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/timestamp.h"
#include "tests/agent/probes/antivirus/recordings.h"

namespace muster::antivirus::test {
namespace {

using protection::test::ProductWorld;
using protection::test::why_unread;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using v1::ProtectionProduct;

constexpr const char* kProduct = "microsoft-defender";
constexpr const char* kPassive =
    R"("passiveModeEnabled":{"displayValue":true,"isManaged":false,"value":true})";
constexpr const char* kActive =
    R"("passiveModeEnabled":{"displayValue":true,"isManaged":false,"value":false})";
constexpr const char* kOff =
    R"("realTimeProtectionEnabled":{"displayValue":true,"isManaged":false,"value":false})";
constexpr const char* kOn =
    R"("realTimeProtectionEnabled":{"displayValue":true,"isManaged":true,"value":true})";

std::string time_of(const google::protobuf::Timestamp& time) {
  return to_iso8601(from_proto(time));
}

// The recorded health, made an active one and then changed.
RecordedAnswer active_health(std::string_view from = "", std::string_view to = "") {
  std::string text = with(kProduct, kProduct, kPassive, kActive).second;
  text.replace(text.find(kOff), std::string_view(kOff).size(), kOn);
  const size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return {kProduct, text.replace(at, from.size(), to)};
}

TEST(DefenderReader, IsPassiveThoughItSaysThatItIsHealthy) {
  const ProtectionProduct product = read_recorded(kProduct);
  EXPECT_EQ(product.version(), "101.23062.0010");
  EXPECT_EQ(product.engine_version(), "1.1.23070.1002");
  EXPECT_EQ(product.running(), v1::ANSWER_YES);
  EXPECT_EQ(product.mode(), v1::PROTECTION_MODE_PASSIVE);
  EXPECT_EQ(product.mode_words(), "passive mode");
  EXPECT_EQ(product.real_time(), v1::ANSWER_NO);
  EXPECT_EQ(product.licensed(), v1::ANSWER_YES);
  EXPECT_EQ(product.loaded_signatures().version(), "1.395.30.0");
  EXPECT_EQ(time_of(product.last_update_succeeded_at()), "2023-08-09T13:19:13Z");
  EXPECT_EQ(product.updates_scheduled(), v1::ANSWER_YES);
  EXPECT_EQ(product.update_error(), "");
  EXPECT_THAT(product.complaints(), ElementsAre(HasSubstr("not supported any more")))
      << "since 2024-04-10";
}

TEST(DefenderReader, TellsTheModesApart) {
  EXPECT_EQ(read_recorded(kProduct, {active_health()}).mode(), v1::PROTECTION_MODE_ACTIVE);
  EXPECT_EQ(read_recorded(kProduct, {active_health()}).real_time(), v1::ANSWER_YES);
  const ProtectionProduct off = read_recorded(kProduct, {active_health(kOn, kOff)});
  EXPECT_EQ(off.mode(), v1::PROTECTION_MODE_ON_DEMAND);
  const ProtectionProduct unavailable =
      read_recorded(kProduct, {active_health("\"realTimeProtectionAvailable\":true",
                                             "\"realTimeProtectionAvailable\":false")});
  EXPECT_EQ(unavailable.mode(), v1::PROTECTION_MODE_REDUCED);
  EXPECT_EQ(unavailable.real_time(), v1::ANSWER_NO);
  const ProtectionProduct ill = read_recorded(
      kProduct, {active_health("\"healthIssues\":[],\"healthy\":true",
                               "\"healthIssues\":[\"missing license\",7],\"healthy\":false")});
  EXPECT_EQ(ill.mode(), v1::PROTECTION_MODE_REDUCED);
  EXPECT_EQ(ill.mode_words(), "not healthy");
  EXPECT_EQ(ill.complaints(1), "missing license");
  EXPECT_EQ(read_recorded(kProduct, {active_health(), nothing_runs()}).mode(),
            v1::PROTECTION_MODE_OFF);
}

TEST(DefenderReader, SaysWhatAnOldVersionSaysWithoutAValueInAnObject) {
  const ProtectionProduct product =
      read_recorded(kProduct, {{kProduct,
                                R"({"healthy":true,"licensed":false,"passiveModeEnabled":false,
                      "realTimeProtectionEnabled":true,"definitionsVersion":"1.2.3.0"})"}});
  EXPECT_EQ(product.mode(), v1::PROTECTION_MODE_ACTIVE);
  EXPECT_EQ(product.licensed(), v1::ANSWER_NO);
  EXPECT_THAT(why_unread(product, "version"), HasSubstr("appVersion"));
  EXPECT_THAT(why_unread(product, "last_update_succeeded_at"), HasSubstr("definitionsUpdated"));
}

TEST(DefenderReader, DoesNotGuessAValueOfAnotherKind) {
  for (const char* const value : {"\"enabled\"", "1", "null", "{}", "[true]"}) {
    const ProtectionProduct product = read_recorded(
        kProduct, {active_health(kActive, std::string("\"passiveModeEnabled\":") + value)});
    EXPECT_EQ(product.mode(), v1::PROTECTION_MODE_UNSPECIFIED) << value;
    EXPECT_FALSE(why_unread(product, "mode").empty()) << value;
  }
  for (const char* const time : {"\"Jul 01, 2020\"", "\"unavailable\"", "-5", "99999999999999999",
                                 "99999999999999999999", "0"}) {
    const ProtectionProduct product =
        read_recorded(kProduct, {active_health("\"definitionsUpdated\":\"1691587153787\"",
                                               std::string("\"definitionsUpdated\":") + time)});
    EXPECT_FALSE(product.has_last_update_succeeded_at()) << time;
    EXPECT_FALSE(why_unread(product, "last_update_succeeded_at").empty()) << time;
  }
}

TEST(DefenderReader, SaysThatAnUpdateFailed) {
  const ProtectionProduct product = read_recorded(
      kProduct, {active_health("\"$type\":\"upToDate\"", "\"$type\":\"unavailable\"")});
  EXPECT_EQ(product.update_error(), "definitionsStatus: unavailable");
}

TEST(DefenderReader, ListsExclusionsOfEachKind) {
  const ProtectionProduct product = read_recorded(kProduct);
  ASSERT_EQ(product.exclusions_size(), 3);
  EXPECT_EQ(product.exclusion_count(), 3U);
  EXPECT_EQ(product.exclusions(0).kind() + " " + product.exclusions(0).value(), "path /srv/db");
  EXPECT_EQ(product.exclusions(1).kind() + " " + product.exclusions(1).value(), "extension pdf");
  EXPECT_EQ(product.exclusions(2).kind() + " " + product.exclusions(2).value(), "process cat");
  const ProtectionProduct none = read_recorded(kProduct, {{"microsoft-defender-exclusions", "[]"}});
  EXPECT_TRUE(none.has_exclusion_count());
  EXPECT_EQ(none.exclusion_count(), 0U);
  EXPECT_EQ(why_unread(none, "exclusions"), "");
}

TEST(DefenderReader, SaysThatExclusionsMayBeMissing) {
  // The list for people, a kind of a later version, a word instead of an entry.
  for (const char* const text :
       {"Excluded folder\nPath: \"/srv\"\n", R"([{"$type":"excludedDomain","domain":"x"}])",
        R"(["/srv"])", R"({"exclusions":"none"})"}) {
    const ProtectionProduct product =
        read_recorded(kProduct, {{"microsoft-defender-exclusions", text}});
    EXPECT_FALSE(product.has_exclusion_count()) << text;
    EXPECT_THAT(why_unread(product, "exclusions"), HasSubstr("not of the form")) << text;
  }
}

TEST(DefenderReader, ReadsTheManagedSettings) {
  ProductWorld world;
  world.root().make_directory("/opt/microsoft/mdatp");
  // The places of old and new settings in Microsoft's documentation.
  world.root().write("/etc/opt/microsoft/mdatp/managed/mdatp_managed.json", R"({
    "antivirusEngine": {"exclusions": [
      {"$type":"excludedPath","isDirectory":true,"path":"/home/*/git"}]},
    "exclusionSettings": {"exclusions": [
      {"$type":"excludedPath","isDirectory":true,"path":"/run","scopes":["global"]},
      {"$type":"excludedFileExtension","extension":".pdf","scopes":["epp"]}]}
  })");
  const auto product = world.read(recorded(kProduct).read);
  ASSERT_TRUE(product);
  ASSERT_EQ(product->exclusions_size(), 3);
  EXPECT_EQ(product->exclusions(0).value(), "/home/*/git");
  EXPECT_THAT(why_unread(*product, "exclusions"), HasSubstr("nobody was asked"))
      << "there may be local ones";
}

TEST(DefenderReader, SaysThatTheManagedSettingsAreBroken) {
  for (const char* const text : {"{", "", "[]", "no json"}) {
    ProductWorld world;
    world.root().make_directory("/opt/microsoft/mdatp");
    world.root().write("/etc/opt/microsoft/mdatp/managed/mdatp_managed.json", text);
    world.answer("microsoft-defender-exclusions", "[]");
    const auto product = world.read(recorded(kProduct).read);
    EXPECT_THAT(why_unread(*product, "exclusions"), HasSubstr("mdatp_managed.json")) << text;
  }
}

TEST(DefenderReader, TellsTheLastScanOfEachKind) {
  const ProtectionProduct product = read_recorded(kProduct);
  EXPECT_EQ(product.full_scan().result(), v1::CHECK_RESULT_CLEAN);
  EXPECT_EQ(time_of(product.full_scan().started_at()), "2025-11-20T00:53:20Z");
  EXPECT_EQ(time_of(product.full_scan().ended_at()), "2025-11-20T01:53:20Z");
  EXPECT_EQ(product.quick_scan().result(), v1::CHECK_RESULT_CLEAN);
  const ProtectionProduct found = read_recorded(
      kProduct, {with(kProduct, "microsoft-defender-scans", "\"threats\":[]", "\"threats\":[{}]")});
  EXPECT_EQ(found.full_scan().result(), v1::CHECK_RESULT_FOUND);
  EXPECT_EQ(found.full_scan().found(), 1U);
  const ProtectionProduct none = read_recorded(kProduct, {{"microsoft-defender-scans", "[]"}});
  EXPECT_FALSE(none.has_full_scan()) << "it tells of the last seven alone";
  EXPECT_THAT(why_unread(none, "full_scan"), HasSubstr("no full scan among its last 0"));
}

TEST(DefenderReader, CountsThreatsThatNobodyDealtWith) {
  const ProtectionProduct product = read_recorded(kProduct);
  EXPECT_EQ(product.threats_found(), 1U);
  EXPECT_EQ(product.threats_unresolved(), 0U);
  const ProtectionProduct waiting = read_recorded(
      kProduct, {with(kProduct, "microsoft-defender-threats", "\"quarantined\"", "\"failed\"")});
  EXPECT_EQ(waiting.threats_unresolved(), 1U);
  const ProtectionProduct unknown = read_recorded(
      kProduct, {with(kProduct, "microsoft-defender-threats", "\"quarantined\"", "\"pending\"")});
  EXPECT_FALSE(unknown.has_threats_unresolved());
  EXPECT_THAT(why_unread(unknown, "threats_unresolved"), HasSubstr("'pending'"));
  const ProtectionProduct none =
      read_recorded(kProduct, {{"microsoft-defender-threats", R"({"threats":{"scans":[]}})"}});
  EXPECT_EQ(none.threats_found(), 0U);
  EXPECT_TRUE(none.has_threats_unresolved());
}

TEST(DefenderReader, KnowsTheJobThatScans) {
  EXPECT_EQ(read_recorded(kProduct).checks_scheduled(), v1::ANSWER_NO);
  ProductWorld world;
  world.root().make_directory("/opt/microsoft/mdatp");
  world.root().write("/etc/cron.d/mdatp", "0 2 * * 6 root /usr/bin/mdatp scan full\n");
  const auto product = world.read(recorded(kProduct).read);
  EXPECT_EQ(product->checks_scheduled(), v1::ANSWER_YES);
}

}  // namespace
}  // namespace muster::antivirus::test
