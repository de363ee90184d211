// What each probe reads on stdin, and which paths its settings name: made from agent.yml by the
// one-shot `muster-agent probe-requests`, so that nothing that parses text has privileges. Here is
// only the form in which the answer comes back: numbers and lengths, each bounded.
//
//   "MUSTERP1", then the probe directory (empty: as the launcher was told), then the number of
//   rows, then for each row of the probe list: enabled (0 or 1), time-out in milliseconds, request,
//   number of paths, paths. A number has four bytes, a text its length before it; the byte order is
//   the machine's, on which both programs run.
//
// Pure; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace muster::agent {

// Of one row.
struct ProbeOrders {
  bool enabled = true;
  // The longest that a run may take.
  uint32_t timeout_milliseconds = 30'000;
  // A serialized muster.v1.ProbeRequest.
  std::string request;
  // Absolute, of the system that is looked at.
  std::vector<std::string> paths;
};

struct RequestTable {
  std::string probe_directory;
  std::vector<ProbeOrders> rows;
};

// More than this is not taken.
inline constexpr size_t kRequestTableLimit = 4 << 20;
inline constexpr size_t kRequestLimit = 1 << 20;
inline constexpr size_t kRequestPathLimit = 4096;
inline constexpr size_t kRequestPaths = 1000;
inline constexpr uint32_t kLongestTimeoutMilliseconds = 3'600'000;

std::string write_request_table(const RequestTable& table);
// Nothing unless it is a table of exactly so many rows within the bounds, to its last byte.
std::optional<RequestTable> parse_request_table(std::string_view bytes, size_t rows);

}  // namespace muster::agent
