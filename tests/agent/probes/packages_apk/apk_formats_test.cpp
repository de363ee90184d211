// The files that apk keeps: databases, indices, repositories and the world, each on its own.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "agent/probes/packages_apk/apk_database.h"
#include "agent/probes/packages_apk/apk_index.h"
#include "agent/probes/packages_apk/apk_repositories.h"
#include "agent/probes/packages_apk/apk_world.h"
#include "tests/agent/probes/packages_apk/alpine_root.h"

namespace muster::packages_apk {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

TEST(ApkDatabase, ReadsWhatIsInstalled) {
  const auto packages = parse_packages(
      "C:Q1abc=\nP:busybox\nV:1.36.1-r29\nA:x86_64\no:busybox\nt:1718000000\nF:bin\nR:busybox\n"
      "a:0:0:755\nZ:Q1abc=\n\n"
      "P:custom\nV:1-r0\ns:edge\nf:fs\n\n"
      "P:linux-lts\nV:6.6.31-r0\nA:x86_64\nF:boot\nR:vmlinuz-lts\nF:lib/modules\n"
      "F:lib/modules/6.6.31-0-lts\nF:lib/modules/6.6.31-0-lts/kernel\n");
  ASSERT_TRUE(packages.ok()) << packages.status();
  ASSERT_THAT(*packages, SizeIs(3));
  EXPECT_EQ((*packages)[0].name, "busybox");
  EXPECT_EQ((*packages)[0].version, "1.36.1-r29");
  EXPECT_EQ((*packages)[0].architecture, "x86_64");
  EXPECT_FALSE((*packages)[0].broken);
  EXPECT_EQ((*packages)[1].origin, "custom");
  EXPECT_EQ((*packages)[1].tag, "edge");
  EXPECT_TRUE((*packages)[1].broken);
  EXPECT_EQ((*packages)[2].kernel_flavour, "lts");
  EXPECT_EQ((*packages)[2].kernel_release, "6.6.31-0-lts");
}

// apk writes "f:S" for a package of its third format, whose files are checked by another digest.
TEST(ApkDatabase, TakesNoOtherFlagForBroken) {
  const auto packages = parse_packages("P:a\nV:1\nf:S\n\n");
  ASSERT_TRUE(packages.ok());
  EXPECT_FALSE(packages->front().broken);
}

// linux-firmware and linux-headers bring none; modules of somebody else are not a kernel.
TEST(ApkDatabase, KnowsAKernelByItsImage) {
  const auto packages = parse_packages(
      "P:linux-firmware\nV:1\nF:lib/firmware\nR:a.bin\n\n"
      "P:zfs-lts\nV:6.6.31-r0\nF:lib/modules/6.6.31-0-lts/extra\nR:zfs.ko\n\n");
  ASSERT_TRUE(packages.ok());
  for (const ApkPackage& package : *packages) {
    EXPECT_EQ(package.kernel_flavour, "");
    EXPECT_EQ(package.kernel_release, "");
  }
}

TEST(ApkDatabase, RefusesWhatIsNone) {
  const auto message = [](std::string_view text) {
    const auto packages = parse_packages(text);
    return packages.ok() ? "" : std::string(packages.status().message());
  };
  EXPECT_THAT(message("no line of it"), HasSubstr("line 1"));
  EXPECT_THAT(message("P:a\nV:1\n\nP:b\n\n"), HasSubstr("no version, before line 5"));
  EXPECT_THAT(message("V:1\n"), HasSubstr("no name"));
  EXPECT_THAT(message("ADBc\x01\x02"), HasSubstr("apk v3's binary format, which is not supported"));
  EXPECT_THAT(*parse_packages(""), IsEmpty());
  EXPECT_THAT(*parse_packages("\n\n\n"), IsEmpty());
}

TEST(ApkDatabase, HasABoundOfPackages) {
  std::string text;
  for (size_t i = 0; i < kMostPackages; ++i)
    text += "P:a\nV:1\n\n";
  EXPECT_THAT(*parse_packages(text), SizeIs(kMostPackages));
  EXPECT_TRUE(absl::IsOutOfRange(parse_packages(text + "P:a\nV:1\n").status()));
}

TEST(ApkIndex, IsReadFromItsArchive) {
  const auto index = read_index(test::index_archive({.packages = "P:a\nV:1\n\n"}));
  ASSERT_TRUE(index.ok()) << index.status();
  EXPECT_EQ(index->packages, "P:a\nV:1\n\n");
  EXPECT_EQ(index->description, "v3.20.3-45-gabcdef0");
  EXPECT_EQ(index->key, "alpine-devel@lists.alpinelinux.org-6165ee59.rsa.pub");
  const auto bare = read_index(test::index_archive({.packages = "P:a\nV:1\n\n", .key = ""}));
  ASSERT_TRUE(bare.ok()) << bare.status();
  EXPECT_EQ(bare->key, "");
}

TEST(ApkIndex, ThatIsDamagedIsRefused) {
  const std::string good = test::index_archive({.packages = std::string(5000, 'x')});
  EXPECT_TRUE(absl::IsInvalidArgument(read_index("").status()));
  EXPECT_TRUE(absl::IsInvalidArgument(read_index("no archive").status()));
  EXPECT_THAT(read_index("ADB.and more").status().message(), HasSubstr("apk v3's format"));
  // Cut off anywhere in its second half: nothing of it is taken.
  for (size_t size = good.size() / 2; size < good.size() - 16; ++size)
    EXPECT_FALSE(read_index(std::string_view(good).substr(0, size)).ok()) << size;
}

TEST(ApkIndex, HasABoundOfBytes) {
  std::string text(kLargestIndexText, '\n');
  EXPECT_TRUE(read_index(test::index_archive({.packages = text})).ok());
  text += '\n';
  EXPECT_TRUE(absl::IsOutOfRange(read_index(test::index_archive({.packages = text})).status()));
}

// 8 GB of zeros, packed 8 MB, would be unpacked to be passed over.
TEST(ApkIndex, HasABoundOfBytesThatArePassedOver) {
  std::string rest(kLargestIndexText, '\0');
  EXPECT_TRUE(read_index(test::index_archive({.packages = "P:a\nV:1\n", .rest = rest})).ok());
  rest.resize(kLargestIndexText + (1 << 20));
  const auto index = read_index(test::index_archive({.packages = "P:a\nV:1\n", .rest = rest}));
  EXPECT_TRUE(absl::IsOutOfRange(index.status())) << index.status();
}

std::vector<ApkRepository> read_file(std::string_view text,
                                     std::vector<std::string>* problems = nullptr) {
  std::vector<std::string> ignored;
  RepositoryReader reader("x86_64");
  reader.read("/etc/apk/repositories", text, problems != nullptr ? *problems : ignored);
  return reader.repositories();
}

TEST(ApkRepositories, AreReadWithTagsWordsAndVariables) {
  const auto repositories = read_file(
      "# a comment\n"
      "https://mirror.example.org/alpine/v3.20/main\r\n"
      "  @edge   https://mirror.example.org/alpine/edge/main\n"
      "#https://mirror.example.org/alpine/v3.20/testing\n"
      "/srv/packages\n"
      "set -default mirror=https://m.example.org\n"
      "set mirror=${mirror}/alpine\n"
      "set -default mirror=https://other.example.org\n"
      "set APK_ARCH=armv7\n"
      "v2 ${mirror}/v3.20/ main ${APK_ARCH}\n"
      "v3 @new ${mirror}/v3.23/main\n"
      "ndx https://example.org/an.index\n"
      "https://example.org/Packages.adb\n");
  std::vector<std::string> urls;
  for (const ApkRepository& repository : repositories)
    urls.push_back(repository.url);
  EXPECT_THAT(urls,
              ElementsAre("https://mirror.example.org/alpine/v3.20/main",
                          "https://mirror.example.org/alpine/edge/main", "/srv/packages",
                          "https://m.example.org/alpine/v3.20/main",
                          "https://m.example.org/alpine/v3.20/x86_64",
                          "https://m.example.org/alpine/v3.23/main", "https://example.org/an.index",
                          "https://example.org/Packages.adb"));
  EXPECT_EQ(repositories[1].tag, "edge");
  EXPECT_EQ(repositories[5].tag, "new");
  EXPECT_TRUE(repositories[5].is_v3);
  EXPECT_TRUE(repositories[6].names_index);
  EXPECT_FALSE(repositories[6].is_v3);
  EXPECT_TRUE(repositories[7].is_v3);
}

TEST(ApkRepositories, HaveBounds) {
  std::vector<std::string> problems;
  std::string text = "@tag\n";
  text += "https://example.org/" + std::string(5000, 'x') + "\n";
  text += "set a=" + std::string(100, 'x') + "\nset a=${a}${a}${a}${a}${a}${a}${a}${a}${a}${a}\n";
  text += "set a=${a}${a}${a}${a}${a}${a}${a}${a}${a}${a}\nhttps://${a}/\n";
  for (size_t i = 0; i <= kMostRepositories; ++i)
    text += "https://example.org/" + std::to_string(i) + "\n";
  EXPECT_THAT(read_file(text, &problems), SizeIs(kMostRepositories));
  EXPECT_THAT(problems,
              ElementsAre(HasSubstr("names no repository"), HasSubstr("longer than 4096"),
                          HasSubstr("longer than 4096"), HasSubstr("only 200 repositories")));
}

TEST(ApkRepositories, HaveABoundOfComplaintsAndOfComponents) {
  std::vector<std::string> problems;
  std::string text;
  for (int i = 0; i < 1000; ++i)
    text += "@tag\n";
  text += "set long=" + std::string(3000, 'x') + "\nhttps://example.org";
  for (int i = 0; i < 100'000; ++i)
    text += " ${long}";
  EXPECT_THAT(read_file(text, &problems), SizeIs(kMostRepositories));
  EXPECT_THAT(problems, SizeIs(kMostComplaints + 2));
  EXPECT_EQ(problems[kMostComplaints], "/etc/apk/repositories: and 980 more that cannot be used");
  EXPECT_THAT(problems.back(), HasSubstr("only 200 repositories"));
}

// A mirror's password is in no facts.
TEST(ApkRepositories, AreShownWithoutSchemeAndPassword) {
  const auto name = [](const std::string& url) { return shown_name({.url = url}); };
  EXPECT_EQ(name("https://dl-cdn.alpinelinux.org/alpine/v3.20/main"),
            "dl-cdn.alpinelinux.org/alpine/v3.20/main");
  EXPECT_EQ(name("https://user:pass@mirror.example.org:8443/a/main/"),
            "mirror.example.org:8443/a/main");
  EXPECT_EQ(name("https://us@er:p@ss@mirror.example.org/a@b"), "mirror.example.org/a@b");
  EXPECT_EQ(name("https://mirror.example.org/main?token=1"), "mirror.example.org/main");
  EXPECT_EQ(name("/srv/packages@home/"), "/srv/packages@home");
  EXPECT_EQ(name("file:///srv/packages"), "/srv/packages");
  EXPECT_EQ(site_of({.url = "https://user:pass@mirror.example.org:8443/a"}), "mirror.example.org");
  EXPECT_EQ(site_of({.url = "/srv/packages"}), "");
  EXPECT_EQ(local_directory({.url = "file:///srv/packages/"}), "/srv/packages");
  EXPECT_EQ(local_directory({.url = "https://example.org"}), "");
}

// Names that apk 2 printed of those repositories, in reports of it.
TEST(ApkRepositories, HaveTheNameOfTheirIndexByADigestOfTheirAddress) {
  const auto name = [](const std::string& url) {
    return cached_index_names({.url = url}, "x86_64").back();
  };
  EXPECT_EQ(name("http://dl-cdn.alpinelinux.org/alpine/v3.6/main"), "APKINDEX.84815163.tar.gz");
  EXPECT_EQ(name("http://dl-cdn.alpinelinux.org/alpine/v3.9/community"),
            "APKINDEX.737f7e01.tar.gz");
  EXPECT_EQ(name("http://dl-cdn.alpinelinux.org/alpine/v3.12/main"), "APKINDEX.2c4ac24e.tar.gz");
  EXPECT_EQ(name("http://dl-cdn.alpinelinux.org/alpine/edge/main"), "APKINDEX.066df28d.tar.gz");
}

TEST(ApkWorld, SaysWhatIsHeld) {
  const auto world = parse_world(
      "alpine-base\nbusybox@edge\nnginx=1.26.1-r0\nphp~8.2\nkernel<6.7\nnewer>=2\n!unwanted\n"
      "local><Q12l/v/T0pPK3aQaUWmI9djiLpF+g=\nboth@edge<3\n\n=1\n");
  EXPECT_THAT(world, SizeIs(8));
  EXPECT_FALSE(is_held(world.at("alpine-base")));
  EXPECT_FALSE(is_held(world.at("newer")));
  for (const char* name : {"nginx", "php", "kernel", "local", "both"})
    EXPECT_TRUE(is_held(world.at(name))) << name;
  EXPECT_THAT(world.at("busybox").tags, ElementsAre("edge"));
  EXPECT_THAT(world.at("both").tags, ElementsAre("edge"));
  EXPECT_EQ(world.at("both").text, "both@edge<3");
}

TEST(ApkWorld, LetsInWhatItsBoundsSay) {
  const auto lets = [](const std::string& wish, std::string_view version) {
    return allows(parse_world(wish).begin()->second, version);
  };
  EXPECT_TRUE(lets("a", "1"));
  EXPECT_TRUE(lets("a=1.0-r0", "1.0-r0"));
  EXPECT_FALSE(lets("a=1.0-r0", "1.0-r1"));
  EXPECT_TRUE(lets("a<2", "1.9"));
  EXPECT_FALSE(lets("a<2", "2"));
  EXPECT_TRUE(lets("a<=2", "2"));
  EXPECT_FALSE(lets("a>2", "2"));
  EXPECT_TRUE(lets("a>=2", "2"));
  EXPECT_TRUE(lets("a~1.6", "1.6.9-r3"));
  EXPECT_FALSE(lets("a~1.6", "1.7"));
  EXPECT_TRUE(lets("a=~1.6", "1.6.9"));
  EXPECT_TRUE(lets("a>~1.6", "1.7"));
  EXPECT_TRUE(lets("a<~1.6", "1.6.1"));
  EXPECT_FALSE(lets("a<~1.6", "1.7"));
  EXPECT_FALSE(lets("a><Q1abc=", "1"));
  EXPECT_FALSE(lets("a>1 a<2", "2.5"));
}

}  // namespace
}  // namespace muster::packages_apk
