#include "agent/probes/systemd_units.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/agent/probes/test_root.h"

namespace muster::probe {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(SystemdUnits, TheFirstDirectoryThatHasTheNameDecides) {
  const test::TestRoot root;
  EXPECT_EQ(unit_entry(root.path(), "x.service"), UnitEntry::kMissing);
  root.write("/usr/lib/systemd/system/x.service", "[Service]\nExecStart=/usr/bin/x\n");
  EXPECT_EQ(unit_entry(root.path(), "x.service"), UnitEntry::kThere);
  EXPECT_EQ(*unit_text(root.path(), "x.service"), "[Service]\nExecStart=/usr/bin/x\n");
  root.link("/etc/systemd/system/x.service", "/dev/null");
  EXPECT_EQ(unit_entry(root.path(), "x.service"), UnitEntry::kMasked);
  EXPECT_EQ(unit_text(root.path(), "x.service").status().message(), "x.service is masked");
}

TEST(SystemdUnits, AnInstanceIsOfItsTemplate) {
  const test::TestRoot root;
  root.write("/usr/lib/systemd/system/clamd@.service", "ExecStart=/usr/sbin/clamd -c %i.conf\n");
  EXPECT_EQ(unit_entry(root.path(), "clamd@scan.service"), UnitEntry::kThere);
  EXPECT_THAT(*unit_text(root.path(), "clamd@scan.service"), HasSubstr("/usr/sbin/clamd"));
}

TEST(SystemdUnits, DropInsFollowTheUnit) {
  const test::TestRoot root;
  root.write("/lib/systemd/system/x.service", "ExecStart=/usr/bin/x\nExecStart = /usr/bin/y\n");
  const std::string without = *unit_text(root.path(), "x.service");
  EXPECT_THAT(unit_values(without, "ExecStart"), ElementsAre("/usr/bin/x", "/usr/bin/y"));
  root.write("/etc/systemd/system/x.service.d/own.conf", "ExecStart=\nExecStart=/usr/bin/z\n");
  root.write("/etc/systemd/system/x.service.d/own.conf.bak", "ExecStart=/usr/bin/bak\n");
  const std::string with = *unit_text(root.path(), "x.service");
  EXPECT_THAT(unit_values(with, "ExecStart"), ElementsAre("/usr/bin/z"));
  EXPECT_THAT(unit_values(with, "Unit"), IsEmpty());
}

TEST(SystemdUnits, ATargetWantsWhatItsDirectoriesName) {
  const test::TestRoot root;
  EXPECT_THAT(*units_wanted_by(root.path(), "timers.target"), IsEmpty());
  root.link("/etc/systemd/system/timers.target.wants/b.timer", "/lib/systemd/system/b.timer");
  root.link("/lib/systemd/system/timers.target.wants/a.timer", "../a.timer");
  EXPECT_THAT(*units_wanted_by(root.path(), "timers.target"), ElementsAre("a.timer", "b.timer"));
  EXPECT_EQ(entry_wanted_by(root.path(), "timers.target", "b.timer"), UnitEntry::kThere);
  EXPECT_EQ(entry_wanted_by(root.path(), "timers.target", "c.timer"), UnitEntry::kMissing);
  root.set_mode("/etc/systemd/system/timers.target.wants", 0);
  {
    const test::WithoutRights nobody;
    EXPECT_THAT(std::string(units_wanted_by(root.path(), "timers.target").status().message()),
                HasSubstr("timers.target.wants: Permission denied"));
  }
  root.set_mode("/etc/systemd/system/timers.target.wants", 0755);
}

TEST(SystemdUnits, NothingRunsInAnImageAsFarAsCanBeTold) {
  const test::TestRoot root;
  root.write("/sys/fs/cgroup/system.slice/x.service/cgroup.events", "populated 1\n");
  EXPECT_FALSE(unit_has_processes(root.path(), "x.service").has_value());
}

}  // namespace
}  // namespace muster::probe
