#include "agent/probes/protection/scheduled_jobs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>
#include <utime.h>

#include <string>
#include <tuple>
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
  root_.write("/etc/cron.d/later", "0 5 * * * root /bin/backup # ; aide --check\n");
  EXPECT_THAT(names(), IsEmpty());
  root_.write("/etc/cron.d/own", "0 5 * * * root /usr/bin/aide --check | mail root\n");
  root_.write("/var/spool/cron/crontabs/root", "@daily aide --check\n");
  EXPECT_THAT(names(), ElementsAre("/var/spool/cron/crontabs/root", "/etc/cron.d/own"));
}

// Whoever may write it could have it say anything, and have it read any log that it names.
TEST_F(ScheduledJobsTest, AUsersCrontabSchedulesNothing) {
  for (const char* spool : {"/var/spool/cron/", "/var/spool/cron/crontabs/"}) {
    root_.write(std::string(spool) + "bob", "@daily aide --check\n");
  }
  EXPECT_THAT(names(), IsEmpty());
  EXPECT_EQ(found_.unread, "");
  root_.write("/var/spool/cron/root", "@daily aide --check\n");
  root_.write("/var/spool/cron/tabs/root", "@daily aide --check\n");
  EXPECT_THAT(names(), ElementsAre("/var/spool/cron/root", "/var/spool/cron/tabs/root"));
}

TEST_F(ScheduledJobsTest, WhatOthersThanRootMayWriteSchedulesNothingAndIsSaid) {
  root_.write("/etc/cron.d/other", "@daily bob true\n");
  root_.set_mode("/etc/cron.d/other", 0666);
  EXPECT_THAT(names(), IsEmpty());
  EXPECT_EQ(found_.unread, "") << "it would start nothing of what is asked for";
  const std::string call = "#!/bin/sh\naide --check\n";
  root_.write("/usr/local/bin/check", call);
  for (const auto& [path, text, mode] : std::vector<std::tuple<std::string, std::string, mode_t>>{
           {"/etc/crontab", "@daily root aide\n", 0666},
           {"/etc/cron.d/own", "@daily root aide\n", 0664},
           {"/var/spool/cron/crontabs/root", "@daily aide\n", 0620},
           {"/etc/cron.daily/aide", call, 0777},
           {"/usr/local/bin/check", call, 0775}}) {
    root_.write("/etc/cron.d/starts", "@daily root /usr/local/bin/check\n");
    root_.write(path, text);
    root_.set_mode(path, mode);
    EXPECT_THAT(names(), IsEmpty()) << path;
    EXPECT_EQ(found_.unread, path + ": others than root may write it: chown root and chmod go-w");
    root_.set_mode(path, mode & 0755U);
    EXPECT_THAT(names(), testing::Not(IsEmpty())) << path;
    std::filesystem::remove(root_.path() + path);
  }
}

TEST_F(ScheduledJobsTest, WhatBelongsToAUserSchedulesNothing) {
  root_.write("/etc/crontab", "@daily root aide\n");
  // Only root can give a file away: whoever else runs this keeps it, and it counts.
  const bool is_given = ::chown((root_.path() + "/etc/crontab").c_str(), 65534, 0) == 0;
  EXPECT_EQ(names().empty(), is_given);
  EXPECT_EQ(found_.unread.starts_with("/etc/crontab: others than root may write it"), is_given);
}

TEST(Calls, AreWordsThatACommandStartsAndNotWordsOfOneThatStartsNothing) {
  for (const char* line :
       {"aide --check", "@daily root nice -n 19 /usr/bin/aide --check", "cd /srv; aide",
        "test -x /usr/bin/aide && aide", "[ -x /usr/bin/aide ] || exit 0; exec aide",
        "sh -c 'echo begins; aide --check'", "REPORT=$(aide --check)", "true | aide",
        "PAGER=/bin/cat aide", "flock -n /run/lock/test aide"}) {
    EXPECT_TRUE(calls(line, {"aide"})) << line;
  }
  for (const char* line :
       {"@yearly true rkhunter --check aide clamscan freshclam", ": aide", "echo aide",
        "0 3 * * * root /bin/echo \"aide\"", "[ -x /usr/bin/aide ] || exit 0", "# aide",
        "if command -v aide; then exit; fi", "sh -c 'true aide'", "pkill aide"}) {
    EXPECT_FALSE(calls(line, {"aide"})) << line;
  }
  EXPECT_TRUE(calls("true aide\naide\n", {"aide"}));
}

TEST_F(ScheduledJobsTest, AnOwnScriptThatIsOnlyNamedIsNotLookedInto) {
  root_.write("/usr/local/sbin/check", "#!/bin/sh\nexec aide --check\n");
  root_.set_mode("/usr/local/sbin/check", 0755);
  root_.write("/etc/cron.d/own", "0 5 * * * root test -x /usr/local/sbin/check\n");
  EXPECT_THAT(names(), IsEmpty());
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
