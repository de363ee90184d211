// What an earlier run left, of any bytes: no crash, nobody is left alone for longer than a week,
// and what is written of it is bounded and read again as the same.
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "agent/probes/domain/registry/server_memory.h"

using muster::domains::registry::kLargestBootstrap;
using muster::domains::registry::kLargestMemory;
using muster::domains::registry::kLongestRest;
using muster::domains::registry::ServerMemory;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const ServerMemory::Time now = std::chrono::sys_days(std::chrono::year(2026) / 11 / 23);
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  ServerMemory memory = ServerMemory::parse(bytes, now);
  const std::string written = memory.serialize();
  if (written.size() > kLargestMemory) std::abort();
  if (ServerMemory::parse(written, now).serialize() != written) std::abort();
  if (memory.rests_until("a", now).value_or(now) > now + kLongestRest) std::abort();
  if (memory.leave_alone("a", std::nullopt, now) > now + kLongestRest) std::abort();
  if (memory.bootstrap().value_or("").size() > kLargestBootstrap) std::abort();
  return 0;
}
