// What a network probe is asked to do: root's word on stdin, and the batch of targets, which
// whoever ordered the run wrote, on a descriptor of its own. Bytes from outside; the parsing is
// pure.
#pragma once

#include <absl/status/statusor.h>

#include <string>
#include <string_view>
#include <vector>

#include "agent/probes/network/look_rules.h"
#include "common/address.h"
#include "common/clock.h"
#include "muster/v1/probe.pb.h"

namespace muster::network_probe {

inline constexpr size_t kRequestLimit = 1 << 20;
inline constexpr size_t kBatchLimit = 4 << 20;
inline constexpr int kMostLooks = 10'000;

// One look, its times as uptimes (common/clock.h).
struct RequestedLook {
  std::string entity;
  std::string address;
  Duration timeout{0};
  // In the past, also 0: at once.
  Duration start{0};
  // Nothing is dialled from then on.
  Duration end = Duration::max();
};

struct LookRequest {
  v1::ProbeRequest request;
  LookRules rules;
  std::vector<RequestedLook> looks;
  // What an earlier run left (TargetBatch.memory).
  std::string memory = {};
};

// InvalidArgument, with a sentence for whoever runs it, if the bytes are no request (`batch`: no
// TargetBatch), too many or of too many looks, or if a look's entity is no name. An address that is
// none is that look's failure and nobody else's. `batch` is null where its descriptor is closed;
// then the request has the targets. `kind` is the probe's.
absl::StatusOr<LookRequest> parse_look_request(std::string_view request, const std::string* batch,
                                               std::string_view kind);

// Where a look of that kind dials: as dialled_address, but for other kinds also what only somebody
// who runs it by hand writes, such as an address with a zone.
absl::StatusOr<Address> look_target(std::string_view kind, std::string_view address);

// All that the descriptor has from its beginning, wherever its position is; of a pipe, what comes.
// One byte more than `limit` if it has more. An error if it cannot be read.
absl::StatusOr<std::string> read_descriptor(int descriptor, size_t limit);

}  // namespace muster::network_probe
