// Files of configuration that are only here, and what the readers make of them. For tests.
#pragma once

#include <fmt/format.h>

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agent/probes/certificates/configured/configured_uses.h"

namespace muster::configured {

using Files = std::map<std::string, std::string>;

class MemorySource : public Source {
 public:
  explicit MemorySource(Files files) : files_(std::move(files)) {}

  absl::StatusOr<std::string> read(const std::string& path, size_t limit) override {
    ++reads;
    if (refused.contains(path)) return absl::PermissionDeniedError("Permission denied");
    const auto file = files_.find(path);
    if (file == files_.end()) return absl::NotFoundError("No such file or directory");
    if (file->second.size() > limit) return absl::OutOfRangeError("it is too large");
    return file->second;
  }

  absl::StatusOr<std::vector<std::string>> list(const std::string& path, size_t limit) override {
    if (refused.contains(path)) return absl::PermissionDeniedError("Permission denied");
    if (files_.contains(path)) return absl::FailedPreconditionError("Not a directory");
    std::set<std::string> names;
    const std::string begin = path == "/" ? "/" : path + "/";
    for (const auto& [name, text] : files_) {
      if (name.starts_with(begin))
        names.insert(name.substr(begin.size(), name.find('/', begin.size()) - begin.size()));
    }
    if (names.empty()) return absl::NotFoundError("No such file or directory");
    if (names.size() > limit) return absl::OutOfRangeError("it has too many names");
    return std::vector<std::string>(names.begin(), names.end());
  }

  bool exists(const std::string& path) override {
    if (refused.contains(path) || files_.contains(path)) return true;
    const auto below = files_.lower_bound(path + "/");
    return below != files_.end() && below->first.starts_with(path + "/");
  }

  std::set<std::string> refused;
  size_t reads = 0;

 private:
  const Files files_;
};

inline v1::CertificateFacts facts_of(MemorySource& source, const Limits& limits = {}) {
  v1::CertificateFacts facts;
  find_uses(source, limits, facts);
  return facts;
}

// The same of files that nothing is refused of.
inline v1::CertificateFacts seen(Files files) {
  MemorySource source(std::move(files));
  return facts_of(source);
}

// "nginx /etc/nginx/nginx.conf:3 /a.pem /a.key one.example two.example", without the key "-".
inline std::vector<std::string> told(const v1::CertificateFacts& facts) {
  std::vector<std::string> rows;
  for (const v1::CertificateUse& use : facts.uses()) {
    std::string row =
        fmt::format("{} {} {} {}", use.program(), use.configured_at(), use.certificate_path(),
                    use.key_path().empty() ? "-" : use.key_path());
    for (const std::string& name : use.server_names())
      row += " " + name;
    rows.push_back(std::move(row));
  }
  return rows;
}

inline std::vector<std::string> complaints(const v1::CertificateFacts& facts) {
  return {facts.unread_configurations().begin(), facts.unread_configurations().end()};
}

}  // namespace muster::configured
