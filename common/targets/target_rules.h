// What a target may be, whoever lists it: files, servers, an agent's own configuration. Pure; any
// thread.
#pragma once

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <string_view>
#include <vector>

#include "common/address.h"
#include "common/clock.h"
#include "common/targets/target.h"

namespace muster {

// Of one list, and of all together.
inline constexpr size_t kMostTargets = 100'000;
inline constexpr size_t kTargetNameLimit = 253;
inline constexpr Duration kShortestLookInterval = std::chrono::seconds(1);
inline constexpr Duration kLongestLookInterval = std::chrono::hours(24);
inline constexpr Duration kShortestLook = std::chrono::milliseconds(100);
inline constexpr Duration kLongestLook = std::chrono::minutes(1);

// Of all_target_kinds().
std::vector<std::string_view> target_kind_names();

// InvalidArgument unless it is one of target_kind_names().
absl::Status check_target_kind(std::string_view kind);

// InvalidArgument unless it is 1 to kTargetNameLimit letters, digits and "._:[]-". Never a slash,
// which is what a host's own targets have: "web1/postgresql".
absl::Status check_target_name(std::string_view name);

// "www.example.org:443", "192.0.2.1:443", "[2001:db8::1]:443". InvalidArgument with what is
// expected; also for what some resolvers take for an address and others for a name ("127.1:80"),
// and for one with a zone, which means something on one host only.
absl::StatusOr<Address> parse_target_address(std::string_view text);

// Gives a target the interval and the time-out of its kind where it has none (zero), the time-out
// never longer than the interval. A minute and ten seconds where there is no such kind.
void take_usual_times(Target& target);

// A daily kind has no other interval than a day: "a registry is asked once a day: the interval is
// 24h". OK for others.
absl::Status check_kind_interval(std::string_view kind, Duration interval);

// One look at most: "the timeout (10s) is longer than the interval (5s)".
absl::Status check_look_times(Duration interval, Duration timeout);

// Everything above, the kind, the labels and the bounds of the times.
absl::Status check_target(const Target& target);

}  // namespace muster
