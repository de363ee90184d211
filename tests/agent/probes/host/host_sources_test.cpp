// The small parsers of the host's sources.
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "agent/probes/host/hardware_identity.h"
#include "agent/probes/host/host_names.h"
#include "agent/probes/host/time_zone.h"
#include "agent/probes/running_system.h"

namespace muster {
namespace {

TEST(HostNames, TakesTheFirstLineOfEtcHostname) {
  EXPECT_EQ(parse_hostname("web1\n"), "web1");
  EXPECT_EQ(parse_hostname("# set by the installer\n\n  web1.example.org \nother\n"),
            "web1.example.org");
  EXPECT_EQ(parse_hostname("# nothing\n"), "");
  EXPECT_EQ(parse_hostname(""), "");
  EXPECT_EQ(parse_hostname(std::string(300, 'x')).size(), 253U);
}

TEST(HostNames, FindsTheQualifiedNameAsHostnameWould) {
  struct Case {
    std::string_view hosts;
    std::string_view fqdn;
  };
  constexpr Case kCases[] = {
      {"127.0.0.1 localhost\n127.0.1.1 web1.example.org web1\n", "web1.example.org"},
      {"127.0.1.1 web1.example.org\tweb1 # us\n", "web1.example.org"},
      {"192.0.2.1 www.example.org web1\n", "www.example.org"},
      {"192.0.2.1 web1 web1.example.org\n", "web1.example.org"},
      {"192.0.2.1 web1\n192.0.2.1 web1.example.org web1\n", "web1.example.org"},
      {"2001:db8::1 web1.example.org web1\n", "web1.example.org"},
      {"127.0.0.1 localhost.localdomain localhost web1\n", ""},
      {"192.0.2.1 web10.example.org web10\n", ""},
      {"# 192.0.2.1 web1.example.org web1\n", ""},
      {"web1\n", ""},
      {"", ""},
  };
  for (const Case& c : kCases)
    EXPECT_EQ(find_fqdn("web1", c.hosts), c.fqdn) << c.hosts;
}

TEST(HostNames, TakesAHostNameWithADotAsQualified) {
  EXPECT_EQ(find_fqdn("web1.example.org", "192.0.2.1 other.example.org web1.example.org\n"),
            "web1.example.org");
  EXPECT_EQ(find_fqdn("", "192.0.2.1 web1.example.org\n"), "");
}

TEST(HardwareIdentity, KeepsWhatAMakerSaid) {
  for (const std::string_view text :
       {"Dell Inc.", "PowerEdge R740", "Standard PC (Q35 + ICH9, 2009)", "C1130LC49MH0061", "HP",
        "X10SLM+-F", "7", "AA"}) {
    EXPECT_EQ(clean_identity(std::string(text) + " \n"), text);
  }
  EXPECT_EQ(clean_identity("a\x1b[2J"), "a\\x1b[2J");
  EXPECT_EQ(clean_identity(std::string(150, 'x') + std::string(150, 'y')).size(), 256U);
}

TEST(HardwareIdentity, DropsWhatStandsForNothing) {
  for (const std::string_view text : {"To be filled by O.E.M.",
                                      "To Be Filled By O.E.M.",
                                      "Default string",
                                      "System Product Name",
                                      "Not Specified",
                                      "Not Applicable",
                                      "None",
                                      "N/A",
                                      "Unknown",
                                      "0123456789",
                                      "1234567890",
                                      "123456789",
                                      "00000000",
                                      "0",
                                      "........",
                                      "FFFFFFFF",
                                      "xxxxxxxxxx",
                                      "-",
                                      "INVALID",
                                      " ",
                                      ""}) {
    EXPECT_EQ(clean_identity(text), "") << text;
  }
}

TEST(TimeZone, IsWhereTheLinkLeads) {
  EXPECT_EQ(zone_of_link("/usr/share/zoneinfo/Europe/Berlin"), "Europe/Berlin");
  EXPECT_EQ(zone_of_link("../usr/share/zoneinfo/America/Argentina/Ushuaia"),
            "America/Argentina/Ushuaia");
  EXPECT_EQ(zone_of_link("/usr/share/zoneinfo/posix/UTC"), "UTC");
  EXPECT_EQ(zone_of_link("/usr/share/zoneinfo/right/Europe/Paris"), "Europe/Paris");
  EXPECT_EQ(zone_of_link("/etc/zones/berlin"), "");
  EXPECT_EQ(zone_of_link(""), "");
}

TEST(TimeZone, IsTheFirstLineOfEtcTimezone) {
  EXPECT_EQ(parse_timezone_file("Europe/Berlin\n"), "Europe/Berlin");
  EXPECT_EQ(parse_timezone_file("\n Etc/UTC \nmore\n"), "Etc/UTC");
  EXPECT_EQ(parse_timezone_file(""), "");
}

TEST(BootTime, IsTheLineBtimeOfProcStat) {
  EXPECT_EQ(*parse_boot_time("cpu  1 2 3\nintr 4 5\nbtime 1767225600\nprocesses 6\n"), 1767225600);
  EXPECT_EQ(*parse_boot_time("btime 4102444800"), 4102444800);
}

TEST(BootTime, IsAnErrorWhereTheLineIsMissingOrBroken) {
  for (const std::string_view text :
       {"", "cpu 1\n", "btime\n", "btime \n", "btime x\n", "btime 12x\n", "btime -1\n", "btime 0\n",
        "btime 99999999999999\n", "btime 99999999999999999999999\n", "xbtime 12\n"}) {
    EXPECT_FALSE(parse_boot_time(text).ok()) << text;
  }
}

TEST(RunningSystem, KnowsItsKernel) {
  const RunningSystem running = read_running_system();
  EXPECT_NE(running.kernel_release, "");
  EXPECT_NE(running.machine, "");
}

}  // namespace
}  // namespace muster
