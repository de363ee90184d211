// What the readers of servers' configurations share: files below a root, bounded, and the uses of
// certificates and the complaints that they come to. One thread; a source's calls may block.
#pragma once

#include <absl/status/statusor.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "muster/v1/certificate_facts.pb.h"

namespace muster::configured {

// What is never gone beyond. A test lowers them to cross them.
struct Limits {
  // Bytes of one file, and of all together.
  size_t file_size = 1 << 20;
  size_t total_size = 16 << 20;
  // Files read, those that are included twice twice.
  size_t files = 1024;
  // Names seen while directories are listed.
  size_t names = 16384;
  // Files that include one another.
  size_t depth = 10;
  // Uses, and bytes of all together: a section has 4 MiB, most of it for certificates.
  size_t uses = 4096;
  size_t use_bytes = 512 << 10;
  size_t server_names = 64;
  size_t complaints = 64;
};

// The looked-at system's files, by absolute path inside its root, links followed there.
class Source {
 public:
  virtual ~Source() = default;
  // NotFound where it is missing; else why it could not be read, in words.
  virtual absl::StatusOr<std::string> read(const std::string& path, size_t limit) = 0;
  // The names in a directory, in byte order.
  virtual absl::StatusOr<std::vector<std::string>> list(const std::string& path, size_t limit) = 0;
  virtual bool exists(const std::string& path) = 0;
};

// Where something is configured.
struct Place {
  std::string file;
  size_t line = 0;
};

class Configuration {
 public:
  Configuration(Source& source, const Limits& limits);

  // Of which program what follows is: "nginx".
  void begin(std::string_view program);

  // A file that has to be there; unset, and complained about, where it cannot be read. `depth` is
  // how many files include it, one another.
  std::optional<std::string> text(const std::string& path, size_t depth = 0);
  // As text, but nothing is complained about where it is missing.
  std::optional<std::string> text_if_there(const std::string& path, size_t depth = 0);
  // What a pattern of a shell ("/etc/nginx/sites-enabled/*") names, in byte order: files and
  // directories. Itself, there or not, where it has no wildcard.
  std::vector<std::string> matches(const std::string& pattern);
  // The names in a directory; none, and nothing is complained about, where it is none.
  std::vector<std::string> names(const std::string& directory);
  bool exists(const std::string& path);

  // A server that is configured with `certificate`. Complained about instead, where it is not an
  // absolute path that can be printed; of `key`, none is told then. Names in another alphabet are
  // told in A-labels.
  void add_use(const Place& place, const std::string& certificate, const std::string& key,
               const std::vector<std::string>& server_names = {});
  // What was not read or not understood, and why.
  void complain(std::string_view what);
  void complain(const Place& place, std::string_view what);

  // All of it, in the order of CertificateFacts, into `facts`.
  void finish(v1::CertificateFacts& facts);

 private:
  absl::StatusOr<std::string> read(const std::string& path, size_t depth);
  void expand(const std::string& below, std::string_view rest, std::vector<std::string>& found);
  absl::StatusOr<std::vector<std::string>> list(const std::string& directory);

  Source& source_;
  const Limits limits_;
  std::string program_;
  size_t files_ = 0;
  size_t bytes_ = 0;
  size_t names_ = 0;
  std::vector<v1::CertificateUse> uses_;
  size_t use_bytes_ = 0;
  std::vector<std::string> complaints_;
  size_t further_complaints_ = 0;
};

}  // namespace muster::configured
