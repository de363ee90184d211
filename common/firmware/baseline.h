// Which versions of firmware a site asks for. Plain values, read by baseline_file.h, held against
// what runs by baseline_verdict.h. Pure; any thread.
#pragma once

#include <absl/status/statusor.h>

#include <array>
#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/firmware/version_format.h"
#include "muster/v1/firmware_facts.pb.h"

namespace muster::firmware {

// Kinds of components under the names that baselines give them: "bios", "bmc", "nvme".
std::string_view kind_name(v1::FirmwareKind kind);
std::vector<std::string_view> kind_names();
// UNSPECIFIED where there is none.
v1::FirmwareKind parse_kind(std::string_view name);

// Which components an entry is about: all that is given must match. Vendor and models are globs
// (common/glob.h), in the letters that the component tells.
struct BaselineMatch {
  v1::FirmwareKind kind = v1::FIRMWARE_KIND_UNSPECIFIED;
  // Empty: any.
  std::string vendor = {};
  // One of them; empty: any.
  std::vector<std::string> models = {};

  bool operator==(const BaselineMatch&) const = default;
};

// Versions that must not run: one, or all of a range.
struct ForbiddenVersions {
  std::string version = {};
  // Of a range: the first one, the last one, and the first one after it (which is allowed). At
  // least one is given, and not both of the last two.
  std::string from = {};
  std::string to = {};
  std::string below = {};
  std::string why = {};

  bool operator==(const ForbiddenVersions&) const = default;
};

// Whether a version is among them. InvalidArgument, with why, where that cannot be told.
absl::StatusOr<bool> is_forbidden(const ForbiddenVersions& forbidden, std::string_view version,
                                  VersionFormat format);

struct BaselineEntry {
  std::string id;
  BaselineMatch match = {};
  VersionFormat format = VersionFormat::kPlain;
  // Of these a version meets one or the other. Empty: none is given.
  std::string minimum = {};
  std::vector<std::string> approved = {};
  // What comes before both.
  std::vector<ForbiddenVersions> forbidden = {};
  // Who says so: an address or a text.
  std::string source = {};
  // When it was last gone over.
  std::chrono::sys_days date = {};
  // The first day on which it is required; nothing: it is.
  std::optional<std::chrono::sys_days> required_from = {};
  // Where it is written, "baselines/dell.yml:3:5": no part of what it asks for.
  std::string place = {};
};

// Whether both ask for the same: all but id, source, date and place.
bool asks_the_same(const BaselineEntry& a, const BaselineEntry& b);

struct Baseline {
  std::vector<BaselineEntry> entries;
};

// How much an entry says of what it matches, by its vendor and one of its models (or none), the
// first difference decides: whether the model is without globs (1), else how many letters of its
// own it has, and the same of the vendor.
using Specificity = std::array<size_t, 4>;
Specificity specificity_of(std::string_view vendor, std::string_view model);

// The entry that says most of the component; null: none is about it.
const BaselineEntry* find_entry(const Baseline& baseline, const v1::FirmwareComponent& component);

// Two entries that could be about one component, neither of them saying more of it, and that do not
// ask for the same.
struct Contradiction {
  // Their indices; the first is smaller.
  size_t first = 0;
  size_t second = 0;
};
// At most one of each second.
std::vector<Contradiction> contradictions(std::span<const BaselineEntry> entries);

}  // namespace muster::firmware
