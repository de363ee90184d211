#include "tests/agent/probes/packages_apt/apt_world.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>

#include "common/digest.h"
#include "common/text.h"
#include "tests/agent/probes/packages_apt/command.h"

namespace muster::test {
namespace {

namespace fs = std::filesystem;

void write_file(const std::string& path, const std::string& content,
                std::ios::openmode mode = std::ios::trunc) {
  fs::create_directories(fs::path(path).parent_path());
  std::ofstream(path, std::ios::out | mode) << content;
}

std::string stanza_text(const Stanza& stanza, const std::string& more) {
  return fmt::format(
      "Package: {0}\n{4}Priority: optional\nSection: misc\nMaintainer: Test <test@example.org>\n"
      "Architecture: {2}\nVersion: {1}\n{3}Description: {0}\n\n",
      stanza.package, stanza.version, stanza.architecture, stanza.fields, more);
}

std::string offered_text(const Stanza& stanza) {
  return stanza_text(stanza, fmt::format("Filename: pool/{}_{}.deb\nSize: 1\nSHA256: {:064}\n",
                                         stanza.package, stanza.version, 0));
}

}  // namespace

AptWorld::AptWorld() {
  std::string name = ::testing::TempDir() + "apt_world.XXXXXX";
  directory_ = ::mkdtemp(name.data());
  fs::permissions(directory_, fs::perms{0755});
  root_ = directory_ + "/root";
  configuration_ = directory_ + "/apt.conf";
  write("etc/machine-id", "0123456789abcdef0123456789abcdef\n");
  write("var/lib/dpkg/arch", "amd64\ni386\n");
  for (const char* made : {"etc/apt/apt.conf.d", "etc/apt/preferences.d", "etc/apt/sources.list.d",
                           "var/lib/apt/lists/partial", "var/cache/apt/archives/partial"}) {
    fs::create_directories(root_ + "/" + made);
  }
  write_file(configuration_, fmt::format(R"(Dir "{0}/";
Dir::State::status "{0}/var/lib/dpkg/status";
Dir::Cache::pkgcache "";
Dir::Cache::srcpkgcache "";
Dir::Bin::ischroot "/bin/false";
APT::Architecture "amd64";
APT::Architectures {{ "amd64"; "i386"; }};
APT::Sandbox::User "root";
Acquire::Languages "none";
)",
                                         root_));
}

AptWorld::~AptWorld() {
  fs::remove_all(directory_);
}

void AptWorld::write(const std::string& path, const std::string& content) const {
  write_file(root_ + "/" + path, content);
}

void AptWorld::append(const std::string& path, const std::string& content) const {
  write_file(root_ + "/" + path, content, std::ios::app);
}

void AptWorld::write_status(const std::vector<Stanza>& packages) const {
  std::string text;
  for (const Stanza& stanza : packages)
    text += stanza_text(stanza, fmt::format("Status: {}\n", stanza.status));
  write("var/lib/dpkg/status", text);
}

void AptWorld::add(const Repository& repository) const {
  const std::string base = fmt::format("{}/{}", directory_, repository.name);
  std::map<std::string, std::string> lists = {{"amd64", ""}, {"i386", ""}};
  for (const Stanza& stanza : repository.packages) {
    // A package for all architectures is in the list of each.
    for (auto& [architecture, text] : lists) {
      if (stanza.architecture == architecture || stanza.architecture == "all")
        text += offered_text(stanza);
    }
  }
  std::string release = repository.release_fields + "Codename: " + repository.distribution + "\n" +
                        "Architectures: amd64 i386\nComponents: main\n"
                        "Date: Sat, 01 Jan 2022 00:00:00 UTC\nSHA256:\n";
  for (const auto& [architecture, text] : lists) {
    const std::string name = fmt::format("main/binary-{}/Packages", architecture);
    write_file(fmt::format("{}/dists/{}/{}", base, repository.distribution, name), text);
    release += fmt::format(" {} {} {}\n", to_hex(sha256(text)), text.size(), name);
  }
  write_file(fmt::format("{}/dists/{}/Release", base, repository.distribution), release);
  write(fmt::format("etc/apt/sources.list.d/{}.list", repository.name),
        fmt::format("deb [trusted=yes] copy:{} {} main\n", base, repository.distribution));
}

bool AptWorld::update_lists() const {
  return run_command({"apt-get", "-qq", "update"}, {"LC_ALL=C", "APT_CONFIG=" + configuration_})
             .status == 0;
}

std::vector<std::string> AptWorld::in_place() const {
  constexpr const char* kScript = R"(set -e
for part in etc/apt etc/machine-id var/lib/apt var/lib/dpkg var/cache/apt; do
  mount --bind "$0/$part" "/$part"
done
exec "$@")";
  std::vector<std::string> prefix = {"unshare", "--mount"};
  if (::geteuid() != 0) prefix.emplace_back("--map-root-user");
  prefix.insert(prefix.end(), {"sh", "-c", kScript, root_});
  return prefix;
}

std::string AptWorld::list_file(const std::string& part) const {
  for (const auto& entry : fs::directory_iterator(root_ + "/var/lib/apt/lists")) {
    if (entry.path().filename().string().find(part) != std::string::npos) return entry.path();
  }
  return {};
}

}  // namespace muster::test
