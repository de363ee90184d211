// systemd's units by their files below a root: which there are, what is enabled, what they say, and
// which of them run. Nothing asks systemd itself. Calls block; any thread.
#pragma once

#include <absl/status/statusor.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/clock.h"

namespace muster::probe {

enum class UnitEntry { kMissing, kMasked, kThere, kUnknown };

// "apt-daily.timer", in the first directory that has it (systemd.unit(5)).
UnitEntry unit_entry(const std::string& root, const std::string& unit);

// Whether "timers.target" wants it: it is enabled. Masked says nothing more than there.
UnitEntry entry_wanted_by(const std::string& root, const std::string& target,
                          const std::string& unit);

// All that the target wants, in order. An error where that cannot be listed.
absl::StatusOr<std::vector<std::string>> units_wanted_by(const std::string& root,
                                                         const std::string& target);

// What the unit says, with its drop-ins behind it. NotFound where it is missing or masked.
absl::StatusOr<std::string> unit_text(const std::string& root, const std::string& unit);

// The values of a setting in such a text, without those before an empty one, which takes them back:
// "ExecStart".
std::vector<std::string_view> unit_values(std::string_view text, std::string_view setting);

// When a timer last started its unit; systemd writes that down where it has Persistent=true.
std::optional<TimePoint> timer_stamp(const std::string& root, const std::string& timer);

// Whether the service has processes, by its control group, which only root can fill. Unset where
// systemd has no groups here: in an image, without systemd.
std::optional<bool> unit_has_processes(const std::string& root, const std::string& unit);

}  // namespace muster::probe
