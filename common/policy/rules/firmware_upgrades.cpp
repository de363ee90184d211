// firmware_upgrades: no device waits for a release of firmware whose maker finds it urgent, as
// fwupd knows releases. What it does not find in metadata that are old is not known. The probe is
// opt-in: where it is off, there is nothing to judge.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/glob.h"
#include "common/policy/rules/agent_section.h"
#include "common/policy/rules/every_rule.h"
#include "common/policy/rules/machine.h"
#include "common/policy/rules/one_section.h"
#include "common/policy/rules/times.h"
#include "common/text.h"
#include "common/timestamp.h"
#include "muster/v1/fwupd_facts.pb.h"

namespace muster::policy {
namespace {

using Kind = Judgement::Kind;

constexpr size_t kLongestText = 128;
constexpr std::string_view kUsualUrgency = "critical";

std::string_view word_of(v1::FirmwareUrgency urgency) {
  constexpr std::array<std::string_view, 5> kWords = {"unknown", "low", "medium", "high",
                                                      kUsualUrgency};
  const auto index = static_cast<size_t>(urgency);
  return index < kWords.size() ? kWords.at(index) : kWords.front();
}

bool counts(const Globs& urgencies, v1::FirmwareUrgency urgency) {
  const std::string_view word = word_of(urgency);
  if (urgencies.empty()) return word == kUsualUrgency;
  return std::any_of(urgencies.begin(), urgencies.end(),
                     [word](const std::string& glob) { return matches_glob(glob, word); });
}

// What there is to say where nothing of the probe is to be judged: it is off, or it is not known
// whether it is. None: it is on.
std::optional<RuleOutput> judge_off(const RuleInput& input) {
  const bool has_looked = input.section(kFwupdProbe) != nullptr;
  RuleOutput output;
  Judgement off{.kind = Kind::kNotApplicable,
                .reason = fmt::format(
                    "the probe {} is off, as it is unless agent.yml switches it on", kFwupdProbe)};
  if (input.section(kAgentProbe) != nullptr) {
    const AgentSection agent = read_agent_section(input, output);
    if (agent.facts == nullptr) return has_looked ? std::nullopt : std::optional(output);
    bool is_on = has_looked;
    for (const v1::AgentProbe& probe : agent.facts->probes()) {
      if (probe.name() == kFwupdProbe) is_on = !probe.disabled();
    }
    if (is_on) return std::nullopt;
    off.holds_until = agent.holds_until;
  } else if (has_looked) {
    return std::nullopt;
  }
  output.judgements.push_back(std::move(off));
  return output;
}

// What fwupd knows of releases: until when that is young enough, or why it is not.
struct Metadata {
  std::string complaint = {};
  TimePoint known_until = TimePoint::max();
  TimePoint reads_until = TimePoint::max();
};

Metadata judge_metadata(const v1::FwupdFacts& facts, TimePoint now, Duration max_age) {
  // Those that lie on the host count where there are no others.
  const bool any_fetched =
      std::any_of(facts.remotes().begin(), facts.remotes().end(),
                  [](const v1::FirmwareRemote& remote) { return remote.fetched(); });
  Metadata metadata;
  bool any = false;
  for (const v1::FirmwareRemote& remote : facts.remotes()) {
    // A directory for the vendor's own, which is empty on most hosts, has no time.
    if (any_fetched ? !remote.fetched() : !remote.has_modified_at()) continue;
    any = true;
    const std::string name = printable(remote.id(), kLongestText);
    if (!remote.has_modified_at()) {
      metadata.complaint = fmt::format("fwupd has no metadata of {} yet: fwupdmgr refresh", name);
      return metadata;
    }
    const TimePoint modified = from_proto(remote.modified_at());
    const TimePoint too_old = saturating_add(modified, max_age);
    if (now >= too_old) {
      const Age age = describe_age(modified, now);
      metadata.complaint =
          fmt::format("fwupd's metadata of {} are {} old: fwupdmgr refresh", name, age.words);
      metadata.reads_until = age.changes_at;
      return metadata;
    }
    metadata.known_until = std::min(metadata.known_until, too_old);
  }
  if (!any) metadata.complaint = "fwupd has no source of metadata that is enabled";
  return metadata;
}

// Why the upgrades of a device were not told.
std::string why_not_told(const v1::FwupdFacts& facts, const v1::FwupdDevice& device) {
  const std::optional<Judgement> unread =
      judge_unread(facts.unreadable(), "GetUpgrades of " + device.name());
  return unread ? "fwupd did not tell its upgrades: " + unread->reason
                : "fwupd did not tell its upgrades";
}

Judgement judge_device(const v1::FwupdFacts& facts, const v1::FwupdDevice& device,
                       const Metadata& metadata, const Globs& urgencies) {
  const std::string_view name = !device.name().empty()    ? std::string_view(device.name())
                                : !device.guids().empty() ? std::string_view(device.guids(0))
                                                          : "a device without a name";
  Judgement judgement{.subject = printable(name, kLongestText)};
  const std::string runs = device.version().empty() ? "a version that is not known"
                                                    : printable(device.version(), kLongestText);
  for (const v1::FirmwareRelease& release : device.upgrades()) {
    if (!counts(urgencies, release.urgency())) continue;
    judgement.kind = Kind::kUnmet;
    judgement.reason =
        fmt::format("runs {}, and {} waits, which its maker finds {}", runs,
                    printable(release.version(), kLongestText), word_of(release.urgency()));
    return judgement;
  }
  // What is not found in old metadata may be in newer.
  if (!metadata.complaint.empty()) {
    judgement.reason = metadata.complaint;
    judgement.reads_until = metadata.reads_until;
    return judgement;
  }
  judgement.holds_until = metadata.known_until;
  switch (device.upgrades_state()) {
    case v1::FIRMWARE_UPGRADES_STATE_TOLD:
      judgement.kind = Kind::kMet;
      judgement.reason = device.upgrades().empty()
                             ? fmt::format("runs {}, and nothing newer is known", runs)
                             : fmt::format("runs {}, and nothing urgent is newer", runs);
      break;
    case v1::FIRMWARE_UPGRADES_STATE_NOT_IN_METADATA:
      judgement.kind = Kind::kNotApplicable;
      judgement.reason = "fwupd's metadata have nothing of it";
      break;
    default:
      judgement.reason = why_not_told(facts, device);
  }
  return judgement;
}

}  // namespace

RuleOutput judge_firmware_upgrades(const RuleInput& input) {
  if (std::optional<RuleOutput> off = judge_off(input)) return *std::move(off);
  RuleOutput output;
  const auto section = read_one_section<v1::FwupdFacts>(input, kFwupdProbe, output);
  if (section.facts == nullptr) return output;
  const Metadata metadata =
      judge_metadata(*section.facts, input.now, input.duration("metadata_max_age"));
  const Globs& urgencies = input.globs("urgency");
  for (const v1::FwupdDevice& device : section.facts->devices()) {
    if (device.upgrades_state() == v1::FIRMWARE_UPGRADES_STATE_NOT_UPDATABLE) continue;
    Judgement judgement = judge_device(*section.facts, device, metadata, urgencies);
    judgement.holds_until = std::min(judgement.holds_until, section.holds_until);
    output.judgements.push_back(std::move(judgement));
  }
  if (output.judgements.empty()) {
    output.judgements.push_back({.kind = Kind::kNotApplicable,
                                 .reason = "fwupd can update nothing of it",
                                 .holds_until = section.holds_until});
  }
  output.summary = machine_summary(output.judgements, "devices", "wait for urgent firmware",
                                   "wait for no urgent firmware");
  return output;
}

}  // namespace muster::policy
