// The Release file of a configured repository, as apt keeps it among its lists, and what the
// repository's signature is to be judged by. Calls block; any thread.
#pragma once

#include <string>

#include "agent/probes/packages_apt/apt_snapshot.h"

class metaIndex;

namespace muster::packages_apt {

// A longer one is not read. Debian's have some 200 KB.
inline constexpr size_t kLargestReleaseFile = 16 << 20;
inline constexpr size_t kLargestSignatureFile = 1 << 20;

struct ReleaseFile {
  // Whether one is there that could be read.
  bool is_there = false;
  std::string text;
  // In armor; empty if there is none.
  std::string signature;
  // Why it or its signature could not be read; empty: they were, or are not there.
  std::string trouble;
};

// Needs libapt-pkg to be configured (apt_configuration.h); `base_uri` as its targets have it.
ReleaseFile read_release(const std::string& base_uri);

// `has_lists`: whether any list of its packages is there.
AptRepository repository_of(const metaIndex& configured, ReleaseFile release, bool has_lists);

}  // namespace muster::packages_apt
