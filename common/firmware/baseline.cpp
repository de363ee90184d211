#include "common/firmware/baseline.h"

#include <algorithm>
#include <compare>
#include <map>
#include <tuple>
#include <utility>

#include "common/firmware/version_order.h"
#include "common/glob.h"

namespace muster::firmware {
namespace {

struct KindRow {
  v1::FirmwareKind kind;
  std::string_view name;
};

constexpr auto kKinds = std::to_array<KindRow>({
    {v1::FIRMWARE_KIND_SYSTEM, "bios"},
    {v1::FIRMWARE_KIND_MANAGEMENT_CONTROLLER, "bmc"},
    {v1::FIRMWARE_KIND_MICROCODE, "microcode"},
    {v1::FIRMWARE_KIND_NVME, "nvme"},
    {v1::FIRMWARE_KIND_DISK, "disk"},
    {v1::FIRMWARE_KIND_NETWORK, "nic"},
    {v1::FIRMWARE_KIND_STORAGE_CONTROLLER, "raid"},
    {v1::FIRMWARE_KIND_GPU, "gpu"},
    {v1::FIRMWARE_KIND_TPM, "tpm"},
    {v1::FIRMWARE_KIND_REVOCATION_LIST, "dbx"},
    {v1::FIRMWARE_KIND_EMBEDDED_CONTROLLER, "ec"},
    {v1::FIRMWARE_KIND_POWER_SUPPLY, "psu"},
    {v1::FIRMWARE_KIND_OTHER, "other"},
});

constexpr std::string_view kAny = "*";

std::string_view or_any(const std::string& pattern) {
  return pattern.empty() ? kAny : std::string_view(pattern);
}

// As globs; none: any.
std::vector<std::string_view> models_of(const BaselineEntry& entry) {
  if (entry.match.models.empty()) return {kAny};
  return {entry.match.models.begin(), entry.match.models.end()};
}

// How much it says of the component; nothing: it is not about it.
std::optional<Specificity> says_of(const BaselineEntry& entry,
                                   const v1::FirmwareComponent& component) {
  const std::string_view vendor = or_any(entry.match.vendor);
  if (entry.match.kind != component.kind() ||
      !matches_glob(std::string(vendor), component.vendor()))
    return std::nullopt;
  std::optional<Specificity> most;
  for (const std::string_view model : models_of(entry)) {
    if (!matches_glob(std::string(model), component.model())) continue;
    const Specificity one = specificity_of(vendor, model);
    if (!most || *most < one) most = one;
  }
  return most;
}

// One vendor and model of an entry, as globs.
struct Pattern {
  size_t entry;
  std::string_view vendor;
  std::string_view model;
};

// Those that can be in each other's way at all: of one kind and specificity, and where the model is
// written out, of one model.
using PatternGroup = std::tuple<v1::FirmwareKind, Specificity, std::string_view>;

}  // namespace

std::string_view kind_name(v1::FirmwareKind kind) {
  for (const KindRow& row : kKinds) {
    if (row.kind == kind) return row.name;
  }
  return "unknown";
}

std::vector<std::string_view> kind_names() {
  std::vector<std::string_view> names;
  for (const KindRow& row : kKinds)
    names.push_back(row.name);
  return names;
}

v1::FirmwareKind parse_kind(std::string_view name) {
  for (const KindRow& row : kKinds) {
    if (row.name == name) return row.kind;
  }
  return v1::FIRMWARE_KIND_UNSPECIFIED;
}

bool asks_the_same(const BaselineEntry& a, const BaselineEntry& b) {
  const auto asked = [](const BaselineEntry& entry) {
    return std::tie(entry.format, entry.minimum, entry.approved, entry.forbidden,
                    entry.required_from);
  };
  return asked(a) == asked(b);
}

absl::StatusOr<bool> is_forbidden(const ForbiddenVersions& forbidden, std::string_view version,
                                  VersionFormat format) {
  if (!forbidden.version.empty()) return is_same_version(version, forbidden.version, format);
  bool is_inside = true;
  for (const std::string* const border : {&forbidden.from, &forbidden.to, &forbidden.below}) {
    if (border->empty()) continue;
    const absl::StatusOr<std::strong_ordering> order = compare_versions(version, *border, format);
    if (!order.ok()) return order.status();
    const bool is_outside = border == &forbidden.from ? std::is_lt(*order)
                            : border == &forbidden.to ? std::is_gt(*order)
                                                      : std::is_gteq(*order);
    is_inside = is_inside && !is_outside;
  }
  return is_inside;
}

Specificity specificity_of(std::string_view vendor, std::string_view model) {
  const auto letters = [](std::string_view pattern, bool is_exact) {
    return is_exact ? size_t{0} : literal_count(pattern);
  };
  const bool is_exact_model = is_literal(model);
  const bool is_exact_vendor = is_literal(vendor);
  return {is_exact_model ? size_t{1} : 0, letters(model, is_exact_model),
          is_exact_vendor ? size_t{1} : 0, letters(vendor, is_exact_vendor)};
}

const BaselineEntry* find_entry(const Baseline& baseline, const v1::FirmwareComponent& component) {
  const BaselineEntry* found = nullptr;
  std::optional<Specificity> most;
  for (const BaselineEntry& entry : baseline.entries) {
    const std::optional<Specificity> one = says_of(entry, component);
    if (!one || (most && *one <= *most)) continue;
    most = one;
    found = &entry;
  }
  return found;
}

std::vector<Contradiction> contradictions(std::span<const BaselineEntry> entries) {
  std::vector<Contradiction> found;
  std::map<PatternGroup, std::vector<Pattern>> groups;
  for (size_t i = 0; i < entries.size(); ++i) {
    const std::string_view vendor = or_any(entries[i].match.vendor);
    std::optional<size_t> other;
    for (const std::string_view model : models_of(entries[i])) {
      const Specificity specificity = specificity_of(vendor, model);
      const std::string_view written_out = is_literal(model) ? model : std::string_view();
      std::vector<Pattern>& group = groups[{entries[i].match.kind, specificity, written_out}];
      for (const Pattern& before : group) {
        if (other || asks_the_same(entries[before.entry], entries[i])) continue;
        if (globs_overlap(before.model, model) && globs_overlap(before.vendor, vendor))
          other = before.entry;
      }
      group.push_back({.entry = i, .vendor = vendor, .model = model});
    }
    if (other) found.push_back({.first = *other, .second = i});
  }
  return found;
}

}  // namespace muster::firmware
