#include "agent/probes/network/look_request.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "agent/output/status_text.h"
#include "common/files.h"
#include "common/targets/target_address.h"
#include "common/targets/target_kinds.h"
#include "common/targets/target_rules.h"
#include "common/text.h"

namespace muster::network_probe {
namespace {

using namespace std::chrono_literals;

constexpr size_t kEntityLimit = 255;
constexpr Duration kUsualTimeout = 10s;
constexpr int64_t kNanosecondsOfTick = 1000;

Duration timeout_of(const v1::TargetLook& look) {
  if (look.timeout_milliseconds() == 0) return kUsualTimeout;
  return std::min<Duration>(std::chrono::milliseconds(look.timeout_milliseconds()), kLongestLook);
}

RequestedLook look_of(const v1::TargetLook& look) {
  RequestedLook result{
      .entity = look.entity(), .address = look.address(), .timeout = timeout_of(look)};
  // Not a moment early, and not one late.
  const int64_t start = std::max<int64_t>(look.start_nanoseconds(), 0);
  result.start = Duration(start / kNanosecondsOfTick + (start % kNanosecondsOfTick == 0 ? 0 : 1));
  if (look.end_nanoseconds() != 0) {
    result.end = Duration(std::max<int64_t>(look.end_nanoseconds(), 0) / kNanosecondsOfTick);
  }
  return result;
}

}  // namespace

absl::StatusOr<LookRequest> parse_look_request(std::string_view request, const std::string* batch,
                                               std::string_view kind) {
  v1::ProbeRequest message;
  if (request.size() > kRequestLimit ||
      !message.ParseFromArray(request.data(), static_cast<int>(request.size()))) {
    return absl::InvalidArgumentError(
        "stdin is not a muster.v1.ProbeRequest; by hand, use --target HOST:PORT --format json");
  }
  // Taken out of it: nobody needs them twice.
  v1::TargetBatch looks;
  looks.Swap(message.mutable_targets());
  if (batch != nullptr && (batch->size() > kBatchLimit || !looks.ParseFromString(*batch))) {
    return absl::InvalidArgumentError(fmt::format(
        "descriptor 99 has no muster.v1.TargetBatch of at most {} MiB", kBatchLimit >> 20));
  }
  if (looks.looks_size() > kMostLooks) {
    return absl::InvalidArgumentError(
        fmt::format("the batch has {} looks and may have {}", looks.looks_size(), kMostLooks));
  }
  absl::StatusOr<LookRules> rules = LookRules::create(message.target_rules(), kind);
  if (!rules.ok()) {
    return absl::InvalidArgumentError(
        fmt::format("the rules on stdin: {}", agent::text_of(rules.status())));
  }
  LookRequest result{.request = std::move(message),
                     .rules = *std::move(rules),
                     .looks = {},
                     .memory = looks.memory()};
  result.looks.reserve(static_cast<size_t>(looks.looks_size()));
  for (const v1::TargetLook& look : looks.looks()) {
    if (look.entity().empty() || look.entity().size() > kEntityLimit) {
      return absl::InvalidArgumentError(
          fmt::format("a look at '{}' has an entity of {} bytes: it has 1 to {}",
                      printable(look.address(), kEntityLimit), look.entity().size(), kEntityLimit));
    }
    result.looks.push_back(look_of(look));
  }
  return result;
}

absl::StatusOr<Address> look_target(std::string_view kind, std::string_view address) {
  return kind == "tls" || is_of_a_domain(kind) ? dialled_address(kind, address)
                                               : parse_address(address);
}

absl::StatusOr<std::string> read_descriptor(int descriptor, size_t limit) {
  constexpr size_t kPiece = 64 << 10;
  std::string bytes;
  size_t size = 0;
  bool seekable = true;
  while (size <= limit) {
    bytes.resize(std::min(size + kPiece, limit + 1));
    const ssize_t count = seekable ? ::pread(descriptor, bytes.data() + size, bytes.size() - size,
                                             static_cast<off_t>(size))
                                   : ::read(descriptor, bytes.data() + size, bytes.size() - size);
    if (count < 0 && errno == ESPIPE && seekable) {
      seekable = false;
      continue;
    }
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return errno_status(errno, fmt::format("reading descriptor {}", descriptor));
    if (count == 0) break;
    size += static_cast<size_t>(count);
  }
  bytes.resize(size);
  return bytes;
}

}  // namespace muster::network_probe
