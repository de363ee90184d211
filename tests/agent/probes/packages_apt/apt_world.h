// A small apt system in a directory: repositories, a root that uses them, its dpkg status. The test
// writes all of it as text (apt reads lists, never packages) and the real `apt-get update` fetches.
#pragma once

#include <string>
#include <vector>

namespace muster::test {

// One stanza of a Packages file or of the status file.
struct Stanza {
  std::string package;
  std::string version;
  // Further fields, "Depends: libfoo\n".
  std::string fields = {};
  std::string architecture = "amd64";
  // In the status file only.
  std::string status = "install ok installed";
};

struct Repository {
  // Its directory, and its file in sources.list.d.
  std::string name;
  // The second word of its line: the code name.
  std::string distribution;
  // "Origin: Debian\nLabel: Debian\nSuite: stable\n".
  std::string release_fields;
  std::vector<Stanza> packages;
};

class AptWorld {
 public:
  AptWorld();
  ~AptWorld();
  AptWorld(const AptWorld&) = delete;
  AptWorld& operator=(const AptWorld&) = delete;

  const std::string& root() const { return root_; }
  // The directory that holds the root; others may be made beside it.
  const std::string& directory() const { return directory_; }
  // For APT_CONFIG: what makes the real apt look at the root as the probe does.
  const std::string& apt_configuration() const { return configuration_; }

  // A file below the root; parents are made.
  void write(const std::string& path, const std::string& content) const;
  void append(const std::string& path, const std::string& content) const;
  void write_status(const std::vector<Stanza>& packages) const;
  // Makes the repository and its line in sources.list.d.
  void add(const Repository& repository) const;
  // `apt-get update`. False if it failed.
  bool update_lists() const;
  // The prefix that runs a program where the root's apt and dpkg are those of the machine: in a
  // mount namespace of its own.
  std::vector<std::string> in_place() const;
  // The file in var/lib/apt/lists whose name contains `part`.
  std::string list_file(const std::string& part) const;

 private:
  std::string directory_;
  std::string root_;
  std::string configuration_;
};

}  // namespace muster::test
