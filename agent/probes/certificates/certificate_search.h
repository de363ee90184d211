// Finds the files of a host that may hold certificates, and reads them. Which of them do is decided
// by their content, so a configuration file that happens to hold a certificate is found and one
// that does not is none. Calls block; one thread.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "agent/probes/certificates/certificate_entries.h"
#include "agent/probes/certificates/password_table.h"

namespace muster {

// What the search never goes beyond. A test lowers them to cross them.
struct SearchLimits {
  // Bytes of one file.
  size_t file_size = 1 << 20;
  // Directories below a place.
  size_t depth = 10;
  // Names looked at in all places together.
  size_t names = 65536;
  // Rounds of key derivation, for all files together: half a minute of a slow processor.
  uint64_t rounds = 20'000'000;
};

class CertificateSearch {
 public:
  // `root` as in a checked request ("" for "/").
  CertificateSearch(std::string root, SearchLimits limits, const PasswordTable& passwords,
                    CertificateSinks sinks);

  // What the site configured: a file, a directory (looked at with all below it) or a glob,
  // absolute. A file or directory that is missing is an error; a glob without a match is none. A
  // file named so without a certificate is an error, too.
  void look_at_configured(const std::string& pattern);

  // A place that certificates usually are at: nothing if it is missing, and trust stores are passed
  // over.
  void look_at_usual(const std::string& path);

  // What a server is configured with, a file or a directory, absolute: as if it were configured
  // here, but nothing if it is missing.
  void look_at_use(const std::string& path);
  // The same of the key that goes with it.
  void look_at_key(const std::string& path);

 private:
  struct Directory {
    uint64_t device;
    uint64_t inode;
  };

  void look_at_referred(const std::string& path, Asked asked);
  void visit(const std::string& path, Asked asked, std::vector<Directory>& above);
  void visit_directory(const std::string& path, Asked asked, std::vector<Directory>& above);
  void visit_all(const std::vector<std::string>& paths, Asked asked);
  void visit_file(const std::string& path, Asked asked);
  void expand(const std::string& below, const std::string& rest);
  // Counts a name; false once there were too many, which is reported at `path` the first time.
  bool may_look(const std::string& path);
  void report_problem(const std::string& path, std::string_view error);

  const std::string root_;
  const SearchLimits limits_;
  CertificateEntries entries_;
  const CertificateSinks sinks_;
  std::set<std::string> seen_;  // paths of files and problems, so that none is there twice
  size_t names_ = 0;
  bool names_exhausted_ = false;
};

}  // namespace muster
