#include "agent/probes/packages_apt/automatic_updates.h"

#include <gtest/gtest.h>

namespace muster::packages_apt {
namespace {

using State = JobStarter::State;

// Debian's own patterns (50unattended-upgrades).
const std::vector<std::string> debian_patterns = {
    "origin=Debian,codename=${distro_codename},label=Debian",
    "origin=Debian,codename=${distro_codename}-security,label=Debian-Security"};

AptSnapshot debian() {
  AptSnapshot snapshot;
  snapshot.lists = {
      {{"Debian", "Debian", "stable", "bookworm", "deb.example.org"}, "main"},
      {{"Debian", "Debian-Security", "stable-security", "bookworm-security", ""}, "main"},
      {{"Docker", "Docker CE", "bookworm", "", "download.docker.example"}, "stable"}};
  for (const AptList& list : snapshot.lists)
    snapshot.origins.push_back(list.origin);
  snapshot.packages.emplace_back().name = "unattended-upgrades";
  return snapshot;
}

UpgradeEvidence all_on() {
  UpgradeEvidence evidence;
  evidence.settings.update_package_lists = "1";
  evidence.settings.unattended_upgrade = "1";
  evidence.settings.origins_patterns = debian_patterns;
  evidence.names = {"Debian", "bookworm"};
  evidence.download_job = {State::kStarts, "apt-daily.timer is enabled"};
  evidence.install_job = {State::kStarts, "apt-daily-upgrade.timer is enabled"};
  return evidence;
}

google::protobuf::Timestamp at(int64_t seconds) {
  google::protobuf::Timestamp time;
  time.set_seconds(seconds);
  return time;
}

TEST(AutomaticUpdates, AreOnWhereAllThatTheyNeedIs) {
  const v1::AutomaticUpdateState state = automatic_updates(debian(), all_on());
  EXPECT_EQ(state.mechanism(), "unattended-upgrades");
  EXPECT_EQ(state.state(), v1::AUTOMATIC_UPDATES_ON);
  EXPECT_EQ(state.reason(),
            "APT::Periodic::Unattended-Upgrade is \"1\", and apt-daily-upgrade.timer is enabled");
  EXPECT_TRUE(state.takes_security());
  EXPECT_FALSE(state.has_last_run_at());
  EXPECT_FALSE(state.has_last_success_at());
}

TEST(AutomaticUpdates, AreNotOnWhereOneThingIsMissing) {
  const struct {
    void (*spoil)(AptSnapshot&, UpgradeEvidence&);
    v1::AutomaticUpdates state;
    std::string reason;
  } cases[] = {
      {[](AptSnapshot& snapshot, UpgradeEvidence&) { snapshot.packages.clear(); },
       v1::AUTOMATIC_UPDATES_DOWNLOAD_ONLY, "unattended-upgrades is not installed"},
      {[](AptSnapshot& snapshot, UpgradeEvidence&) {
         snapshot.packages[0].fully_installed = false;
       },
       v1::AUTOMATIC_UPDATES_DOWNLOAD_ONLY, "unattended-upgrades is not installed"},
      {[](AptSnapshot&, UpgradeEvidence& evidence) { evidence.settings.enable = "0"; },
       v1::AUTOMATIC_UPDATES_OFF, "APT::Periodic::Enable is \"0\""},
      {[](AptSnapshot&, UpgradeEvidence& evidence) { evidence.settings.unattended_upgrade = "0"; },
       v1::AUTOMATIC_UPDATES_DOWNLOAD_ONLY, "APT::Periodic::Unattended-Upgrade is \"0\""},
      {[](AptSnapshot&, UpgradeEvidence& evidence) {
         evidence.settings.unattended_upgrade = "";
         evidence.settings.update_package_lists = "0";
       },
       v1::AUTOMATIC_UPDATES_OFF, "APT::Periodic::Unattended-Upgrade is not set"},
      {[](AptSnapshot&, UpgradeEvidence& evidence) {
         evidence.install_job = {State::kOff, "apt-daily-upgrade.timer is masked"};
       },
       v1::AUTOMATIC_UPDATES_DOWNLOAD_ONLY, "apt-daily-upgrade.timer is masked"},
      {[](AptSnapshot&, UpgradeEvidence& evidence) {
         evidence.install_job = {State::kOff, "apt-daily-upgrade.timer is masked"};
         evidence.download_job = {State::kOff, "apt-daily.timer is masked"};
       },
       v1::AUTOMATIC_UPDATES_OFF, "apt-daily-upgrade.timer is masked"},
      {[](AptSnapshot&, UpgradeEvidence& evidence) {
         evidence.install_job = {State::kUnknown, "it could not be looked at"};
       },
       v1::AUTOMATIC_UPDATES_UNSPECIFIED, "it could not be looked at"},
      {[](AptSnapshot&, UpgradeEvidence& evidence) {
         evidence.settings.unread_file = "/etc/apt/apt.conf.d/99proxy";
       },
       v1::AUTOMATIC_UPDATES_UNSPECIFIED,
       "/etc/apt/apt.conf.d/99proxy could not be read, and may switch them on or off"},
      {[](AptSnapshot&, UpgradeEvidence& evidence) {
         evidence.settings.origins_patterns = {"vendor=Debian"};
       },
       v1::AUTOMATIC_UPDATES_DOWNLOAD_ONLY,
       "Unattended-Upgrade::Origins-Pattern has 'vendor=Debian', at which unattended-upgrades "
       "stops"},
  };
  for (const auto& [spoil, expected, reason] : cases) {
    AptSnapshot snapshot = debian();
    UpgradeEvidence evidence = all_on();
    spoil(snapshot, evidence);
    const v1::AutomaticUpdateState state = automatic_updates(snapshot, evidence);
    EXPECT_EQ(state.state(), expected) << reason;
    EXPECT_EQ(state.reason(), reason);
    EXPECT_FALSE(state.takes_security()) << reason;
  }
}

// As the shell of apt.systemd.daily takes them: only "0" and nothing are off.
TEST(AutomaticUpdates, AreOnForWhateverTheirScriptTakesForOn) {
  for (const char* interval : {"1", "7", "always", "12h", "0d", "true"}) {
    UpgradeEvidence evidence = all_on();
    evidence.settings.unattended_upgrade = interval;
    EXPECT_EQ(automatic_updates(debian(), evidence).state(), v1::AUTOMATIC_UPDATES_ON) << interval;
  }
  for (const char* enable : {"1", "", "false", "no"}) {
    UpgradeEvidence evidence = all_on();
    evidence.settings.enable = enable;
    EXPECT_EQ(automatic_updates(debian(), evidence).state(), v1::AUTOMATIC_UPDATES_ON) << enable;
  }
}

TEST(AutomaticUpdates, TakeSecurityOnlyWhereEverySecurityRepositoryIsAllowed) {
  const auto takes = [](const AptSnapshot& snapshot, const UpgradeEvidence& evidence) {
    return automatic_updates(snapshot, evidence).takes_security();
  };
  UpgradeEvidence only_main = all_on();
  only_main.settings.origins_patterns.pop_back();
  EXPECT_FALSE(takes(debian(), only_main));

  AptSnapshot without_security = debian();
  without_security.lists.erase(without_security.lists.begin() + 1);
  EXPECT_FALSE(takes(without_security, all_on()));

  AptSnapshot also_contrib = debian();
  also_contrib.lists.push_back(also_contrib.lists[1]);
  also_contrib.lists.back().component = "contrib";
  UpgradeEvidence only_component = all_on();
  only_component.settings.origins_patterns = {"l=Debian-Security,c=main"};
  EXPECT_TRUE(takes(debian(), only_component));
  EXPECT_FALSE(takes(also_contrib, only_component));
}

TEST(AutomaticUpdates, LastRanWhenTheirStampsSay) {
  UpgradeEvidence evidence = all_on();
  evidence.ended_at = at(200);
  evidence.succeeded_at = at(100);
  v1::AutomaticUpdateState state = automatic_updates(debian(), evidence);
  EXPECT_EQ(state.last_run_at().seconds(), 200);
  EXPECT_EQ(state.last_success_at().seconds(), 100);
  evidence.succeeded_at = at(201);
  state = automatic_updates(debian(), evidence);
  EXPECT_EQ(state.last_run_at().seconds(), 201);
  evidence.ended_at.reset();
  evidence.succeeded_at.reset();
  EXPECT_FALSE(automatic_updates(debian(), evidence).has_last_run_at());
}

}  // namespace
}  // namespace muster::packages_apt
