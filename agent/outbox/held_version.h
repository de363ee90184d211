// A version as the outbox knows it in memory: its description, how its file stands, and what became
// of it. Plain values; one thread.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "muster/v1/reporting.pb.h"

namespace muster::agent {

// Entity and probe. Those of the host itself, whose entity is empty, come first.
using VersionKey = std::pair<std::string, std::string>;

// The versions of one key.
struct KeyState {
  // The numbers of their files. The last is the newest; never empty.
  std::set<uint64_t> numbers;
};
using Keys = std::map<VersionKey, KeyState>;

// How a version's file stands.
enum class Saved {
  // There is none: the facts are in memory.
  kNo,
  // It holds the facts, but under an older epoch.
  kStale,
  kYes,
};

enum class Refused {
  kNo,
  // Until a look sees the same again: the collector may take it then.
  kUntilSeenAgain,
  kForGood,
};

struct HeldVersion {
  // Without facts, unless they are nowhere else.
  v1::SectionVersion version;
  // Size of its file.
  size_t bytes = 0;
  Saved saved = Saved::kNo;
  bool acknowledged = false;
  Refused refused = Refused::kNo;
  // Whether a look of this process confirmed it.
  bool confirmed = false;
  // Set by the index.
  Keys::iterator key = {};

  bool waits() const { return !acknowledged && refused == Refused::kNo; }
  bool is_of_target() const { return !version.entity().empty(); }
};

// By the number of the file: oldest first.
using Versions = std::map<uint64_t, HeldVersion>;

}  // namespace muster::agent
