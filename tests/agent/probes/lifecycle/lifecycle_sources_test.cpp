// The files that tell about support, each on its own.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "agent/probes/lifecycle/distro_info.h"
#include "agent/probes/lifecycle/dpkg_packages.h"
#include "agent/probes/lifecycle/subscriptions.h"
#include "common/timestamp.h"

namespace muster::lifecycle {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr std::string_view kDebian =
    "version,codename,series,created,release,eol,eol-lts,eol-elts\n"
    "12,Bookworm,bookworm,2021-08-14,2023-06-10,2026-07-11,2028-06-30,2033-06-30\n"
    "14,Forky,forky,2025-08-09\n"
    ",Sid,sid,1993-08-16\n";
constexpr std::string_view kUbuntu =
    "version,codename,series,created,release,eol,eol-server,eol-esm,eol-legacy\n"
    "10.04 LTS,Lucid Lynx,lucid,2009-10-29,2010-04-29,2013-05-09,2015-04-30\n"
    "22.04 LTS,Jammy "
    "Jellyfish,jammy,2021-10-14,2022-04-21,2027-06-01,2027-06-01,2032-04-21,2034-04-25\n"
    "25.10,Questing Quokka,questing,2025-04-17,2025-10-09,2026-07-09\n";

std::vector<std::string> ends_of(std::string_view csv, std::string_view version,
                                 std::string_view codename = "") {
  const auto release = find_release(csv, version, codename);
  if (!release.ok()) return {std::string(release.status().message())};
  if (!release->is_known) return {"unknown"};
  std::vector<std::string> lines;
  for (const ReleaseEnds::End& end : release->ends)
    lines.push_back(end.programme + " " + to_iso_date(end.last_day));
  return lines;
}

TEST(DistroInfo, TellsTheProgrammesOfARelease) {
  EXPECT_THAT(ends_of(kDebian, "12"),
              ElementsAre("standard 2026-07-11", "lts 2028-06-30", "elts 2033-06-30"));
  EXPECT_THAT(ends_of(kUbuntu, "22.04"),
              ElementsAre("standard 2027-06-01", "esm 2032-04-21", "legacy 2034-04-25"));
  EXPECT_THAT(ends_of(kUbuntu, "25.10"), ElementsAre("standard 2026-07-09"));
  // Servers had their own end once.
  EXPECT_THAT(ends_of(kUbuntu, "10.04"), ElementsAre("standard 2015-04-30"));
  EXPECT_THAT(ends_of(kDebian, "", "bookworm"), SizeIs(3));
}

TEST(DistroInfo, TellsABranchFromARelease) {
  EXPECT_THAT(ends_of(kDebian, "", "forky"), IsEmpty());
  EXPECT_THAT(ends_of(kDebian, "", "sid"), IsEmpty());
  EXPECT_THAT(ends_of(kDebian, "99"), ElementsAre("unknown"));
  EXPECT_THAT(ends_of(kDebian, "", ""), ElementsAre("unknown"));
  EXPECT_THAT(ends_of(kUbuntu, "22"), ElementsAre("unknown"));
}

TEST(DistroInfo, RefusesWhatIsNone) {
  EXPECT_THAT(ends_of("", "12"), ElementsAre("it is empty"));
  EXPECT_THAT(ends_of("a,b,c\n12,x,y\n", "12"), ElementsAre("it has no column 'version'"));
  EXPECT_THAT(ends_of("version,series,eol\n12,bookworm,2026-13-01\n", "12"),
              ElementsAre("eol is no date: '2026-13-01'"));
  std::string text = "version,series,eol\n";
  for (size_t i = 0; i < kMostReleases; ++i)
    text += "1,x,2020-01-01\n";
  EXPECT_THAT(ends_of(text, "12"), ElementsAre("unknown"));
  EXPECT_THAT(ends_of(text + "1,x,2020-01-01\n", "12"), ElementsAre(HasSubstr("more than 2000")));
}

TEST(DpkgPackages, TellTheVersionOfTheDataAndTheKernels) {
  const DpkgPackages found = parse_dpkg_status(
      "Package: distro-info-data\nStatus: install ok installed\nVersion: 0.52ubuntu0.7\n\n"
      "Package: linux-image-6.5.0-45-generic\nStatus: install ok installed\n"
      "Source: linux-signed-hwe-6.5 (6.5.0-45.45~22.04.1)\nVersion: 6.5.0-45.45~22.04.1\n\n"
      "Package: linux-image-unsigned-5.15.0-100-lowlatency\nStatus: hold ok installed\n"
      "Source: linux-lowlatency\nVersion: 5.15.0-100.110\n\n"
      "Package: linux-image-6.2.0-39-generic\nStatus: deinstall ok config-files\n"
      "Source: linux-signed-hwe-6.2\nVersion: 6.2.0-39\n\n"
      "Package: linux-image-generic-hwe-22.04\nStatus: install ok installed\nVersion: 6.5\n");
  EXPECT_EQ(found.distro_info_version, "0.52ubuntu0.7");
  ASSERT_THAT(found.images, SizeIs(2));
  EXPECT_EQ(found.images[0].release, "6.5.0-45-generic");
  EXPECT_EQ(found.images[0].source, "linux-hwe-6.5");
  EXPECT_EQ(found.images[1].release, "5.15.0-100-lowlatency");
  EXPECT_EQ(found.images[1].source, "linux-lowlatency");
}

TEST(DpkgPackages, HaveABoundOfKernels) {
  std::string text;
  for (size_t i = 0; i <= kMostImages; ++i) {
    text += "Package: linux-image-6." + std::to_string(i) + "\nStatus: install ok installed\n\n";
  }
  EXPECT_THAT(parse_dpkg_status(text).images, SizeIs(kMostImages));
  EXPECT_THAT(parse_dpkg_status(":\n : \nPackage\n\n\n").images, IsEmpty());
}

std::string pro_of(std::string_view json) {
  const auto coverage = parse_pro_status(json);
  if (!coverage.ok()) return std::string(coverage.status().message());
  return std::to_string(coverage->esm) + " " + std::to_string(coverage->legacy);
}

TEST(UbuntuPro, TellsWhichProgrammesTheHostGets) {
  EXPECT_EQ(pro_of(R"({"attached": false, "services": []})"), "3 3");
  EXPECT_EQ(pro_of(R"({"attached": true, "services": [{"name": "esm-apps", "status": "enabled"},
                       {"name": "esm-infra", "status": "enabled"}]})"),
            "2 0");
  EXPECT_EQ(
      pro_of(R"({"attached": true, "services": [{"name": "esm-infra", "status": "disabled"}]})"),
      "3 0");
  EXPECT_EQ(
      pro_of(R"({"attached": true, "services": [7, {"name": 1}, {"name": "esm-infra", "status": 2},
                       {"name": "esm-infra-legacy", "status": "enabled"}]})"),
      "3 2");
}

TEST(UbuntuPro, RefusesWhatDoesNotTell) {
  EXPECT_THAT(pro_of(""), HasSubstr("no JSON"));
  EXPECT_THAT(pro_of("{\"attached\": tru"), HasSubstr("no JSON"));
  EXPECT_THAT(pro_of("[]"), HasSubstr("does not say whether the host is attached"));
  EXPECT_THAT(pro_of(R"({"attached": "yes"})"), HasSubstr("does not say"));
  EXPECT_THAT(pro_of(R"({"attached": true, "services": {}})"), HasSubstr("names no services"));
  EXPECT_THAT(pro_of(std::string(100'000, '[')), HasSubstr("no JSON"));
}

TEST(ExtendedLts, IsConfiguredByFreexiansRepository) {
  EXPECT_TRUE(has_extended_lts("deb http://deb.freexian.com/extended-lts buster main\n", false));
  EXPECT_TRUE(
      has_extended_lts("deb\t[signed-by=/usr/share/keyrings/f.gpg] "
                       "https://deb.freexian.com/extended-lts buster main",
                       false));
  EXPECT_FALSE(has_extended_lts("# deb http://deb.freexian.com/extended-lts buster main\n", false));
  EXPECT_FALSE(
      has_extended_lts("deb-src http://deb.freexian.com/extended-lts buster main\n", false));
  EXPECT_FALSE(has_extended_lts("deb http://deb.debian.org/debian bookworm main\n", false));
  const std::string stanza =
      "Types: deb\nURIs: https://deb.freexian.com/extended-lts\nSuites: buster-lts\n";
  EXPECT_TRUE(has_extended_lts(stanza, true));
  EXPECT_TRUE(has_extended_lts("Enabled: no\nURIs: http://x\n\n" + stanza, true));
  EXPECT_FALSE(has_extended_lts(stanza + "Enabled: No\n", true));
  EXPECT_FALSE(has_extended_lts("ENABLED:false\n" + stanza + "\nURIs: http://x\n", true));
  EXPECT_FALSE(has_extended_lts("#URIs: https://deb.freexian.com/extended-lts\n", true));
}

}  // namespace
}  // namespace muster::lifecycle
