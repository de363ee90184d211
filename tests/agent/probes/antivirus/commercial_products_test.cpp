// What is read of the recorded answers of the products that tell their state by a command, and of
// the same with single words changed to what is documented for a bad state.
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

TEST(BitdefenderReader, TellsWhatBduitoolTells) {
  const ProtectionProduct product = read_recorded("bitdefender");
  EXPECT_EQ(product.version(), "7.0.3.2239");
  EXPECT_EQ(product.running(), v1::ANSWER_YES);
  EXPECT_EQ(product.mode(), v1::PROTECTION_MODE_ACTIVE);
  EXPECT_EQ(product.loaded_signatures().version(), "7.95171");
  EXPECT_FALSE(product.loaded_signatures().has_built_at());
  EXPECT_EQ(time_of(product.last_update_succeeded_at()), "2023-08-24T09:44:37Z");
  EXPECT_THAT(why_unread(product, "real_time"), HasSubstr("not of scanning on access"));
}

TEST(BitdefenderReader, IsOffWhereItsModuleIsOff) {
  const ProtectionProduct product = read_recorded(
      "bitdefender",
      {with("bitdefender", "bitdefender", "Antimalware status: On", "Antimalware status: Off")});
  EXPECT_EQ(product.mode(), v1::PROTECTION_MODE_OFF);
  EXPECT_EQ(product.mode_words(), "Antimalware status: Off");
  EXPECT_EQ(product.real_time(), v1::ANSWER_NO);
}

TEST(BitdefenderReader, DoesNotGuessAWordItDoesNotKnow) {
  for (const char* const word : {"Antimalware status: Expired", "Antimalware status: O",
                                 "Antimalware status:", "Antimalware status: on"}) {
    const ProtectionProduct product = read_recorded(
        "bitdefender", {with("bitdefender", "bitdefender", "Antimalware status: On", word)});
    EXPECT_EQ(product.mode(), v1::PROTECTION_MODE_UNSPECIFIED) << word;
    EXPECT_THAT(why_unread(product, "mode"), HasSubstr("which Muster does not understand")) << word;
    EXPECT_FALSE(why_unread(product, "running").empty()) << word;
  }
}

TEST(BitdefenderReader, ReadsTimesOfEveryZoneAndNothingElse) {
  constexpr std::string_view kRecorded = "11:44:37 GMT+2";
  const auto update_with = [&](std::string_view zone) {
    return read_recorded("bitdefender", {with("bitdefender", "bitdefender", kRecorded,
                                              std::string("11:44:37") + std::string(zone))});
  };
  EXPECT_EQ(time_of(update_with(" GMT").last_update_succeeded_at()), "2023-08-24T11:44:37Z");
  EXPECT_EQ(time_of(update_with(" GMT-5").last_update_succeeded_at()), "2023-08-24T16:44:37Z");
  EXPECT_EQ(time_of(update_with(" GMT+5:30").last_update_succeeded_at()), "2023-08-24T06:14:37Z");
  EXPECT_EQ(time_of(update_with(" GMT+12").last_update_succeeded_at()), "2023-08-23T23:44:37Z");
  for (const char* const zone : {"", " CEST", " GMT+", " GMT2", " GMT+x", " GMT+99", " GMT+2:"}) {
    const ProtectionProduct product = update_with(zone);
    EXPECT_FALSE(product.has_last_update_succeeded_at()) << zone;
    EXPECT_THAT(why_unread(product, "last_update_succeeded_at"), HasSubstr("11:44:37")) << zone;
  }
}

TEST(BitdefenderReader, ComplainsOfContentThatIsNotInstalled) {
  const ProtectionProduct product = read_recorded(
      "bitdefender", {with("bitdefender", "bitdefender", "New security content available: no",
                           "New security content available: yes")});
  EXPECT_THAT(product.complaints(),
              ElementsAre("new security content is available and not installed"));
}

TEST(CortexReader, TellsWhatCytoolTells) {
  const ProtectionProduct product = read_recorded("cortex-xdr");
  EXPECT_EQ(product.version(), "8.2.1.120305");
  EXPECT_EQ(product.running(), v1::ANSWER_YES);
  EXPECT_EQ(product.mode(), v1::PROTECTION_MODE_ACTIVE);
  EXPECT_EQ(product.real_time(), v1::ANSWER_YES);
  EXPECT_EQ(product.loaded_signatures().version(), "1270-120305");
}

TEST(CortexReader, IsReducedWhereADaemonThatProtectsHasStopped) {
  // The row as an other recording has it.
  const ProtectionProduct product = read_recorded(
      "cortex-xdr",
      {with("cortex-xdr", "cortex-xdr",
            "lted      1862       cortexu+               Running               /opt/traps/python/"
            "payload/lted",
            "lted       N/A            N/A               STOPPED\t\tN/A")});
  EXPECT_EQ(product.mode(), v1::PROTECTION_MODE_REDUCED);
  EXPECT_EQ(product.mode_words(), "lted stopped");
  EXPECT_EQ(product.real_time(), v1::ANSWER_YES);
}

TEST(CortexReader, IsOffWhereItsMainDaemonHasStopped) {
  const ProtectionProduct product = read_recorded(
      "cortex-xdr", {{"cortex-xdr", "Name PID User Status Command\npmd N/A N/A STOPPED N/A\n"}});
  EXPECT_EQ(product.running(), v1::ANSWER_NO);
  EXPECT_EQ(product.mode(), v1::PROTECTION_MODE_OFF);
  EXPECT_EQ(product.real_time(), v1::ANSWER_NO);
}

TEST(CortexReader, DoesNotTakeHalfOfTheTableForAll) {
  const ProtectionProduct product =
      read_recorded("cortex-xdr", {{"cortex-xdr",
                                    "pmd 1092 root Running /opt/traps/bin/pmd\n"
                                    "dypd 1707 root Starting /opt/traps/bin/dypdng\n"}});
  EXPECT_EQ(product.running(), v1::ANSWER_YES);
  EXPECT_EQ(product.mode(), v1::PROTECTION_MODE_UNSPECIFIED);
  EXPECT_THAT(why_unread(product, "mode"), HasSubstr("'Starting' of 'dypd'"));
  EXPECT_FALSE(why_unread(product, "real_time").empty());
}

TEST(FalconReader, TellsWhatFalconctlTells) {
  const ProtectionProduct product = read_recorded("crowdstrike-falcon");
  EXPECT_EQ(product.version(), "6.24.12104.0");
  EXPECT_EQ(product.running(), v1::ANSWER_YES);
  EXPECT_EQ(product.mode(), v1::PROTECTION_MODE_ACTIVE);
  EXPECT_EQ(product.real_time(), v1::ANSWER_YES);
  EXPECT_TRUE(why_unread(product, "mode").empty());
  EXPECT_FALSE(product.has_loaded_signatures());
  EXPECT_TRUE(why_unread(product, "loaded_signatures").empty()) << "it has none";
}

TEST(FalconReader, IsReducedInReducedFunctionalityMode) {
  // From an incident's description: one setting a line, each with a dot at its end.
  const ProtectionProduct product = read_recorded(
      "crowdstrike-falcon", {{"crowdstrike-falcon",
                              "aid=\"44e3b7d20b434a2bb2815d9808fa3a8b\".\nrfm-state=true.\n"
                              "rfm-reason=Modules file was not found, code=0xC0000034.\n"
                              "version = 7.20.0-17306.\n"}});
  EXPECT_EQ(product.mode(), v1::PROTECTION_MODE_REDUCED);
  EXPECT_EQ(product.mode_words(), "RFM: Modules file was not found");
  EXPECT_EQ(product.real_time(), v1::ANSWER_NO);
  EXPECT_EQ(product.version(), "7.20.0-17306");
  EXPECT_EQ(product.running(), v1::ANSWER_YES);
}

TEST(FalconReader, HasNoReasonThatIsNone) {
  const ProtectionProduct product = read_recorded(
      "crowdstrike-falcon",
      {{"crowdstrike-falcon", "rfm-state=true, rfm-reason=None, version = 7.20.0-17306."}});
  EXPECT_EQ(product.mode_words(), "RFM, without a reason");
}

TEST(FalconReader, UnderstandsEveryFormThatWasSeen) {
  // What stands right behind the version; an end with a comma; a value that is not set.
  const ProtectionProduct glued = read_recorded(
      "crowdstrike-falcon",
      {{"crowdstrike-falcon",
        "aid is not set, apd is not set, rfm-state=true, rfm-reason=Unspecified, code=0xC0000001, "
        "version = 5.34.9918.0Sensor grouping tags are not set,"}});
  EXPECT_EQ(glued.version(), "5.34.9918.0");
  EXPECT_EQ(glued.mode_words(), "RFM: Unspecified");
  EXPECT_EQ(glued.management_connected(), v1::ANSWER_NO);
  EXPECT_THAT(glued.complaints(), ElementsAre(HasSubstr("no agent id")));
  const ProtectionProduct lines = read_recorded(
      "crowdstrike-falcon", {{"crowdstrike-falcon",
                              "cid=\"79391c24\", aid=\"f3edc954\", version = 7.29.18202.0\n"
                              "rfm-state=false,"}});
  EXPECT_EQ(lines.version(), "7.29.18202.0");
  EXPECT_EQ(lines.mode(), v1::PROTECTION_MODE_ACTIVE);
}

TEST(FalconReader, DoesNotTrustTheStateOfASensorThatDoesNotRun) {
  const ProtectionProduct stopped = read_recorded("crowdstrike-falcon", {nothing_runs()});
  EXPECT_EQ(stopped.running(), v1::ANSWER_NO);
  EXPECT_EQ(stopped.mode(), v1::PROTECTION_MODE_OFF);
  EXPECT_EQ(stopped.real_time(), v1::ANSWER_NO);
  const ProtectionProduct unset = read_recorded(
      "crowdstrike-falcon",
      {{"crowdstrike-falcon",
        "cid=\"9c50db0d\", aid is not set, version = 7.30.18306.0\nrfm-state is not set, \n"}});
  EXPECT_EQ(unset.mode(), v1::PROTECTION_MODE_UNSPECIFIED);
  EXPECT_THAT(why_unread(unset, "mode"), HasSubstr("not set"));
  EXPECT_THAT(why_unread(unset, "real_time"), HasSubstr("not set"));
}

TEST(FalconReader, DoesNotGuessAStateItDoesNotKnow) {
  for (const char* const text : {"rfm-state=maybe.", "rfm-state?false.", "rfm-state=", "",
                                 "xrfm-state=false.", "version = x."}) {
    const ProtectionProduct product =
        read_recorded("crowdstrike-falcon", {{"crowdstrike-falcon", text}});
    EXPECT_EQ(product.mode(), v1::PROTECTION_MODE_UNSPECIFIED) << text;
    EXPECT_FALSE(why_unread(product, "mode").empty()) << text;
    EXPECT_FALSE(why_unread(product, "real_time").empty()) << text;
    EXPECT_FALSE(why_unread(product, "version").empty()) << text;
  }
}

TEST(DrwebReader, TellsWhatDrwebctlTells) {
  const ProtectionProduct product = read_recorded("drweb");
  EXPECT_EQ(product.version(), "11.1.2.1907091642");
  EXPECT_EQ(product.engine_version(), "7.00.47.04280");
  EXPECT_EQ(product.mode(), v1::PROTECTION_MODE_ACTIVE);
  EXPECT_EQ(product.real_time(), v1::ANSWER_YES);
  EXPECT_EQ(time_of(product.loaded_signatures().built_at()), "2020-08-11T18:40:16Z");
  EXPECT_EQ(product.loaded_signatures().count(), 9118543U);
  EXPECT_EQ(time_of(product.last_update_succeeded_at()), "2020-08-11T20:42:37Z");
  EXPECT_EQ(product.updates_scheduled(), v1::ANSWER_YES);
  EXPECT_EQ(product.licensed(), v1::ANSWER_YES);
  EXPECT_EQ(time_of(product.licence_ends_at()), "2027-02-01T00:00:00Z");
}

TEST(DrwebReader, IsOffWithALicenceThatHasEnded) {
  const ProtectionProduct product =
      read_recorded("drweb", {with("drweb", "drweb-license", "2027-Feb-01", "2026-Nov-21")});
  EXPECT_EQ(product.licensed(), v1::ANSWER_NO);
  EXPECT_EQ(product.mode(), v1::PROTECTION_MODE_OFF);
  EXPECT_EQ(product.mode_words(), "its licence has ended");
  EXPECT_EQ(product.real_time(), v1::ANSWER_NO);
}

TEST(DrwebReader, LooksOnDemandWithoutSpiderGuard) {
  const ProtectionProduct product =
      read_recorded("drweb", {{"processes", "700 0 drweb-configd\n701 1000 drweb-spider\n"}});
  EXPECT_EQ(product.running(), v1::ANSWER_YES);
  EXPECT_EQ(product.mode(), v1::PROTECTION_MODE_ON_DEMAND) << "a user's process is no evidence";
  EXPECT_EQ(product.real_time(), v1::ANSWER_NO);
  const ProtectionProduct stopped = read_recorded("drweb", {nothing_runs()});
  EXPECT_EQ(stopped.mode(), v1::PROTECTION_MODE_OFF);
}

TEST(DrwebReader, SaysThatNoUpdateIsKnownAndWhoGrantsTheLicence) {
  const ProtectionProduct product = read_recorded(
      "drweb", {with("drweb", "drweb", "Last successful update: 2020-Aug-11 20:42:37",
                     "Last successful update: unknown"),
                {"drweb-license", "The license is granted by the protection server\n"}});
  EXPECT_FALSE(product.has_last_update_succeeded_at());
  EXPECT_THAT(product.complaints(), ElementsAre(HasSubstr("no update that succeeded")));
  EXPECT_EQ(product.licensed(), v1::ANSWER_YES);
  EXPECT_FALSE(product.has_licence_ends_at());
}

TEST(DrwebReader, DoesNotGuessALicenceItDoesNotUnderstand) {
  const ProtectionProduct product =
      read_recorded("drweb", {{"drweb-license", "Лицензия истекает 2027-02-01\n"}});
  EXPECT_EQ(product.licensed(), v1::ANSWER_UNSPECIFIED);
  EXPECT_THAT(why_unread(product, "licensed"), HasSubstr("Лицензия"));
}

}  // namespace
}  // namespace muster::antivirus::test
