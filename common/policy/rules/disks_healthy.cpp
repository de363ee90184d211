// disks_healthy: no disk says that it is failing or will, and none is worn out. What a RAID adapter
// or a hypervisor hides is not judged, and that is said.
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/policy/rules/every_rule.h"
#include "common/policy/rules/few_texts.h"
#include "common/policy/rules/machine.h"
#include "common/policy/rules/one_section.h"
#include "common/text.h"
#include "muster/v1/hardware_facts.pb.h"

namespace muster::policy {
namespace {

using Kind = Judgement::Kind;

constexpr size_t kMostWarnings = 3;

// Whether it is one that answers for itself: not another machine's, nor a volume of an adapter.
bool answers_for_itself(const v1::Disk& disk) {
  switch (disk.transport()) {
    case v1::DISK_TRANSPORT_NVME:
    case v1::DISK_TRANSPORT_SATA:
    case v1::DISK_TRANSPORT_SAS:
      return true;
    default:
      return false;
  }
}

// Why it is not asked for more than that it is there.
std::string why_not_judged(const v1::Disk& disk) {
  switch (disk.transport()) {
    case v1::DISK_TRANSPORT_VIRTUAL:
      return "it is a hypervisor's, which does not tell how its disks fare";
    case v1::DISK_TRANSPORT_NETWORK:
      return "it is another machine's";
    case v1::DISK_TRANSPORT_USB:
    case v1::DISK_TRANSPORT_MMC:
      return "nothing that it is attached by tells how it fares";
    default:
      return "it is a volume of an adapter, which does not tell how its disks fare";
  }
}

Judgement judge_disk(const v1::Disk& disk, int64_t wear_percent) {
  Judgement judgement{.subject = printable(disk.name(), 64)};
  const std::string what = disk.model().empty() ? "it" : printable(disk.model(), 128);
  if (!answers_for_itself(disk)) {
    judgement.kind = Kind::kNotApplicable;
    judgement.reason = why_not_judged(disk);
    return judgement;
  }
  const v1::DiskHealth& health = disk.health();
  FewTexts faults(kMostWarnings);
  if (health.predicts_failure()) {
    FewTexts warnings(kMostWarnings);
    for (const std::string& warning : health.warnings())
      warnings.add(warning);
    faults.add(warnings.empty() ? "says that it is failing"
                                : fmt::format("says that it is failing: {}", warnings.joined()),
               512);
  }
  if (health.spare_low()) faults.add("has too few spare blocks left");
  if (health.has_percent_used() && health.percent_used() >= wear_percent) {
    faults.add(fmt::format("has used {} % of its life", health.percent_used()));
  }
  if (!faults.empty()) {
    judgement.kind = Kind::kUnmet;
    judgement.reason = fmt::format("{} {}", what, faults.joined("; "));
    if (health.predicts_failure()) judgement.severity = v1::SEVERITY_CRITICAL;
  } else if (!health.has_predicts_failure()) {
    judgement.reason = fmt::format("{} did not tell how it fares", what);
  } else {
    judgement.kind = Kind::kMet;
    judgement.reason =
        health.has_percent_used()
            ? fmt::format("{} does not say that it is failing, and has used {} % of its life", what,
                          health.percent_used())
            : fmt::format("{} does not say that it is failing", what);
  }
  return judgement;
}

}  // namespace

RuleOutput judge_disks_healthy(const RuleInput& input) {
  RuleOutput output;
  if (is_container(input)) {
    output.judgements.push_back(
        {.kind = Kind::kNotApplicable, .reason = "it is a container: its disks are its host's"});
    return output;
  }
  const auto section = read_one_section<v1::HardwareFacts>(input, kHardwareProbe, output);
  if (section.facts == nullptr) return output;
  const int64_t wear_percent = input.count("wear_percent");
  for (const v1::Disk& disk : section.facts->disks())
    output.judgements.push_back(judge_disk(disk, wear_percent));
  if (std::optional<Judgement> unread = judge_unread(section.facts->unreadable(), "/sys/block")) {
    output.judgements.push_back(*std::move(unread));
  }
  if (output.judgements.empty()) {
    output.judgements.push_back(
        {.kind = Kind::kNotApplicable, .reason = "it has no disk of its own"});
  }
  for (Judgement& judgement : output.judgements)
    judgement.holds_until = section.holds_until;
  output.summary = machine_summary(output.judgements, "disks", "are failing or worn out",
                                   "do not say that they are failing");
  return output;
}

}  // namespace muster::policy
