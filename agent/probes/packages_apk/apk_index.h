// The index of a repository: APKINDEX.tar.gz, a signature and a text of packages in one archive
// (apk-v2(5), apk-index(8)). Read by libarchive, with nothing but gzip and tar switched on. Pure;
// any thread.
#pragma once

#include <absl/status/statusor.h>

#include <cstddef>
#include <string>
#include <string_view>

namespace muster::packages_apk {

// Alpine's largest, community, has 2 MB packed and 10 MB unpacked.
inline constexpr size_t kLargestIndexFile = 32 << 20;
inline constexpr size_t kLargestIndexText = 64 << 20;

struct ApkIndex {
  // The file APKINDEX: for parse_packages.
  std::string packages;
  // The file DESCRIPTION, which Alpine writes the release and its build into: "v3.20.3-45-gabcdef".
  std::string description;
  // The name of the key that it is signed with, a file of /etc/apk/keys:
  // "alpine-devel@lists.alpinelinux.org-6165ee59.rsa.pub"; empty where it is not signed.
  std::string key;
};

// InvalidArgument if it is no such archive (apk v3's format is none), or is cut off; OutOfRange
// beyond kLargestIndexText.
absl::StatusOr<ApkIndex> read_index(std::string_view content);

}  // namespace muster::packages_apk
