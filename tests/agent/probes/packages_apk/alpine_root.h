// A small Alpine in a directory of its own: its database, its repositories and their indices in the
// cache, as apk leaves them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "muster/v1/package_facts.pb.h"
#include "tests/agent/probes/test_root.h"

namespace muster::test {

inline constexpr std::string_view kAlpineMain = "https://dl-cdn.alpinelinux.org/alpine/v3.20/main";
inline constexpr std::string_view kAlpineCommunity =
    "https://dl-cdn.alpinelinux.org/alpine/v3.20/community";

struct IndexParts {
  std::string packages;
  std::string description = "v3.20.3-45-gabcdef0";
  // Empty for an index without signature.
  std::string key = "alpine-devel@lists.alpinelinux.org-6165ee59.rsa.pub";
  // Of a further file, which apk has no use for.
  std::string rest = {};
};

// The archive APKINDEX.tar.gz: its signature is a gzip stream of its own, as apk's are.
std::string index_archive(const IndexParts& parts);

// A paragraph of either database: "P:musl\nV:1.2.5-r0\nA:x86_64\no:musl\n\n".
std::string paragraph(std::string_view name, std::string_view version, std::string_view more = "");

class AlpineRoot : public TestRoot {
 public:
  AlpineRoot();
  // The whole database of installed packages, from paragraphs.
  void install(const std::string& paragraphs) const;
  // Adds the repository to /etc/apk/repositories, and its index to the cache.
  void add(std::string_view url, const std::string& paragraphs, const std::string& tag = "");
  // Only that to the file.
  void configure(const std::string& line);
  // Puts the index of a repository into the cache, under the name that apk 2 gives it.
  void cache(std::string_view url, const std::string& content) const;
  void set_cache_time(std::string_view url, time_t time) const;
  std::string cached_file(std::string_view url) const;

 private:
  std::string repositories_;
};

// Of a look that must be observed.
v1::PackageFacts apk_facts_of(const TestRoot& root);

}  // namespace muster::test
