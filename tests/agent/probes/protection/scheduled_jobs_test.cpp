#include "agent/probes/protection/scheduled_jobs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <utime.h>

#include <string>
#include <vector>

#include "common/timestamp.h"
#include "tests/agent/probes/test_root.h"

namespace muster::protection {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class ScheduledJobsTest : public testing::Test {
 protected:
  std::vector<std::string> names() {
    found_ = jobs_that_call(root_.path(), {"aide", "aide.wrapper"});
    std::vector<std::string> names;
    for (const ScheduledJob& job : found_.jobs)
      names.push_back(job.name);
    return names;
  }

  muster::test::TestRoot root_;
  ScheduledJobs found_;
};

TEST_F(ScheduledJobsTest, AnEnabledTimerCallsItByTheCommandOfItsService) {
  root_.write("/lib/systemd/system/check.timer", "[Timer]\nOnCalendar=daily\nPersistent=true\n");
  root_.write("/lib/systemd/system/check.service", "[Service]\nExecStart=/usr/bin/aide --check\n");
  EXPECT_THAT(names(), IsEmpty()) << "nothing enables it";
  root_.link("/etc/systemd/system/timers.target.wants/check.timer",
             "/lib/systemd/system/check.timer");
  EXPECT_THAT(names(), ElementsAre("check.timer"));
  EXPECT_FALSE(found_.jobs[0].last_run_at);
  root_.write("/var/lib/systemd/timers/stamp-check.timer", "");
  const utimbuf times{.actime = 1'795'372'876, .modtime = 1'795'372'876};
  ::utime((root_.path() + "/var/lib/systemd/timers/stamp-check.timer").c_str(), &times);
  names();
  EXPECT_EQ(found_.jobs[0].last_run_at, parse_iso8601("2026-11-22T18:41:16Z"));
  root_.write("/etc/systemd/system/check.service.d/off.conf",
              "[Service]\nExecStart=\nExecStart=/bin/true\n");
  EXPECT_THAT(names(), IsEmpty()) << "a drop-in took the command back";
}

TEST_F(ScheduledJobsTest, ATimerNamesItsUnitAndAMaskedOneStartsNothing) {
  root_.write("/etc/systemd/system/daily.timer", "[Timer]\nUnit=aide-check.service\n");
  root_.write("/etc/systemd/system/aide-check.service",
              "[Service]\nExecStart=/usr/bin/nice -n 19 aide.wrapper --check\n");
  root_.link("/etc/systemd/system/timers.target.wants/daily.timer", "../daily.timer");
  EXPECT_THAT(names(), ElementsAre("daily.timer"));
  root_.link("/etc/systemd/system/masked.timer", "/dev/null");
  root_.link("/etc/systemd/system/timers.target.wants/masked.timer", "../masked.timer");
  EXPECT_THAT(names(), ElementsAre("daily.timer"));
  EXPECT_EQ(found_.unread, "");
}

TEST_F(ScheduledJobsTest, CrontabsCallItInLinesThatAreNoComments) {
  root_.write("/etc/crontab", "# aide --check\n17 * * * * root run-parts /etc/cron.hourly\n");
  root_.write("/etc/cron.d/other", "0 5 * * * root apt-get install aide-common laide aide2\n");
  EXPECT_THAT(names(), IsEmpty());
  root_.write("/etc/cron.d/own", "0 5 * * * root /usr/bin/aide --check | mail root\n");
  root_.write("/var/spool/cron/crontabs/root", "@daily aide --check\n");
  EXPECT_THAT(names(), ElementsAre("/etc/cron.d/own", "/var/spool/cron/crontabs/root"));
}

TEST_F(ScheduledJobsTest, AnOwnScriptThatACrontabStartsIsLookedInto) {
  root_.write("/etc/cron.d/own", "0 5 * * * root test -x / && /usr/local/sbin/check >/dev/null\n");
  root_.write("/usr/local/sbin/check", "#!/bin/sh\nexec aide --check\n");
  EXPECT_THAT(names(), IsEmpty()) << "it is not executable";
  root_.set_mode("/usr/local/sbin/check", 0755);
  EXPECT_THAT(names(), ElementsAre("/etc/cron.d/own"));
}

TEST_F(ScheduledJobsTest, ScriptsCountWhereRunPartsWouldStartThem) {
  root_.write("/etc/cron.daily/aide", "#!/bin/sh\naide --check\n");
  EXPECT_THAT(names(), IsEmpty()) << "it is not executable";
  root_.set_mode("/etc/cron.daily/aide", 0755);
  root_.write("/etc/cron.weekly/aide.sh", "#!/bin/sh\naide --check\n");
  root_.set_mode("/etc/cron.weekly/aide.sh", 0755);
  EXPECT_THAT(names(), ElementsAre("/etc/cron.daily/aide", "/etc/cron.weekly/aide.sh"));
  root_.write("/etc/debian_version", "12\n");
  EXPECT_THAT(names(), ElementsAre("/etc/cron.daily/aide")) << "Debian passes over a dot";
}

TEST_F(ScheduledJobsTest, WhatCannotBeReadIsSaid) {
  root_.write("/etc/cron.d/own", "0 5 * * * root aide\n");
  root_.set_mode("/etc/cron.d", 0);
  {
    const muster::test::WithoutRights nobody;
    EXPECT_THAT(names(), IsEmpty());
  }
  root_.set_mode("/etc/cron.d", 0755);
  EXPECT_THAT(found_.unread, HasSubstr("/etc/cron.d: Permission denied"));
}

TEST_F(ScheduledJobsTest, AreBounded) {
  std::string crontab;
  for (int i = 0; i < 200; ++i)
    crontab += "@daily aide\n";
  root_.write("/etc/crontab", crontab);
  EXPECT_EQ(names().size(), 50);
  root_.write("/etc/crontab", std::string(300 << 10, '#'));
  EXPECT_THAT(names(), IsEmpty());
  EXPECT_THAT(found_.unread, HasSubstr("/etc/crontab: "));
}

}  // namespace
}  // namespace muster::protection
