// What the look makes of a daemon's answers, and what it takes of them at most.
#include "agent/probes/firmware_fwupd/fwupd_look.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "agent/probes/firmware_fwupd/dictionaries.h"
#include "muster/v1/fwupd_facts.pb.h"
#include "tests/agent/probes/firmware_fwupd/fake_bus.h"

namespace muster::fwupd {
namespace {

using namespace std::chrono_literals;
using test::FakeBus;
using test::FakeDictionary;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr uint64_t kUpdatable = 1 << 1;
constexpr uint64_t kSupported = 1 << 5;
constexpr uint64_t kNeedsReboot = 1 << 8;

FakeDictionary webcam(uint64_t flags = kUpdatable | kSupported) {
  return {{"DeviceId", "08d460be"}, {"Guid", std::vector<std::string>{"b585990a"}},
          {"Name", "Webcam"},       {"Version", "1.2.2"},
          {"Serial", "0123456789"}, {"Flags", flags}};
}

v1::FwupdFacts facts_of(const v1::Section& section) {
  v1::FwupdFacts facts;
  EXPECT_EQ(section.outcome(), v1::OUTCOME_OBSERVED) << section.reason();
  EXPECT_TRUE(facts.ParseFromString(section.facts()));
  return facts;
}
v1::FwupdFacts look_at(FakeBus& bus) {
  return facts_of(look_at_fwupd(bus.start(), 20s));
}

TEST(FwupdLook, TellsOfADaemonWithoutDevicesThatThereAreNone) {
  FakeBus bus;
  const v1::FwupdFacts facts = look_at(bus);
  EXPECT_EQ(facts.daemon_version(), "2.0.20");
  EXPECT_THAT(facts.devices(), IsEmpty());
  EXPECT_THAT(facts.unreadable(), IsEmpty());
}

TEST(FwupdLook, TakesWhatItNeedsOfADeviceAndLeavesItsSerialNumber) {
  FakeBus bus;
  bus.on("GetDevices", std::vector<FakeDictionary>{webcam(kUpdatable | kNeedsReboot)});
  bus.on("GetUpgrades",
         std::vector<FakeDictionary>{
             {{"Version", "1.2.4"}, {"Urgency", uint32_t{2}}, {"Created", uint64_t{1756684800}}},
             {{"Version", "1.2.3"}, {"Urgency", uint32_t{99}}, {"Created", UINT64_MAX}}});
  const v1::FwupdFacts facts = look_at(bus);
  ASSERT_EQ(facts.devices_size(), 1);
  const v1::FwupdDevice& device = facts.devices(0);
  EXPECT_TRUE(device.needs_reboot());
  EXPECT_EQ(device.upgrades_state(), v1::FIRMWARE_UPGRADES_STATE_TOLD);
  ASSERT_EQ(device.upgrades_size(), 2);
  EXPECT_EQ(device.upgrades(0).urgency(), v1::FIRMWARE_URGENCY_MEDIUM);
  EXPECT_EQ(device.upgrades(0).released_at().seconds(), 1756684800);
  EXPECT_EQ(device.upgrades(1).urgency(), v1::FIRMWARE_URGENCY_UNSPECIFIED);
  EXPECT_FALSE(device.upgrades(1).has_released_at());
  EXPECT_THAT(facts.DebugString(), Not(HasSubstr("0123456789")));
}

TEST(FwupdLook, TellsWhatIsKnownOfUpgradesByWhatTheDaemonSays) {
  const std::string prefix = "org.freedesktop.fwupd.";
  struct Case {
    uint64_t flags;
    std::string error;
    v1::FirmwareUpgradesState state;
    int unreadable;
  };
  for (const Case& each : {
           Case{kUpdatable | kSupported, prefix + "NothingToDo", v1::FIRMWARE_UPGRADES_STATE_TOLD,
                0},
           Case{kUpdatable, prefix + "NothingToDo", v1::FIRMWARE_UPGRADES_STATE_NOT_IN_METADATA, 0},
           Case{kUpdatable, prefix + "NotSupported", v1::FIRMWARE_UPGRADES_STATE_NOT_IN_METADATA,
                0},
           Case{0, prefix + "Internal", v1::FIRMWARE_UPGRADES_STATE_NOT_UPDATABLE, 0},
           Case{kUpdatable | kSupported, prefix + "Internal",
                v1::FIRMWARE_UPGRADES_STATE_UNSPECIFIED, 1},
       }) {
    FakeBus bus;
    bus.on("GetDevices", std::vector<FakeDictionary>{webcam(each.flags)});
    bus.refuse("GetUpgrades", each.error);
    const v1::FwupdFacts facts = look_at(bus);
    EXPECT_EQ(facts.devices(0).upgrades_state(), each.state) << each.error;
    EXPECT_EQ(facts.unreadable_size(), each.unreadable) << each.error;
  }
}

TEST(FwupdLook, SaysWhyTheLastUpdateFailedAlsoWhereOnlyTheHistoryHasIt) {
  FakeBus bus;
  FakeDictionary other = webcam(0);
  other[0].second = "other";
  other.emplace_back("UpdateState", uint32_t{5});
  FakeDictionary updated = webcam(0);
  updated[0].second = "updated";
  bus.on("GetDevices", std::vector<FakeDictionary>{webcam(0), other, updated});
  bus.on("GetHistory",
         std::vector<FakeDictionary>{{{"DeviceId", "08d460be"},
                                      {"UpdateState", uint32_t{3}},
                                      {"UpdateError", "the battery was low"}},
                                     {{"DeviceId", "updated"}, {"UpdateState", uint32_t{2}}}});
  const v1::FwupdFacts facts = look_at(bus);
  ASSERT_EQ(facts.devices_size(), 3);
  EXPECT_EQ(facts.devices(0).failed_update(), "the battery was low");
  EXPECT_EQ(facts.devices(1).failed_update(), "fwupd does not say why");
  EXPECT_EQ(facts.devices(2).failed_update(), "");
}

TEST(FwupdLook, TellsOfEnabledRemotesFromWhenTheyAre) {
  FakeBus bus;
  bus.on("GetRemotes", std::vector<FakeDictionary>{{{"RemoteId", "lvfs"},
                                                    {"Type", uint32_t{1}},
                                                    {"Enabled", true},
                                                    {"ModificationTime", uint64_t{1790000000}}},
                                                   {{"RemoteId", "far"},
                                                    {"Type", uint32_t{1}},
                                                    {"Enabled", true},
                                                    {"ModificationTime", uint64_t{UINT64_MAX}}},
                                                   {{"RemoteId", "beyond 9999"},
                                                    {"Enabled", true},
                                                    {"ModificationTime", uint64_t{253402300800}}},
                                                   {{"RemoteId", "off"}, {"Enabled", false}}});
  const v1::FwupdFacts facts = look_at(bus);
  ASSERT_EQ(facts.remotes_size(), 3);
  EXPECT_EQ(facts.remotes(0).id(), "beyond 9999");
  EXPECT_FALSE(facts.remotes(0).has_modified_at());
  EXPECT_EQ(facts.remotes(1).id(), "far");
  EXPECT_FALSE(facts.remotes(1).has_modified_at());
  EXPECT_EQ(facts.remotes(2).modified_at().seconds(), 1790000000);
  EXPECT_TRUE(facts.remotes(2).fetched());
}

TEST(FwupdLook, HasASecurityIdThatIsOne) {
  for (const auto& [told, taken] : std::vector<std::pair<std::string, std::string>>{
           {"HSI:1! (v2.0.20)", "HSI:1! (v2.0.20)"},
           {"HSI:INVALID:chassis[(null)] (v2.0.20)", ""},
           {"HSI:", ""},
           {"", ""}}) {
    FakeBus bus;
    bus.on("GetAll", FakeDictionary{{"HostSecurityId", told}});
    EXPECT_EQ(look_at(bus).host_security_id(), taken);
  }
}

TEST(FwupdLook, TakesNoMoreThanItsBoundsAndSaysWhatIsLeftOut) {
  FakeBus bus;
  FakeDictionary device = webcam();
  device[1].second = std::vector<std::string>(kMostTexts + 1, "b585990a");
  device[2].second = std::string(kLongestText + 1, 'x');
  bus.on("GetDevices", std::vector<FakeDictionary>(kMostDevices + 1, device));
  bus.on("GetUpgrades",
         std::vector<FakeDictionary>(kMostReleases + 1, FakeDictionary{{"Version", "1.2.4"}}));
  bus.on("GetHostSecurityAttrs",
         std::vector<FakeDictionary>(kMostAttributes + 1, FakeDictionary{{"AppstreamId", "it"}}));
  bus.on("GetRemotes",
         std::vector<FakeDictionary>(kMostRemotes + 1,
                                     FakeDictionary{{"RemoteId", "it"}, {"Enabled", true}}));
  const v1::FwupdFacts facts = look_at(bus);
  EXPECT_EQ(facts.devices_size(), int{kMostDevices});
  EXPECT_EQ(facts.devices(0).guids_size(), int{kMostTexts});
  EXPECT_EQ(facts.devices(0).name().size(), kLongestText);
  EXPECT_EQ(facts.devices(0).upgrades_size(), int{kMostReleases});
  // What is left out may be what is urgent.
  EXPECT_EQ(facts.devices(0).upgrades_state(), v1::FIRMWARE_UPGRADES_STATE_UNSPECIFIED);
  size_t releases = 0;
  for (const v1::FwupdDevice& each : facts.devices())
    releases += static_cast<size_t>(each.upgrades_size());
  EXPECT_EQ(releases, kMostReleasesInAll);
  EXPECT_EQ(facts.security_attributes_size(), int{kMostAttributes});
  EXPECT_EQ(facts.remotes_size(), int{kMostRemotes});
  EXPECT_EQ(facts.unreadable_size(), int{kMostUnreadable});
  EXPECT_EQ(facts.unreadable(0).path(), "GetDevices");
  EXPECT_EQ(facts.unreadable(0).error(), "fwupd told of 1 more than are taken");
}

TEST(FwupdLook, TakesNoMoreEntriesOfADictionaryThanItsBound) {
  for (const size_t before : {kMostEntries - 1, kMostEntries}) {
    FakeBus bus;
    FakeDictionary properties;
    for (size_t i = 0; i < before; ++i)
      properties.emplace_back(fmt::format("Property{}", i), "x");
    properties.emplace_back("DaemonVersion", "2.0.20");
    bus.on("GetAll", properties);
    EXPECT_EQ(look_at(bus).daemon_version(), before < kMostEntries ? "2.0.20" : "");
  }
}

TEST(FwupdLook, PassesOverValuesOfTypesThatItHasNoUseFor) {
  FakeBus bus;
  bus.on("GetAll", [](sd_bus_message* reply) {
    ::sd_bus_message_append(reply, "a{sv}", 4, "Priority", "i", -1, "Hwids", "a(ss)", 1, "a", "b",
                            "Nested", "v", "v", "s", "x", "DaemonVersion", "s", "2.0.20");
  });
  EXPECT_EQ(look_at(bus).daemon_version(), "2.0.20");
}

TEST(FwupdLook, DoesNotTakeAnswersOfAnotherTypeForNone) {
  FakeBus bus;
  bus.on("GetRemotes", [](sd_bus_message* reply) { ::sd_bus_message_append(reply, "s", "lvfs"); });
  bus.on("GetHostSecurityAttrs", [](sd_bus_message*) {});
  const v1::FwupdFacts facts = look_at(bus);
  ASSERT_EQ(facts.unreadable_size(), 2);
  EXPECT_EQ(facts.unreadable(0).path(), "GetHostSecurityAttrs");
  EXPECT_THAT(facts.unreadable(1).error(), HasSubstr("not of the type that was expected"));

  FakeBus without_devices;
  without_devices.on("GetDevices",
                     [](sd_bus_message* reply) { ::sd_bus_message_append(reply, "as", 0); });
  const v1::Section section = look_at_fwupd(without_devices.start(), 20s);
  EXPECT_EQ(section.outcome(), v1::OUTCOME_FAILED);
  EXPECT_THAT(section.reason(), HasSubstr("GetDevices of fwupd"));
}

TEST(FwupdLook, FailsWhereTheDaemonOrTheBusRefuses) {
  for (const auto& [member, words] : std::vector<std::pair<std::string, std::string>>{
           {"NameHasOwner", "does not say whether fwupd runs"},
           {"GetAll", "fwupd: the test said so"},
           {"GetDevices", "did not tell its devices: the test said so"},
           {"Hello", "did not let the probe in"}}) {
    FakeBus bus;
    bus.refuse(member, "org.freedesktop.DBus.Error.AccessDenied");
    const v1::Section section = look_at_fwupd(bus.start(), 20s);
    EXPECT_EQ(section.outcome(), v1::OUTCOME_FAILED) << member;
    EXPECT_THAT(section.reason(), HasSubstr(words)) << member;
  }
}

TEST(FwupdLook, DoesNotApplyWhereNobodyCouldBeFwupd) {
  FakeBus bus;
  bus.on("NameHasOwner", [](sd_bus_message* reply) { ::sd_bus_message_append(reply, "b", 0); });
  bus.on("ListActivatableNames", [](sd_bus_message* reply) {
    ::sd_bus_message_append(reply, "as", 2, "org.freedesktop.DBus", "org.freedesktop.fwupd2");
  });
  const v1::Section section = look_at_fwupd(bus.start(), 20s);
  EXPECT_EQ(section.outcome(), v1::OUTCOME_NOT_APPLICABLE);
  EXPECT_THAT(section.reason(), HasSubstr("fwupd is not installed"));

  EXPECT_EQ(look("/srv/image").outcome(), v1::OUTCOME_NOT_APPLICABLE);
}

TEST(FwupdLook, TakesWhatIsNoSocketForABusThatCouldNotBeReached) {
  const v1::Section section = look_at_fwupd(Descriptor(::open("/dev/null", O_RDONLY | O_CLOEXEC)));
  EXPECT_NE(section.outcome(), v1::OUTCOME_OBSERVED);
  EXPECT_THAT(section.reason(), HasSubstr("/run/dbus/system_bus_socket"));
}

TEST(FwupdLook, WaitsNoLongerThanItsPatience) {
  for (const char* const member : {"Hello", "NameHasOwner", "GetDevices"}) {
    FakeBus bus;
    bus.refuse(member, "");
    const auto begin = std::chrono::steady_clock::now();
    EXPECT_EQ(look_at_fwupd(bus.start(), 200ms).outcome(), v1::OUTCOME_FAILED) << member;
    EXPECT_LT(std::chrono::steady_clock::now() - begin, 10s) << member;
  }
  FakeBus bus;
  bus.refuse("GetHistory", "");
  const v1::FwupdFacts facts = facts_of(look_at_fwupd(bus.start(), 200ms));
  ASSERT_EQ(facts.unreadable_size(), 3);
  EXPECT_EQ(facts.unreadable(1).error(), "no time was left to ask");
}

TEST(FwupdLook, FailsWhereThePeerGoesAwayOrSpeaksAnotherLanguage) {
  for (const std::string_view said :
       {"", "HTTP/1.1 400 Bad Request\r\n\r\n", "REJECTED EXTERNAL\r\n"}) {
    std::array<int, 2> ends{};
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()), 0);
    const Descriptor peer(ends[1]);
    ASSERT_EQ(::write(peer.get(), said.data(), said.size()), static_cast<ssize_t>(said.size()));
    ::shutdown(peer.get(), SHUT_WR);
    EXPECT_EQ(look_at_fwupd(Descriptor(ends[0]), 20s).outcome(), v1::OUTCOME_FAILED) << said;
  }
}

}  // namespace
}  // namespace muster::fwupd
