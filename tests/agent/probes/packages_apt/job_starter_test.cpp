#include "agent/probes/packages_apt/job_starter.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "tests/agent/probes/test_root.h"

namespace muster::packages_apt {
namespace {

using State = JobStarter::State;

constexpr const char* kTimer = "/lib/systemd/system/apt-daily-upgrade.timer";
constexpr const char* kWanted = "/etc/systemd/system/timers.target.wants/apt-daily-upgrade.timer";

std::vector<AptPackage> packages(const std::vector<std::string>& names) {
  std::vector<AptPackage> result;
  for (const std::string& name : names)
    result.emplace_back().name = name;
  return result;
}

// An image as Debian's packages leave it.
class JobStarters : public ::testing::Test {
 protected:
  void SetUp() override {
    root_.write(kTimer, "[Timer]\n");
    root_.write("/lib/systemd/system/apt-daily-upgrade.service", "[Service]\n");
    root_.link(kWanted, kTimer);
    root_.write("/etc/cron.daily/apt-compat", "#!/bin/sh\n");
    root_.set_mode("/etc/cron.daily/apt-compat", 0755);
  }

  void expect(State state, const std::string& reason,
              const std::vector<std::string>& installed = {"systemd-sysv", "cron"}) const {
    const JobStarter starter = starter_of(root_.path(), "apt-daily-upgrade", packages(installed));
    EXPECT_EQ(starter.state, state);
    EXPECT_EQ(starter.reason, reason);
  }

  void remove(const std::string& name) const { std::filesystem::remove(root_.path() + name); }

  test::TestRoot root_;
};

TEST_F(JobStarters, ATimerThatIsWantedStartsTheJob) {
  expect(State::kStarts, "apt-daily-upgrade.timer is enabled");
}

TEST_F(JobStarters, ATimerThatIsDisabledDoesNot) {
  remove(kWanted);
  expect(State::kOff, "apt-daily-upgrade.timer is disabled");
}

TEST_F(JobStarters, AMaskIsALinkToNothingOrAnEmptyFile) {
  root_.link("/etc/systemd/system/apt-daily-upgrade.timer", "/dev/null");
  expect(State::kOff, "apt-daily-upgrade.timer is masked");
  remove("/etc/systemd/system/apt-daily-upgrade.timer");
  root_.write("/run/systemd/system/apt-daily-upgrade.timer", "");
  expect(State::kOff, "apt-daily-upgrade.timer is masked");
  // What ranks first decides.
  root_.write("/etc/systemd/system/apt-daily-upgrade.timer", "[Timer]\n");
  expect(State::kStarts, "apt-daily-upgrade.timer is enabled");
}

TEST_F(JobStarters, AMaskedServiceIsNotStartedByItsTimer) {
  root_.link("/etc/systemd/system/apt-daily-upgrade.service", "/dev/null");
  expect(State::kOff, "apt-daily-upgrade.service is masked");
}

TEST_F(JobStarters, WithoutATimerNothingStartsIt) {
  remove(kTimer);
  expect(State::kOff, "there is no apt-daily-upgrade.timer");
}

TEST_F(JobStarters, CronDoesWhereSystemdDoesNotRun) {
  expect(State::kStarts, "cron starts /etc/cron.daily/apt-compat", {"sysvinit-core", "cron"});
  expect(State::kOff, "neither systemd nor a cron starts apt's daily jobs", {"sysvinit-core"});
  root_.set_mode("/etc/cron.daily/apt-compat", 0644);
  expect(State::kOff, "systemd does not run, and /etc/cron.daily/apt-compat is not executable",
         {"cron"});
  remove("/etc/cron.daily/apt-compat");
  expect(State::kOff, "systemd does not run, and there is no /etc/cron.daily/apt-compat", {"cron"});
}

TEST_F(JobStarters, WhatCannotBeLookedAtIsNotKnown) {
  root_.make_directory("/etc/systemd/system");
  root_.set_mode("/etc/systemd/system", 0);
  {
    const test::WithoutRights without;
    expect(State::kUnknown, "apt-daily-upgrade.timer could not be looked at");
  }
  root_.set_mode("/etc/systemd/system", 0755);
}

// Absolute links of the image lead within it.
TEST_F(JobStarters, LinksAreFollowedInsideTheRoot) {
  std::filesystem::rename(root_.path() + "/lib", root_.path() + "/elsewhere");
  root_.link("/lib", "/elsewhere");
  expect(State::kStarts, "apt-daily-upgrade.timer is enabled");
}

}  // namespace
}  // namespace muster::packages_apt
