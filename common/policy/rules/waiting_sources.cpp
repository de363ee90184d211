#include "common/policy/rules/waiting_sources.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>
#include <utility>

#include "common/policy/rules/few_texts.h"
#include "common/policy/wire_reader.h"
#include "common/text.h"

namespace muster::policy {
namespace {

constexpr size_t kVersionsInReason = 3;
constexpr size_t kBinariesInReason = 5;
constexpr size_t kAdvisoriesInReason = 3;

// The id of an advisory about security, and the first of the holes that it closes.
void read_advisory(WireReader advisory, FewTexts& names) {
  std::string_view id;
  std::string_view hole;
  bool is_security = false;
  while (advisory.next()) {
    switch (advisory.field()) {
      case v1::Advisory::kIdFieldNumber:
        id = advisory.text();
        break;
      case v1::Advisory::kKindFieldNumber:
        is_security = advisory.number() == v1::ADVISORY_KIND_SECURITY;
        break;
      case v1::Advisory::kCvesFieldNumber:
        if (hole.empty()) hole = advisory.text();
        break;
      default:
        break;
    }
  }
  if (!is_security) return;
  names.add(id);
  names.add(hole);
}

void add_advisories(const PendingUpdateView& update, FewTexts& names) {
  WireReader wire(update.bytes);
  while (names.size() < kAdvisoriesInReason && wire.next()) {
    if (wire.field() != v1::PendingUpdate::kAdvisoriesFieldNumber) continue;
    read_advisory(wire.message(), names);
  }
}

std::string obstacles(const std::vector<const PendingUpdateView*>& updates) {
  FewTexts because(kBinariesInReason);
  const auto reason_of = [](const PendingUpdateView& update) {
    return update.not_installed_because.empty() ? std::string("no reason given")
                                                : printable(update.not_installed_because, 200);
  };
  size_t kept = 0;
  for (const PendingUpdateView* update : updates) {
    if (update->would_install) continue;
    ++kept;
    because.add(reason_of(*update), 200);
  }
  if (kept == 0) return {};
  if (kept == updates.size() && because.size() == 1) {
    return ", but an upgrade would not install it: " + because.front();
  }
  FewTexts each(kBinariesInReason);
  for (const PendingUpdateView* update : updates) {
    if (!update->would_install) {
      each.add(fmt::format("{} ({})", update->package, reason_of(*update)), 330);
    }
  }
  return ", but an upgrade would not install " + each.joined();
}

v1::AdvisorySeverity worst_severity(const std::vector<const PendingUpdateView*>& updates) {
  v1::AdvisorySeverity worst = v1::ADVISORY_SEVERITY_UNSPECIFIED;
  for (const PendingUpdateView* update : updates)
    worst = std::max(worst, update->severity);
  return worst;
}

}  // namespace

bool WaitingSource::would_install() const {
  return std::all_of(updates.begin(), updates.end(),
                     [](const PendingUpdateView* update) { return update->would_install; });
}

std::optional<v1::Severity> WaitingSource::severity() const {
  switch (worst_severity(updates)) {
    case v1::ADVISORY_SEVERITY_CRITICAL:
      return v1::SEVERITY_CRITICAL;
    case v1::ADVISORY_SEVERITY_IMPORTANT:
      return v1::SEVERITY_HIGH;
    case v1::ADVISORY_SEVERITY_MODERATE:
      return v1::SEVERITY_MEDIUM;
    case v1::ADVISORY_SEVERITY_LOW:
      return v1::SEVERITY_LOW;
    default:
      // Also what a newer agent may say.
      return std::nullopt;
  }
}

std::string WaitingSource::in_words() const {
  FewTexts versions(kVersionsInReason);
  FewTexts binaries(kBinariesInReason);
  FewTexts advisories(2 * kAdvisoriesInReason);
  for (const PendingUpdateView* update : updates) {
    versions.add(update->candidate_version);
    binaries.add(update->package);
    add_advisories(*update, advisories);
  }
  // The installed versions are in the facts: a line of a terminal has no room for both.
  std::string words = versions.joined() + (versions.size() > 1 ? " wait" : " waits");
  if (binaries.size() > 1 || updates.front()->package != name) words += ": " + binaries.joined();
  if (!advisories.empty()) words += fmt::format(" ({})", advisories.joined());
  return words + obstacles(updates);
}

std::vector<WaitingSource> waiting_sources(const PackageFactsView& facts) {
  std::vector<const PendingUpdateView*> updates;
  for (const PendingUpdateView& update : facts.pending_updates) {
    if (update.security != v1::SECURITY_NO) updates.push_back(&update);
  }
  std::sort(updates.begin(), updates.end(),
            [](const PendingUpdateView* a, const PendingUpdateView* b) {
              return std::tuple(source_of(*a), a->package, a->architecture) <
                     std::tuple(source_of(*b), b->package, b->architecture);
            });
  std::vector<WaitingSource> sources;
  sources.reserve(updates.size());
  for (const PendingUpdateView* update : updates) {
    if (sources.empty() || sources.back().name != source_of(*update)) {
      sources.push_back({.name = source_of(*update), .updates = {}});
    }
    WaitingSource& source = sources.back();
    const bool is_security = update->security == v1::SECURITY_YES;
    if (is_security && source.security != v1::SECURITY_YES) {
      source.security = v1::SECURITY_YES;
      source.updates.clear();
    }
    if (is_security || source.security != v1::SECURITY_YES) source.updates.push_back(update);
  }
  return sources;
}

std::string blind_spot(const PackageFactsView& facts) {
  if (!facts.lists_present) {
    return "no package lists are present, so nothing is known of updates: check the repositories "
           "and refresh the lists";
  }
  if (!facts.lists_updated_at) {
    return "the package lists were never refreshed, so newer updates are not seen";
  }
  if (!facts.problems.empty()) {
    return fmt::format("not everything could be read: {}", printable(facts.problems.front(), 300));
  }
  return {};
}

}  // namespace muster::policy
