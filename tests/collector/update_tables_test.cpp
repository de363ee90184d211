#include "collector/admin/update_tables.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/timestamp.h"

namespace muster::collector {
namespace {

using std::chrono::days;
using std::chrono::hours;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

constexpr TimePoint kNow{std::chrono::seconds(1'800'000'000)};
constexpr TerminalStyle kStyle{.color = false, .unicode = true, .width = 80};

v1::HostUpdates a_host() {
  v1::HostUpdates updates;
  updates.set_host("web1");
  v1::HostUpdateSource& source = *updates.add_sources();
  source.set_manager("apt");
  *source.mutable_observed_at() = to_proto(kNow - hours(1));
  v1::WaitingUpdate& first = *updates.add_updates();
  first.set_manager("apt");
  first.mutable_update()->set_package("libssl3");
  first.mutable_update()->set_installed_version("3.0.14-1~deb12u1");
  first.mutable_update()->set_candidate_version("3.0.15-1~deb12u1");
  first.mutable_update()->set_security(v1::SECURITY_YES);
  first.mutable_update()->set_severity(v1::ADVISORY_SEVERITY_IMPORTANT);
  first.mutable_update()->set_would_install(true);
  *first.mutable_waiting_since() = to_proto(kNow - days(9));
  *first.mutable_deadline() = to_proto(kNow + days(5));
  v1::WaitingUpdate& second = *updates.add_updates();
  second.set_manager("apt");
  second.mutable_update()->set_package("linux-image-amd64");
  second.mutable_update()->set_installed_version("6.1.119-1");
  second.mutable_update()->set_candidate_version("6.1.123-1");
  second.mutable_update()->set_not_installed_because("held");
  *second.mutable_waiting_since() = to_proto(kNow - days(20));
  *second.mutable_deadline() = to_proto(kNow - days(6));
  v1::WaitingUpdate& third = *updates.add_updates();
  third.set_manager("apt");
  third.mutable_update()->set_package("a-package-with-a-name-that-takes-a-whole-line-of-its-own");
  third.mutable_update()->set_installed_version("1");
  third.mutable_update()->set_candidate_version("2");
  third.mutable_update()->set_security(v1::SECURITY_NO);
  third.mutable_update()->set_would_install(true);
  return updates;
}

TEST(HostUpdatesText, ShowsEachUpdateWithItsClockAndItsVersionsBelow) {
  EXPECT_EQ(host_updates_text(a_host(), kNow, kStyle),
            "PACKAGE                       SECURITY  WAITS    DEADLINE    MANAGER\n"
            "libssl3                       high      9 days   in 5 days   apt\n"
            "    3.0.14-1~deb12u1 -> 3.0.15-1~deb12u1\n"
            "linux-image-amd64             not told  20 days  6 days ago  apt\n"
            "    6.1.119-1 -> 6.1.123-1 (an upgrade would not install it: held)\n"
            "a-package-with-a-name-that-…  no        -        -           apt\n"
            "    1 -> 2\n");
}

TEST(HostUpdatesText, NeverTakesWhatIsNotKnownForNothing) {
  v1::HostUpdates updates;
  EXPECT_EQ(host_updates_text(updates, kNow, kStyle),
            "No package manager of this host has reported: what waits is not known.\n");
  v1::HostUpdateSource& source = *updates.add_sources();
  source.set_manager("apt");
  EXPECT_EQ(host_updates_text(updates, kNow, kStyle), "Nothing waits.\n");
  source.set_not_known_because("no package lists are present");
  const std::string text = host_updates_text(updates, kNow, kStyle);
  EXPECT_THAT(text, HasSubstr("Not all is known of apt (last look: never): no package lists are "
                              "present.\n"));
  EXPECT_THAT(text, EndsWith("No update is known to wait.\n"));
}

TEST(UpdateListText, ShowsOnHowManyHostsAndTheOldestAndOfWhichItIsNotKnown) {
  v1::UpdateList list;
  list.set_hosts_known(40);
  list.set_update_count(10'002);
  v1::FleetUpdate& openssl = *list.add_updates();
  openssl.set_manager("apt");
  openssl.set_source_package("openssl");
  openssl.set_security(v1::SECURITY_YES);
  openssl.set_hosts(37);
  *openssl.mutable_waiting_since() = to_proto(kNow - days(9));
  openssl.add_candidate_versions("3.0.15-1~deb12u1");
  openssl.add_candidate_versions("3.0.16-1~deb12u1");
  v1::FleetUpdate& vim = *list.add_updates();
  vim.set_manager("rpm");
  vim.set_source_package("vim");
  vim.set_security(v1::SECURITY_NO);
  vim.set_hosts(1);
  for (int host = 0; host < 12; ++host)
    list.add_hosts_not_known("db" + std::to_string(host));
  list.set_hosts_not_known_count(1200);
  EXPECT_EQ(update_list_text(list, kNow, kStyle),
            "UPDATE   SECURITY  HOSTS  OLDEST  MANAGER  TO\n"
            "openssl  yes       37     9 days  apt      3.0.15-1~deb12u1, 3.0.16-1~deb12u1\n"
            "vim      no        1      -       rpm      -\n"
            "10000 more are not listed.\n"
            "It is not known what waits on 1200 hosts: db0, db1, db2, db3, db4, db5, db6,\n"
            "db7, db8, db9 and 1190 more.\n");
}

TEST(UpdateListText, SaysThatNothingWaitsOnlyOfHostsOfWhichItIsKnown) {
  v1::UpdateList list;
  list.set_hosts_known(2);
  list.add_hosts_not_known("db1\x1b[2J");
  list.set_hosts_not_known_count(1);
  const std::string text = update_list_text(list, kNow, kStyle);
  EXPECT_THAT(text, HasSubstr("Nothing waits on the 2 hosts of which it is known.\n"));
  EXPECT_THAT(chosen_update_list_text(list, kNow, kStyle),
              HasSubstr("No such update waits on the 2 hosts of which it is known.\n"));
  EXPECT_THAT(text, HasSubstr("It is not known what waits on 1 host: db1"));
  EXPECT_THAT(text, Not(HasSubstr("\x1b")));
}

TEST(UpdateListText, OfOnePackageManagerSpeaksOfItsHostsAlone) {
  v1::UpdateList list;
  list.set_hosts_known(5);
  v1::ManagerHosts& apt = *list.add_managers();
  apt.set_manager("apt");
  apt.set_hosts_known(5);
  v1::UpdateList of_rpm = list;
  keep_manager("rpm", of_rpm);
  EXPECT_EQ(chosen_update_list_text(of_rpm, kNow, kStyle),
            "No such update waits on the 0 hosts of which it is known.\n");
  keep_manager("apt", list);
  EXPECT_EQ(chosen_update_list_text(list, kNow, kStyle),
            "No such update waits on the 5 hosts of which it is known.\n");
}

}  // namespace
}  // namespace muster::collector
