#include "agent/probes/packages_apk/apk_look.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "agent/probes/packages_apk/apk_index.h"
#include "agent/probes/packages_apk/apk_report.h"
#include "agent/probes/packages_apk/index_reader.h"
#include "tests/agent/probes/packages_apk/alpine_root.h"

namespace muster::packages_apk {
namespace {

using test::AlpineRoot;
using test::apk_facts_of;
using test::kAlpineCommunity;
using test::kAlpineMain;
using test::paragraph;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

const std::string base = paragraph("alpine-baselayout", "3.6.5-r0");

// "openssl 3.3.0-r2 > 3.3.2-r1", each update.
std::vector<std::string> updates_of(const v1::PackageFacts& facts) {
  std::vector<std::string> lines;
  for (const v1::PendingUpdate& update : facts.pending_updates()) {
    lines.push_back(update.package() + " " + update.installed_version() + " > " +
                    update.candidate_version() +
                    (update.would_install() ? "" : ", " + update.not_installed_because()));
  }
  return lines;
}

TEST(ApkPackages, TellWhatWaits) {
  AlpineRoot root;
  root.install(base + paragraph("libssl3", "3.3.0-r2", "o:openssl\n") +
               paragraph("zlib", "1.3.1-r1") + paragraph("nginx", "1.26.1-r0"));
  root.add(kAlpineMain, base + paragraph("libssl3", "3.3.2-r1", "o:openssl\n") +
                            paragraph("zlib", "1.3-r9") + paragraph("nginx", "1.26.2-r0"));
  root.add(kAlpineCommunity, paragraph("unrelated", "1-r0"));
  root.set_cache_time(kAlpineMain, 1'700'000'000);
  root.set_cache_time(kAlpineCommunity, 1'700'000'500);
  const v1::PackageFacts facts = apk_facts_of(root);
  EXPECT_EQ(facts.manager(), "apk");
  EXPECT_EQ(facts.installed(), 4U);
  EXPECT_TRUE(facts.lists_present());
  EXPECT_THAT(facts.problems(), IsEmpty());
  EXPECT_THAT(updates_of(facts),
              ElementsAre("libssl3 3.3.0-r2 > 3.3.2-r1", "nginx 1.26.1-r0 > 1.26.2-r0"));
  const v1::PendingUpdate& update = facts.pending_updates(0);
  EXPECT_EQ(update.source_package(), "openssl");
  EXPECT_EQ(update.architecture(), "x86_64");
  ASSERT_EQ(update.origins_size(), 1);
  EXPECT_EQ(update.origins(0).site(), "dl-cdn.alpinelinux.org");
  EXPECT_EQ(update.origins(0).suite(), "v3.20/main");
  EXPECT_EQ(update.origins(0).label(), "v3.20.3-45-gabcdef0");
  // The oldest index: one that stays behind hides its updates.
  EXPECT_EQ(facts.lists_updated_at().seconds(), 1'700'000'000);
  EXPECT_EQ(facts.lists_updated_source(), "APKINDEX");
  EXPECT_EQ(facts.obsolete(), 0U);
  EXPECT_EQ(facts.third_party(), 0U);
}

// Alpine's indices do not tell: nothing is "no security update".
TEST(ApkPackages, TellThatSecurityIsUnknown) {
  AlpineRoot root;
  root.install(base + paragraph("zlib", "1.3-r0"));
  root.add(kAlpineMain, base + paragraph("zlib", "1.3-r1"));
  const v1::PackageFacts facts = apk_facts_of(root);
  EXPECT_EQ(facts.pending_updates(0).security(), v1::SECURITY_UNSPECIFIED);
  EXPECT_THAT(facts.repositories_without_errata(),
              ElementsAre("dl-cdn.alpinelinux.org/alpine/v3.20/main"));
}

TEST(ApkPackages, WithoutAnIndexAreNoGoodNews) {
  AlpineRoot root;
  root.install(base + paragraph("zlib", "1.3-r0"));
  root.configure(std::string(kAlpineMain));
  root.write("/var/cache/apk/APKINDEX.00000000.tar.gz", "of who knows what");
  root.link("/etc/apk/cache", "/var/cache/apk");
  const v1::PackageFacts facts = apk_facts_of(root);
  EXPECT_FALSE(facts.lists_present());
  EXPECT_FALSE(facts.has_lists_updated_at());
  EXPECT_EQ(facts.obsolete(), 0U);
  EXPECT_THAT(facts.problems(),
              ElementsAre(HasSubstr("v3.20/main: it has no index in /etc/apk/cache or"),
                          HasSubstr("1 more index whose repository is not known")));
}

TEST(ApkPackages, WithoutOneOfTheIndicesSayWhatIsNotKnown) {
  AlpineRoot root;
  root.install(base + paragraph("tool", "1-r0"));
  root.add(kAlpineMain, base);
  root.configure(std::string(kAlpineCommunity));
  const v1::PackageFacts facts = apk_facts_of(root);
  EXPECT_TRUE(facts.lists_present());
  EXPECT_EQ(facts.obsolete(), 0U);
  EXPECT_THAT(facts.problems(),
              ElementsAre(HasSubstr("v3.20/community: it has no index"),
                          HasSubstr("which packages no repository offers is not known")));
}

// apk-cache(5): a link makes the cache one that stays.
TEST(ApkPackages, HaveTheirIndicesWhereALinkLeads) {
  AlpineRoot root;
  root.install(base);
  root.configure(std::string(kAlpineMain));
  root.link("/etc/apk/cache", "/media/usb/cache");
  const std::string name =
      root.cached_file(kAlpineMain).substr(std::string("/var/cache/apk").size());
  root.write("/media/usb/cache" + name, test::index_archive({.packages = base}));
  EXPECT_TRUE(apk_facts_of(root).lists_present());
  root.set_mode("/media/usb/cache", 0);
  const test::WithoutRights without_rights;
  const v1::PackageFacts facts = apk_facts_of(root);
  EXPECT_FALSE(facts.lists_present());
  ASSERT_GE(facts.problems_size(), 1);
  EXPECT_THAT(facts.problems(0),
              HasSubstr("listing /etc/apk/cache: Permission denied; where it is"));
}

TEST(ApkPackages, OfTheThirdFormatAreNotSupported) {
  AlpineRoot root;
  root.install(base);
  root.configure("v3 https://mirror.example.org/alpine/v3.23/main");
  root.configure(std::string(kAlpineMain));
  root.cache(kAlpineMain, "ADB.compressed");
  const v1::PackageFacts facts = apk_facts_of(root);
  EXPECT_FALSE(facts.lists_present());
  EXPECT_THAT(facts.problems(),
              ElementsAre(HasSubstr("apk v3's format (.adb), which is not supported"),
                          HasSubstr("apk v3's format, which is not supported")));
}

TEST(ApkPackages, HeldByTheWorldWait) {
  AlpineRoot root;
  root.write("/etc/apk/world", "nginx=1.26.1-r0\nphp~8.2\nredis<7.2\n");
  root.install(base + paragraph("nginx", "1.26.1-r0") + paragraph("php", "8.2.1-r0") +
               paragraph("redis", "7.0-r0"));
  root.add(kAlpineMain, base + paragraph("nginx", "1.26.2-r0") + paragraph("php", "8.2.9-r0") +
                            paragraph("redis", "7.2-r0"));
  root.add(kAlpineCommunity, paragraph("php", "8.3.0-r0"));
  const v1::PackageFacts facts = apk_facts_of(root);
  EXPECT_THAT(updates_of(facts),
              ElementsAre("nginx 1.26.1-r0 > 1.26.2-r0, held: /etc/apk/world has nginx=1.26.1-r0",
                          "php 8.2.1-r0 > 8.2.9-r0",
                          "redis 7.0-r0 > 7.2-r0, held: /etc/apk/world has redis<7.2"));
  EXPECT_THAT(facts.held(), ElementsAre("nginx", "php", "redis"));
}

TEST(ApkPackages, ComeFromATaggedRepositoryOnlyWhereItIsAskedFor) {
  const std::string edge = "https://dl-cdn.alpinelinux.org/alpine/edge/main";
  AlpineRoot root;
  root.write("/etc/apk/world", "asked@edge\nplain\n");
  root.install(base + paragraph("asked", "1-r0") + paragraph("plain", "1-r0") +
               paragraph("was", "1-r0", "s:edge\n"));
  root.add(kAlpineMain, base + paragraph("plain", "1-r0"));
  root.add(edge, paragraph("asked", "2-r0") + paragraph("plain", "2-r0") + paragraph("was", "2-r0"),
           "edge");
  EXPECT_THAT(updates_of(apk_facts_of(root)), ElementsAre("asked 1-r0 > 2-r0", "was 1-r0 > 2-r0"));
}

TEST(ApkPackages, OfOtherArchitecturesAreNotForThisSystem) {
  AlpineRoot root;
  root.install(base + paragraph("zlib", "1-r0"));
  root.add(kAlpineMain, base + "P:zlib\nV:2-r0\nA:aarch64\n\n" + "P:zlib\nV:1-r1\nA:noarch\n\n");
  EXPECT_THAT(updates_of(apk_facts_of(root)), ElementsAre("zlib 1-r0 > 1-r1"));
}

TEST(ApkPackages, OfOthersAreCountedApart) {
  const std::string theirs = "https://user:secret@packages.example.org/alpine/stable";
  AlpineRoot root;
  root.install(base + paragraph("agent", "1-r0") + paragraph("moved", "1-r0") +
               paragraph("gone", "1-r0") + paragraph(".build-deps", "20240101.120000"));
  root.add(kAlpineMain, base + paragraph("moved", "2-r0"));
  root.add(theirs, paragraph("agent", "1-r0") + paragraph("moved", "2-r0"));
  const v1::PackageFacts facts = apk_facts_of(root);
  EXPECT_EQ(facts.third_party(), 1U);
  EXPECT_EQ(facts.obsolete(), 1U);
  ASSERT_EQ(facts.third_party_repositories_size(), 1);
  EXPECT_EQ(facts.third_party_repositories(0).name(), "packages.example.org/alpine/stable");
  EXPECT_EQ(facts.third_party_repositories(0).packages(), 1U);
  EXPECT_THAT(facts.ShortDebugString(), testing::Not(HasSubstr("secret")));
}

TEST(ApkPackages, FromADirectoryNeedNoCache) {
  AlpineRoot root;
  root.install(base + paragraph("ours", "1-r0"));
  root.add(kAlpineMain, base);
  root.configure("/srv/packages");
  root.write("/srv/packages/x86_64/APKINDEX.tar.gz",
             test::index_archive({.packages = paragraph("ours", "2-r0"), .key = ""}));
  const v1::PackageFacts facts = apk_facts_of(root);
  EXPECT_THAT(facts.problems(), IsEmpty());
  EXPECT_THAT(updates_of(facts), ElementsAre("ours 1-r0 > 2-r0"));
}

TEST(ApkPackages, TellTheKernelsByFlavour) {
  AlpineRoot root;
  root.install(
      base +
      paragraph("linux-virt", "6.6.30-r1",
                "F:boot\nR:vmlinuz-virt\nF:lib/modules/6.6.30-1-virt\n") +
      paragraph("linux-lts", "6.6.31-r0", "F:boot\nR:vmlinuz-lts\nF:lib/modules/6.6.31-0-lts\n") +
      paragraph("linux-firmware", "20240101-r0"));
  root.add(kAlpineMain, base);
  const v1::PackageFacts facts = apk_facts_of(root);
  ASSERT_EQ(facts.kernels_size(), 2);
  EXPECT_EQ(facts.kernels(0).flavour(), "lts");
  EXPECT_EQ(facts.kernels(0).release(), "6.6.31-0-lts");
  EXPECT_EQ(facts.kernels(0).package(), "linux-lts");
  EXPECT_EQ(facts.kernels(0).version(), "6.6.31-r0");
  EXPECT_EQ(facts.kernels(1).flavour(), "virt");
}

TEST(ApkPackages, AreKeptOfAnIndexWhereTheySayAnythingOfWhatIsInstalled) {
  AlpineRoot root;
  root.cache(kAlpineMain, test::index_archive({.packages = base + paragraph("a", "2-r0") +
                                                           paragraph("other", "1-r0")}));
  packages_apk::ApkSnapshot snapshot;
  snapshot.installed = {
      {.name = "a", .version = "1-r0", .architecture = "", .origin = "", .tag = ""}};
  packages_apk::IndexReader(root.path(), "x86_64")
      .read({{.url = std::string(kAlpineMain)}}, snapshot);
  ASSERT_EQ(snapshot.repositories.size(), 1u);
  std::vector<std::string> names;
  for (const packages_apk::ApkPackage& package : snapshot.repositories[0].packages)
    names.push_back(package.name);
  EXPECT_THAT(names, testing::ElementsAre("alpine-baselayout", "a"));
}

TEST(ApkPackages, TellWhichKeysTheirRepositoriesHave) {
  AlpineRoot root;
  root.install(base);
  root.add(kAlpineMain, base);
  root.configure(std::string(kAlpineCommunity));
  root.cache(kAlpineCommunity,
             test::index_archive({.packages = "", .key = "gone-00c0ffee.rsa.pub"}));
  root.configure("/srv/packages");
  root.write("/srv/packages/x86_64/APKINDEX.tar.gz",
             test::index_archive({.packages = "", .key = ""}));
  // A name that the directory of keys has, and no key.
  root.configure("/srv/parent");
  root.write("/srv/parent/x86_64/APKINDEX.tar.gz",
             test::index_archive({.packages = "", .key = ".."}));
  const v1::PackageFacts facts = apk_facts_of(root);
  std::map<std::string, v1::RepositoryKey> keys;
  for (const v1::RepositoryKey& key : facts.repository_keys())
    keys[key.repository()] = key;
  const v1::RepositoryKey& main = keys["dl-cdn.alpinelinux.org/alpine/v3.20/main"];
  EXPECT_EQ(main.state(), v1::REPOSITORY_KEY_STATE_VALID);
  EXPECT_EQ(main.fingerprint(), "6165EE59");
  EXPECT_FALSE(main.has_not_after());
  EXPECT_EQ(keys["dl-cdn.alpinelinux.org/alpine/v3.20/community"].state(),
            v1::REPOSITORY_KEY_STATE_MISSING);
  EXPECT_EQ(keys["/srv/packages"].state(), v1::REPOSITORY_KEY_STATE_UNSIGNED);
  EXPECT_EQ(keys["/srv/parent"].state(), v1::REPOSITORY_KEY_STATE_MISSING);
}

TEST(ApkPackages, TellWhetherAJobUpgradesThem) {
  AlpineRoot root;
  root.install(base);
  EXPECT_EQ(apk_facts_of(root).automatic_updates().state(), v1::AUTOMATIC_UPDATES_OFF);
  root.write("/etc/periodic/daily/apk", "#!/bin/sh\n# apk upgrade\nexec apk update\n");
  EXPECT_EQ(apk_facts_of(root).automatic_updates().state(), v1::AUTOMATIC_UPDATES_OFF);
  root.write("/etc/periodic/weekly/apk", "#!/bin/sh\nexec apk -U upgrade\n");
  const v1::AutomaticUpdateState on = apk_facts_of(root).automatic_updates();
  EXPECT_EQ(on.state(), v1::AUTOMATIC_UPDATES_ON);
  EXPECT_EQ(on.reason(), "/etc/periodic/weekly/apk runs apk upgrade");
  EXPECT_TRUE(on.takes_security());
}

TEST(ApkPackages, ThatAreBrokenAreNamed) {
  AlpineRoot root;
  root.install(base + paragraph("halfway", "1-r0", "f:s\n"));
  EXPECT_THAT(apk_facts_of(root).broken(), ElementsAre("halfway"));
}

TEST(ApkPackages, DoNotApplyWithoutADatabase) {
  test::TestRoot root;
  root.write("/etc/os-release", "ID=debian\n");
  const v1::Section section = look_at_packages(root.path());
  EXPECT_EQ(section.outcome(), v1::OUTCOME_NOT_APPLICABLE);
  EXPECT_THAT(section.reason(), HasSubstr("does not use apk"));
  root.write("/etc/os-release", "ID=postmarketos\nID_LIKE=\"alpine\"\n");
  EXPECT_EQ(look_at_packages(root.path()).outcome(), v1::OUTCOME_FAILED);
}

TEST(ApkPackages, OfADamagedOrPrivateDatabaseAreAFailure) {
  AlpineRoot root;
  root.install("ADB binary");
  EXPECT_THAT(look_at_packages(root.path()).reason(), HasSubstr("not supported"));
  root.install("P:cut off\n");
  EXPECT_THAT(look_at_packages(root.path()).reason(), HasSubstr("no version"));
  root.set_mode("/lib/apk/db/installed", 0);
  const test::WithoutRights without_rights;
  const v1::Section section = look_at_packages(root.path());
  EXPECT_EQ(section.outcome(), v1::OUTCOME_FAILED);
  EXPECT_THAT(section.reason(), HasSubstr("reading /lib/apk/db/installed: Permission denied"));
}

TEST(ApkPackages, AreFoundBelowUsrToo) {
  AlpineRoot root;
  root.write("/usr/lib/apk/db/installed", base);
  root.write("/lib/apk/repositories.d/distribution.list", std::string(kAlpineMain) + "\n");
  root.cache(kAlpineMain, test::index_archive({.packages = base}));
  const v1::PackageFacts facts = apk_facts_of(root);
  EXPECT_EQ(facts.installed(), 1U);
  EXPECT_TRUE(facts.lists_present());
}

// Every list has a bound, and says when it is crossed.
TEST(ApkPackages, HaveBounds) {
  AlpineRoot root;
  std::string installed = base;
  std::string offered = base;
  std::string world;
  for (int i = 0; i <= kMostUpdates; ++i) {
    const std::string name = "package" + std::to_string(i) + std::string(150, 'x');
    installed += paragraph(name, "1-r0", "f:f\n");
    offered += paragraph(name, "2-r0");
    world += name + "=1-r0\n";
  }
  root.write("/etc/apk/world", world);
  root.install(installed);
  root.add(kAlpineMain, offered);
  const v1::PackageFacts facts = apk_facts_of(root);
  EXPECT_THAT(facts.pending_updates(), SizeIs(kMostUpdates));
  EXPECT_THAT(facts.held(), SizeIs(kMostNames));
  EXPECT_THAT(facts.broken(), SizeIs(kMostNames));
  EXPECT_THAT(facts.problems(), Contains("only 5000 of 5001 pending updates are listed"));
  EXPECT_LE(facts.pending_updates(0).package().size(), kLongestName);
  EXPECT_LT(facts.ByteSizeLong(), size_t{4} << 20);
  root.write("/var/cache/apk/huge", "");
  root.write(root.cached_file(kAlpineMain), std::string(kLargestIndexFile + 1, 'x'));
  EXPECT_FALSE(apk_facts_of(root).lists_present());
}

// Against the index: roots made at random, whose answer is known as they are made.
TEST(ApkPackages, AreWhatTheIndexSays) {
  // In the order of the specification.
  const std::vector<std::string> versions = {"1.0_rc1-r0", "1.0-r0",   "1.0-r2", "1.0-r10",
                                             "1.0_p1-r0",  "1.0.1-r0", "1.9-r0", "1.10-r0"};
  std::mt19937 random(7);
  for (int round = 0; round < 20; ++round) {
    AlpineRoot root;
    std::string installed = base;
    std::string main = base;
    std::string community;
    std::vector<std::string> expected;
    for (int i = 100; i < 140; ++i) {
      const std::string name = "package" + std::to_string(i);
      const size_t has = random() % versions.size();
      installed += paragraph(name, versions[has]);
      size_t newest = has;
      for (std::string* index : {&main, &community}) {
        if (random() % 3 == 0) continue;
        const size_t offers = random() % versions.size();
        *index += paragraph(name, versions[offers]);
        newest = std::max(newest, offers);
      }
      if (newest > has) expected.push_back(name + " " + versions[has] + " > " + versions[newest]);
    }
    root.install(installed);
    root.add(kAlpineMain, main);
    root.add(kAlpineCommunity, community);
    ASSERT_EQ(updates_of(apk_facts_of(root)), expected) << "round " << round;
  }
}

}  // namespace
}  // namespace muster::packages_apk
