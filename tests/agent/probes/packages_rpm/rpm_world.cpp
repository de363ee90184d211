#include "tests/agent/probes/packages_rpm/rpm_world.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <set>

#include "tests/agent/probes/packages_apt/command.h"

namespace muster::test {
namespace {

namespace fs = std::filesystem;

void write_file(const std::string& path, const std::string& content) {
  fs::create_directories(fs::path(path).parent_path());
  std::ofstream(path) << content;
}

// The version without its epoch, and that.
std::pair<std::string, std::string> split(const std::string& version) {
  const size_t colon = version.find(':');
  if (colon == std::string::npos) return {version, "0"};
  return {version.substr(colon + 1), version.substr(0, colon)};
}

std::string subpackage(const RpmPackageText& package) {
  const auto [version, epoch] = split(package.version);
  return fmt::format(
      "%package -n {0}\nSummary: {0}\nVersion: {1}\n{2}{3}%description -n {0}\n{0}\n"
      "%files -n {0}\n{4}\n",
      package.name, version, epoch == "0" ? "" : "Epoch: " + epoch + "\n", package.fields,
      package.file);
}

}  // namespace

std::string advisory(const std::string& id, const std::string& type, const std::string& severity,
                     const std::vector<RpmPackageText>& packages, const std::string& references) {
  std::string list;
  for (const RpmPackageText& package : packages) {
    const auto [version, epoch] = split(package.version);
    list += fmt::format(
        R"(<package name="{0}" version="{1}" release="1" epoch="{2}" arch="noarch"><filename>{0}-{1}-1.noarch.rpm</filename></package>)",
        package.name, version, epoch);
  }
  return fmt::format(
      R"(<update from="x" status="final" type="{1}" version="1"><id>{0}</id><title>{0}</title>)"
      R"(<issued date="2026-01-02 03:04:05"/><severity>{2}</severity><references>{4}</references>)"
      R"(<description>d</description><pkglist><collection short="c"><name>c</name>{3}</collection></pkglist></update>)",
      id, type, severity, list, references);
}

std::string updateinfo(const std::vector<std::string>& advisories) {
  std::string text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<updates>\n";
  for (const std::string& one : advisories)
    text += one + "\n";
  return text + "</updates>\n";
}

RpmWorld::RpmWorld() {
  std::string name = ::testing::TempDir() + "rpm_world.XXXXXX";
  directory_ = ::mkdtemp(name.data());
  fs::permissions(directory_, fs::perms{0755});
  root_ = directory_ + "/root";
  write("etc/dnf/dnf.conf", "[main]\ngpgcheck=1\n");
  write("etc/dnf/plugins/versionlock.conf",
        fmt::format("[main]\nenabled=1\nlocklist={}/etc/dnf/plugins/versionlock.list\n", root_));
  write("etc/dnf/plugins/versionlock.list", "");
  fs::create_directories(root_ + "/etc/yum.repos.d");
  fs::create_directories(root_ + "/var/lib/rpm");
  // dnf looks at the database of the machine too: that is one of the test's, and in the root the
  // same path leads to where rpm has it elsewhere than on Debian.
  write_file(directory_ + "/home/.rpmmacros", fmt::format("%_dbpath {}/database\n", directory_));
  fs::create_directories(root_ + directory_);
  const fs::path database = fs::path(root_ + "/var/lib/rpm").lexically_relative(root_ + directory_);
  fs::create_directory_symlink(database, root_ + directory_ + "/database");
  EXPECT_EQ(run_command({"rpm", "--initdb"}, environment()).status, 0);
}

RpmWorld::~RpmWorld() {
  fs::remove_all(directory_);
}

std::vector<std::string> RpmWorld::environment() const {
  return {"LC_ALL=C", "HOME=" + directory_ + "/home"};
}

void RpmWorld::write(const std::string& path, const std::string& content) const {
  write_file(root_ + "/" + path, content);
}

void RpmWorld::remove(const std::string& path) const {
  EXPECT_GT(fs::remove_all(root_ + "/" + path), 0u) << path;
}

std::string RpmWorld::build(const std::string& name, const std::vector<RpmPackageText>& packages,
                            const std::string& vendor) const {
  const std::string place = fmt::format("{}/built/{}", directory_, name);
  fs::remove_all(place);
  // A spec file has a name once: another version of it is in the next.
  std::vector<RpmPackageText> left = packages;
  while (!left.empty()) {
    std::string files;
    std::string text;
    std::set<std::string> names;
    std::vector<RpmPackageText> later;
    for (const RpmPackageText& package : left) {
      if (!names.insert(package.name).second) {
        later.push_back(package);
        continue;
      }
      text += subpackage(package);
      if (!package.file.empty()) {
        files += fmt::format("mkdir -p %{{buildroot}}$(dirname {0}); touch %{{buildroot}}{0}\n",
                             package.file);
      }
    }
    left = std::move(later);
    write_file(place + "/world.spec",
               fmt::format("Name: {}\nVersion: 1\nRelease: 1\nSummary: x\nLicense: x\nVendor: {}\n"
                           "BuildArch: noarch\n%description\nx\n%install\n{}{}",
                           name, vendor, files, text));
    const CommandResult built =
        run_command({"rpmbuild", "-bb", "--quiet", "--define", "_topdir " + place, "--define",
                     "_rpmdir " + place + "/rpms", place + "/world.spec"},
                    environment());
    EXPECT_EQ(built.status, 0) << built.output;
  }
  return place + "/rpms/noarch";
}

void RpmWorld::install(const std::vector<RpmPackageText>& packages,
                       const std::string& vendor) const {
  const std::string rpms = build("installed-source", packages, vendor);
  std::vector<std::string> command = {"rpm",      "--root",        root_,      "--force-debian",
                                      "--nodeps", "--nosignature", "--justdb", "-i"};
  for (const auto& entry : fs::directory_iterator(rpms))
    command.push_back(entry.path().string());
  EXPECT_EQ(run_command(command, environment()).status, 0);
}

std::string RpmWorld::repository_directory(const std::string& id) const {
  return fmt::format("{}/built/{}/rpms/noarch", directory_, id);
}

void RpmWorld::add(const RpmRepositoryText& repository) const {
  const std::string place = build(repository.id, repository.packages, repository.vendor);
  EXPECT_EQ(run_command({"createrepo_c", "--quiet", place}).status, 0);
  const auto modify = [&](const std::string& type, const std::string& name,
                          const std::string& content) {
    if (content.empty()) return;
    const std::string file = fmt::format("{}/../{}", place, name);
    write_file(file, content);
    EXPECT_EQ(run_command({"modifyrepo_c", "--mdtype=" + type, file, place + "/repodata"}).status,
              0);
  };
  modify("updateinfo", "updateinfo.xml", repository.updateinfo);
  modify("modules", "modules.yaml", repository.modules);
  write(fmt::format("etc/yum.repos.d/{}.repo", repository.id),
        fmt::format("[{0}]\nname={0}\nbaseurl=file://{1}\n{2}", repository.id, place,
                    repository.fields));
}

std::vector<std::string> RpmWorld::dnf() const {
  return {"dnf",
          "--assumeno",
          "--installroot=" + root_,
          "--disableplugin=*",
          "--enableplugin=versionlock",
          fmt::format("--setopt=pluginconfpath={}/etc/dnf/plugins", root_)};
}

std::vector<std::string> RpmWorld::in_place() const {
  // dnf takes repositories from its own file too, and Debian has no directory of them.
  const std::string dnf_conf = root_ + "/etc/dnf/dnf.conf";
  for (const auto& entry : fs::directory_iterator(root_ + "/etc/yum.repos.d"))
    std::ofstream(dnf_conf, std::ios::app) << '\n' << std::ifstream(entry.path()).rdbuf();
  fs::remove_all(root_ + "/etc/yum.repos.d");
  constexpr const char* kScript = R"(set -e
for part in etc/dnf var/lib/rpm var/cache/dnf; do
  mount --bind "$0/$part" "/$part"
done
exec "$@")";
  return {"unshare", "--mount", "sh", "-c", kScript, root_};
}

void RpmWorld::make_cache() const {
  std::vector<std::string> command = dnf();
  command.insert(command.end(), {"--quiet", "makecache"});
  EXPECT_EQ(run_command(command, environment()).status, 0);
}

}  // namespace muster::test
