#include "agent/probes/lifecycle/lifecycle_look.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <utime.h>

#include <string>
#include <vector>

#include "agent/probes/lifecycle/support_table.h"
#include "common/timestamp.h"
#include "muster/v1/lifecycle_facts.pb.h"
#include "tests/agent/probes/test_root.h"

namespace muster::lifecycle {
namespace {

using test::TestRoot;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const TimePoint now = *parse_iso_date("2026-11-22");

constexpr std::string_view kTable =
    "debian 12|bookworm - standard 2026-07-11 2025-10-18 https://example.org/debian\n"
    "debian 12|bookworm - lts 2028-06-30 2025-10-18 https://example.org/debian\n"
    "debian 12|bookworm - elts 2033-06-30 2025-10-18 https://example.org/debian\n"
    "ubuntu 22.04 - standard 2027-06-01 2025-10-18 https://example.org/ubuntu\n"
    "ubuntu 22.04 - esm 2032-04-21 2025-10-18 https://example.org/ubuntu\n"
    "ubuntu 22.04 - legacy 2034-04-25 2025-10-18 https://example.org/ubuntu\n"
    "ubuntu 22.04 hwe-6.5 standard 2024-08-31 2024-04-24 https://example.org/hwe\n"
    "fedora 43 - standard 2026-12-09 2026-08-22 https://example.org/fedora\n"
    "rhel 9.* - standard 2032-05-31 2026-08-22 https://example.org/rhel\n"
    "rhel 9.* - els 2036-05-31 2026-08-22 https://example.org/rhel\n"
    "centos 8 - standard 2021-12-31 2026-08-22 https://example.org/centos\n"
    "centos-stream 8 - standard 2024-05-31 2026-08-22 https://example.org/stream\n"
    "arch * - - rolling 2026-11-22 https://example.org/arch\n";

v1::Section look(const TestRoot& root, std::string_view kernel = "") {
  return look_at_lifecycle(root.path(), kernel, kTable, now);
}

v1::LifecycleFacts facts_of(const v1::Section& section) {
  EXPECT_EQ(section.outcome(), v1::OUTCOME_OBSERVED) << section.reason();
  EXPECT_EQ(section.facts_type(), "muster.v1.LifecycleFacts");
  v1::LifecycleFacts facts;
  EXPECT_TRUE(facts.ParseFromString(section.facts()));
  return facts;
}

// "standard 2026-07-12 included", with its component in front where it has one.
std::vector<std::string> periods_of(const v1::LifecycleFacts& facts) {
  constexpr std::string_view kCoverages[] = {"?", "included", "enabled", "not enabled"};
  std::vector<std::string> lines;
  for (const v1::SupportPeriod& period : facts.periods()) {
    lines.push_back((period.component().empty() ? "" : period.component() + ": ") +
                    period.programme() + " " + to_iso_date(from_proto(period.ends_at())) + " " +
                    std::string(kCoverages[period.coverage()]));
  }
  return lines;
}

void set_time(const TestRoot& root, const std::string& file, std::string_view date) {
  const auto seconds =
      std::chrono::duration_cast<std::chrono::seconds>(parse_iso_date(date)->time_since_epoch());
  const utimbuf times{.actime = seconds.count(), .modtime = seconds.count()};
  if (::utime((root.path() + file).c_str(), &times) != 0) ADD_FAILURE() << "utime " << file;
}

void make_debian(const TestRoot& root) {
  root.write("/etc/os-release",
             "ID=debian\nVERSION_ID=\"12\"\nVERSION_CODENAME=bookworm\n"
             "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\n");
}

void make_ubuntu(const TestRoot& root) {
  root.write("/etc/os-release",
             "ID=ubuntu\nID_LIKE=debian\nVERSION_ID=\"22.04\"\nVERSION_CODENAME=jammy\n"
             "PRETTY_NAME=\"Ubuntu 22.04.5 LTS\"\n");
}

// The end is the first moment without support: the day after the last.
TEST(Lifecycle, OfADebianIsItsReleaseAndLts) {
  TestRoot root;
  make_debian(root);
  const v1::LifecycleFacts facts = facts_of(look(root));
  EXPECT_EQ(facts.os_id(), "debian");
  EXPECT_EQ(facts.os_version_id(), "12");
  EXPECT_EQ(facts.os_codename(), "bookworm");
  EXPECT_EQ(facts.os_pretty_name(), "Debian GNU/Linux 12 (bookworm)");
  EXPECT_THAT(periods_of(facts),
              ElementsAre("standard 2026-07-12 included", "lts 2028-07-01 included",
                          "elts 2033-07-01 not enabled"));
  EXPECT_EQ(facts.periods(0).source(), "Muster's table of 2025-10-18 (https://example.org/debian)");
  EXPECT_EQ(to_iso_date(from_proto(facts.data_as_of())), "2025-10-18");
  EXPECT_EQ(facts.unknown_because(), "");
  EXPECT_FALSE(facts.rolling());
  EXPECT_THAT(facts.problems(), IsEmpty());
}

TEST(Lifecycle, CountsExtendedLtsWhereItIsConfigured) {
  TestRoot root;
  make_debian(root);
  root.write("/etc/apt/sources.list", "deb http://deb.debian.org/debian bookworm main\n");
  root.write("/etc/apt/sources.list.d/elts.list",
             "deb http://deb.freexian.com/extended-lts bookworm main\n");
  EXPECT_EQ(periods_of(facts_of(look(root)))[2], "elts 2033-07-01 enabled");
  root.set_mode("/etc/apt/sources.list.d/elts.list", 0);
  const test::WithoutRights without_rights;
  const v1::LifecycleFacts facts = facts_of(look(root));
  EXPECT_EQ(periods_of(facts)[2], "elts 2033-07-01 ?");
  EXPECT_THAT(facts.problems(), ElementsAre(HasSubstr("elts.list: Permission denied")));
}

// The package and its file's time tell which data, and how old.
TEST(Lifecycle, GoesByTheHostsOwnDataWhereThatIsNewer) {
  TestRoot root;
  make_debian(root);
  const std::string csv = "/usr/share/distro-info/debian.csv";
  root.write(csv,
             "version,codename,series,created,release,eol,eol-lts\n"
             "12,Bookworm,bookworm,2021-08-14,2023-06-10,2026-07-11,2029-06-30\n");
  root.write("/var/lib/dpkg/status",
             "Package: distro-info-data\nStatus: install ok installed\nVersion: 0.58+deb12u9\n");
  set_time(root, csv, "2026-03-01");
  const v1::LifecycleFacts newer = facts_of(look(root));
  EXPECT_THAT(periods_of(newer),
              ElementsAre("standard 2026-07-12 included", "lts 2029-07-01 included",
                          "elts 2033-07-01 not enabled"));
  EXPECT_EQ(newer.periods(0).source(), "distro-info-data 0.58+deb12u9");
  EXPECT_EQ(newer.periods(1).source(),
            "distro-info-data 0.58+deb12u9; Muster's table of 2025-10-18 "
            "(https://example.org/debian) says 2028-07-01");
  EXPECT_EQ(to_iso_date(from_proto(newer.data_as_of())), "2026-03-01");
  // Older than the table, of a time that tells nothing, or from the future: the table counts.
  for (const char* date : {"2023-01-01", "1970-01-01", "2027-01-01"}) {
    set_time(root, csv, date);
    const v1::LifecycleFacts facts = facts_of(look(root));
    EXPECT_EQ(periods_of(facts)[1], "lts 2028-07-01 included") << date;
    EXPECT_THAT(facts.periods(1).source(),
                HasSubstr("distro-info-data 0.58+deb12u9 says 2029-07-01"));
  }
}

TEST(Lifecycle, SaysWhenTheHostsOwnDataIsDamaged) {
  TestRoot root;
  make_debian(root);
  root.write("/usr/share/distro-info/debian.csv",
             "\x7f"
             "ELF");
  const v1::LifecycleFacts facts = facts_of(look(root));
  EXPECT_THAT(facts.problems(), ElementsAre(HasSubstr("debian.csv: it has no column 'version'")));
  EXPECT_EQ(facts.periods_size(), 3);
}

// os-release(5): SUPPORT_END is the first day without support, not the last one with.
TEST(Lifecycle, TakesSupportEndAsItIsWritten) {
  TestRoot root;
  root.write("/usr/lib/os-release",
             "ID=fedora\nVERSION_ID=43\nSUPPORT_END=2026-12-02\nPRETTY_NAME=\"Fedora Linux 43\"\n");
  set_time(root, "/usr/lib/os-release", "2026-10-01");
  const v1::LifecycleFacts facts = facts_of(look(root));
  EXPECT_THAT(periods_of(facts), ElementsAre("standard 2026-12-02 included"));
  EXPECT_EQ(
      facts.periods(0).source(),
      "os-release SUPPORT_END; Muster's table of 2026-08-22 (https://example.org/fedora) says "
      "2026-12-10");
  root.write("/usr/lib/os-release", "ID=fedora\nVERSION_ID=43\nSUPPORT_END=soon\n");
  EXPECT_THAT(facts_of(look(root)).problems(), ElementsAre(HasSubstr("SUPPORT_END is no date")));
}

TEST(Lifecycle, KnowsADistributionThatSaysItItself) {
  TestRoot root;
  root.write("/etc/os-release", "ID=ours\nSUPPORT_END=2030-01-01\n");
  const v1::LifecycleFacts facts = facts_of(look(root));
  EXPECT_THAT(periods_of(facts), ElementsAre("standard 2030-01-01 included"));
  EXPECT_EQ(facts.unknown_because(), "");
}

TEST(Lifecycle, CoversUbuntusProgrammesByItsSubscription) {
  TestRoot root;
  make_ubuntu(root);
  EXPECT_THAT(periods_of(facts_of(look(root))),
              ElementsAre("standard 2027-06-02 included", "esm 2032-04-22 not enabled",
                          "legacy 2034-04-26 not enabled"));
  const std::string status = "/var/lib/ubuntu-advantage/status.json";
  root.write(status,
             R"({"attached": true, "services": [{"name": "esm-infra", "status": "enabled"}]})");
  EXPECT_THAT(
      periods_of(facts_of(look(root))),
      ElementsAre("standard 2027-06-02 included", "esm 2032-04-22 enabled", "legacy 2034-04-26 ?"));
  root.write(status, "{");
  const v1::LifecycleFacts facts = facts_of(look(root));
  EXPECT_EQ(periods_of(facts)[1], "esm 2032-04-22 ?");
  EXPECT_THAT(facts.problems(), ElementsAre(HasSubstr("status.json: it is no JSON")));
}

constexpr std::string_view kHweStatus =
    "Package: linux-image-6.5.0-45-generic\nStatus: install ok installed\n"
    "Source: linux-signed-hwe-6.5\nVersion: 1\n\n"
    "Package: linux-image-5.15.0-100-generic\nStatus: install ok installed\n"
    "Source: linux-signed\nVersion: 1\n";

TEST(Lifecycle, TellsOfTheKernelThatRuns) {
  TestRoot root;
  make_ubuntu(root);
  root.write("/var/lib/dpkg/status", kHweStatus);
  EXPECT_THAT(periods_of(facts_of(look(root, "6.5.0-45-generic"))),
              testing::Contains("generic-hwe-22.04: standard 2024-09-01 included"));
  EXPECT_EQ(facts_of(look(root, "5.15.0-100-generic")).periods_size(), 3);
  // In a container the kernel is the host's.
  EXPECT_EQ(facts_of(look(root, "6.5.0-44-generic")).periods_size(), 3);
  // An image at rest would start the newest.
  EXPECT_EQ(facts_of(look(root)).periods_size(), 4);
}

TEST(Lifecycle, SaysThatOraclesKernelIsNotKnown) {
  TestRoot root;
  root.write("/etc/os-release", "ID=ol\nVERSION_ID=9.4\nSUPPORT_END=2032-07-01\n");
  EXPECT_THAT(facts_of(look(root, "5.15.0-206.153.7.el9uek.x86_64")).problems(),
              ElementsAre(HasSubstr("5.15.0-206.153.7.el9uek.x86_64 is not in Muster's table")));
  EXPECT_THAT(facts_of(look(root, "5.14.0-427.el9.x86_64")).problems(), IsEmpty());
}

TEST(Lifecycle, CannotTellWhetherAPaidProgrammeIsPaidFor) {
  TestRoot root;
  root.write("/etc/os-release", "ID=\"rhel\"\nVERSION_ID=\"9.4\"\n");
  EXPECT_THAT(periods_of(facts_of(look(root))),
              ElementsAre("standard 2032-06-01 included", "els 2036-06-01 ?"));
}

TEST(Lifecycle, TellsCentosStreamFromCentosLinux) {
  TestRoot root;
  root.write("/etc/os-release", "ID=centos\nVERSION_ID=8\nNAME=\"CentOS Linux\"\n");
  EXPECT_THAT(periods_of(facts_of(look(root))), ElementsAre("standard 2022-01-01 included"));
  root.write("/etc/os-release", "ID=centos\nVERSION_ID=8\nNAME=\"CentOS Stream\"\n");
  EXPECT_THAT(periods_of(facts_of(look(root))), ElementsAre("standard 2024-06-01 included"));
}

TEST(Lifecycle, OfARollingReleaseHasNoEnd) {
  for (const char* release :
       {"ID=arch\nBUILD_ID=rolling\n", "ID=debian\nVERSION_CODENAME=forky\n",
        "ID=debian\nPRETTY_NAME=\"Debian GNU/Linux forky/sid\"\n",
        "ID=alpine\nVERSION_ID=3.24_alpha20260805\nPRETTY_NAME=\"Alpine Linux edge\"\n",
        "ID=fedora\nVERSION_ID=46\nPRETTY_NAME=\"Fedora Linux 46 (Rawhide Prerelease)\"\n"
        "SUPPORT_END=2027-11-01\n"}) {
    TestRoot root;
    root.write("/etc/os-release", release);
    const v1::LifecycleFacts facts = facts_of(look(root));
    EXPECT_TRUE(facts.rolling()) << release;
    EXPECT_THAT(facts.periods(), IsEmpty()) << release;
    EXPECT_EQ(facts.unknown_because(), "") << release;
  }
}

// Nobody knows is not "supported".
TEST(Lifecycle, OfAnUnknownReleaseIsUnknown) {
  for (const char* release : {"ID=linuxmint\nVERSION_ID=22\n", "ID=debian\nVERSION_ID=99\n",
                              "ID=alpine\nVERSION_ID=9.9\n", "NAME=nothing\n", ""}) {
    TestRoot root;
    root.write("/etc/os-release", release);
    const v1::LifecycleFacts facts = facts_of(look(root));
    EXPECT_FALSE(facts.rolling()) << release;
    EXPECT_THAT(facts.periods(), IsEmpty()) << release;
    EXPECT_THAT(facts.unknown_because(), HasSubstr("nobody here knows until when")) << release;
  }
}

TEST(Lifecycle, WithoutOsReleaseIsAFailure) {
  TestRoot root;
  EXPECT_EQ(look(root).outcome(), v1::OUTCOME_FAILED);
  EXPECT_THAT(look(root).reason(), HasSubstr("is the system mounted?"));
  root.write("/etc/os-release", std::string((1 << 20) + 1, '#'));
  EXPECT_THAT(look(root).reason(), HasSubstr("/etc/os-release: "));
}

}  // namespace
}  // namespace muster::lifecycle
