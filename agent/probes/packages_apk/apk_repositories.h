// Where apk takes packages from (apk-repositories(5)), and under which name it keeps each one's
// index. Pure; any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace muster::packages_apk {

inline constexpr size_t kMostRepositories = 200;
// Of one file; how many more there are is told in one.
inline constexpr size_t kMostComplaints = 20;

struct ApkRepository {
  // As apk reads it, variables filled in: "https://dl-cdn.alpinelinux.org/alpine/v3.20/main", or
  // "/srv/packages". It may hold a password: never to be shown.
  std::string url;
  // Without "@"; empty where every package may come from it.
  std::string tag = {};
  // Whether the address is that of the index itself, and not of the directory of architectures.
  bool names_index = false;
  // Whether its index is in apk v3's format.
  bool is_v3 = false;
};

// The repositories of one file, after those of the files before it; variables go on from file to
// file. apk v2's files are of the same format, without its words and variables.
class RepositoryReader {
 public:
  explicit RepositoryReader(std::string architecture);
  // What is wrong with the file is told in `problems`, a sentence each, under `path`.
  void read(std::string_view path, std::string_view text, std::vector<std::string>& problems);
  const std::vector<ApkRepository>& repositories() const { return repositories_; }

 private:
  struct Variable {
    std::string name;
    std::string value;
  };
  std::string expand(std::string_view text) const;
  void set(std::vector<std::string_view> words);
  void add(std::vector<std::string_view> words, std::vector<std::string_view>& complaints);

  std::vector<Variable> variables_;
  std::vector<ApkRepository> repositories_;
  // Whether there was one more than are looked at.
  bool is_full_ = false;
};

// For people and labels: without scheme, user and password; "/srv/packages" for a directory.
std::string shown_name(const ApkRepository& repository);
// The host part; empty for a directory.
std::string site_of(const ApkRepository& repository);
// The directory on this machine, where it is one.
std::string local_directory(const ApkRepository& repository);
// Without its last part: repositories of one release of a distribution have it in common.
std::string parent_of(const ApkRepository& repository);

// The file below a repository that is a directory: "/srv/packages/x86_64/APKINDEX.tar.gz".
std::string local_index(const ApkRepository& repository, const std::string& architecture);
// The names that its index may have in the cache: APKINDEX., eight hex digits of a digest of its
// address, .tar.gz. apk 2 takes SHA-1 of the address as it is configured, apk 3 SHA-256 of that of
// the index.
std::vector<std::string> cached_index_names(const ApkRepository& repository,
                                            const std::string& architecture);

}  // namespace muster::packages_apk
