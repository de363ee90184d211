// Finds and reads the index of each configured repository. Calls block; any thread.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "agent/probes/packages_apk/apk_snapshot.h"

namespace muster::packages_apk {

class IndexReader {
 public:
  IndexReader(const std::string& root, std::string architecture);

  // Adds each repository whose index can be read to `snapshot`, a sentence for each other, and says
  // whether they are all there.
  void read(const std::vector<ApkRepository>& repositories, ApkSnapshot& snapshot);

 private:
  // Where its index may be: below the repository, or in the caches.
  std::vector<std::string> places_of(const ApkRepository& repository) const;
  // False, with a sentence, if it cannot be read.
  bool read_one(const ApkRepository& repository, ApkSnapshot& snapshot);
  // How many indices in the caches belong to none of the repositories.
  size_t count_strangers(const std::vector<ApkRepository>& repositories) const;

  const std::string& root_;
  // What is installed.
  std::set<std::string> names_;
  const std::string architecture_;
  // Of every cache that there is, whole paths.
  std::vector<std::string> cached_;
  // Of caches that are there and cannot be listed.
  std::vector<std::string> problems_;
};

}  // namespace muster::packages_apk
