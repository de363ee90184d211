#include <fmt/format.h>

#include <string_view>

#include "agent/probes/hardware/arrays/arrays.h"

namespace muster::hardware {
namespace {

constexpr std::string_view kPools = "/proc/spl/kstat/zfs";

// Of spa_state_to_name() in OpenZFS's module/zfs/spa_misc.c, since version 0.8.
v1::ArrayState state_of(std::string_view word) {
  if (word == "ONLINE") return v1::ARRAY_STATE_HEALTHY;
  if (word == "DEGRADED") return v1::ARRAY_STATE_DEGRADED;
  for (const std::string_view failed : {"FAULTED", "SUSPENDED", "UNAVAIL", "OFFLINE", "REMOVED"}) {
    if (word == failed) return v1::ARRAY_STATE_FAILED;
  }
  return v1::ARRAY_STATE_UNSPECIFIED;
}

}  // namespace

Arrays look_at_zfs(MachineFiles& files) {
  Arrays pools;
  for (const std::string& name : files.list(std::string(kPools), kMostNames)) {
    // Beside the pools' directories are files of statistics. Each pool has its transactions there.
    const std::string directory = fmt::format("{}/{}", kPools, name);
    if (!files.exists(directory + "/txgs") && !files.exists(directory + "/state")) continue;
    v1::RedundantArray& pool = pools.emplace_back();
    pool.set_kind(v1::ARRAY_KIND_ZFS);
    pool.set_name(name);
    pool.set_detail(files.line(directory + "/state"));
    pool.set_state(state_of(pool.detail()));
  }
  return pools;
}

}  // namespace muster::hardware
