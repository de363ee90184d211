// state_directory/memory-<probe>: what a run of a probe leaves for its next ones, over restarts.
// Bytes that nobody here reads; a cache, so that it may be lost. Calls block.
#pragma once

#include <string>
#include <string_view>

#include "muster/v1/section.pb.h"

namespace muster::agent {

// More than this is not kept.
inline constexpr size_t kProbeMemoryLimit = 512 << 10;

class ProbeMemory {
 public:
  // `probe`: a name of the list of probes.
  explicit ProbeMemory(std::string_view probe) : probe_(probe) {}

  // With what an earlier process of this host's agent kept, if it can be read.
  void open(const std::string& state_directory);
  // Empty: nothing was left.
  const std::string& bytes() const { return bytes_; }
  // A section without an entity: its facts are kept in place of what there was. One that has none,
  // or too many, is logged and left aside.
  void keep(const v1::Section& section);

 private:
  std::string path() const;

  const std::string probe_;
  std::string directory_;
  std::string bytes_;
};

}  // namespace muster::agent
