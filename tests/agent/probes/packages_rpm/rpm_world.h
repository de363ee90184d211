// A small rpm system in a directory: repositories, a root that uses them, its database. rpmbuild,
// createrepo_c and rpm make them, and the real `dnf makecache` fetches.
#pragma once

#include <string>
#include <vector>

namespace muster::test {

struct RpmPackageText {
  std::string name;
  // "1.0", or "1:1.0" with an epoch. The release is 1.
  std::string version;
  // Further lines of its part of the spec file, "Obsoletes: old\n".
  std::string fields = {};
  // The file that it brings; empty for none.
  std::string file = {};
};

struct RpmRepositoryText {
  // Its directory, its id and its file in yum.repos.d.
  std::string id;
  std::vector<RpmPackageText> packages;
  std::string vendor = "Example Linux";
  // updateinfo.xml and modules.yaml; empty for none.
  std::string updateinfo = {};
  std::string modules = {};
  // Further lines of its section, "priority=10\n".
  std::string fields = {};
};

// An entry of updateinfo.xml: closes CVE-2026-N where its type is "security".
std::string advisory(const std::string& id, const std::string& type, const std::string& severity,
                     const std::vector<RpmPackageText>& packages,
                     const std::string& references = "");
// All of it.
std::string updateinfo(const std::vector<std::string>& advisories);

class RpmWorld {
 public:
  RpmWorld();
  ~RpmWorld();
  RpmWorld(const RpmWorld&) = delete;
  RpmWorld& operator=(const RpmWorld&) = delete;

  const std::string& root() const { return root_; }
  // What makes dnf and rpm look at the root as the probe does.
  std::vector<std::string> environment() const;

  // A file below the root; parents are made.
  void write(const std::string& path, const std::string& content) const;
  void remove(const std::string& path) const;
  // Into the root's database, without the files.
  void install(const std::vector<RpmPackageText>& packages,
               const std::string& vendor = "Example Linux") const;
  // Makes the repository and its section in etc/yum.repos.d.
  void add(const RpmRepositoryText& repository) const;
  // Where its repodata lie.
  std::string repository_directory(const std::string& id) const;
  // `dnf makecache`.
  void make_cache() const;
  // The prefix that runs a program where the root's rpm and dnf are those of the machine: in a
  // mount namespace of its own, by root. The repositories move into dnf.conf.
  std::vector<std::string> in_place() const;
  // The prefix of every dnf command here.
  std::vector<std::string> dnf() const;

 private:
  // The directory of the rpm files.
  std::string build(const std::string& name, const std::vector<RpmPackageText>& packages,
                    const std::string& vendor) const;

  std::string directory_;
  std::string root_;
};

}  // namespace muster::test
