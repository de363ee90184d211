// processor_vulnerabilities: the kernel has done something against each weakness of the processors
// that it knows of, but for those that `accepted` names: globs over the kernel's names
// ("spectre_v2"). In a virtual machine its own kernel must do so too; in a container it is the
// host's.
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "common/glob.h"
#include "common/policy/rules/every_rule.h"
#include "common/policy/rules/firmware_components.h"
#include "common/policy/rules/one_section.h"
#include "common/text.h"
#include "muster/v1/firmware_facts.pb.h"

namespace muster::policy {
namespace {

using Kind = Judgement::Kind;

// Documentation/ABI/testing/sysfs-devices-system-cpu.
constexpr std::string_view kSource = "/sys/devices/system/cpu/vulnerabilities";

Kind kind_of(v1::VulnerabilityState state) {
  switch (state) {
    case v1::VULNERABILITY_STATE_NOT_AFFECTED:
    case v1::VULNERABILITY_STATE_MITIGATED:
      return Kind::kMet;
    case v1::VULNERABILITY_STATE_VULNERABLE:
      return Kind::kUnmet;
    default:
      return Kind::kUnknown;
  }
}

std::string words_of(const v1::ProcessorVulnerability& weakness) {
  if (!weakness.detail().empty())
    return fmt::format("the kernel says \"{}\"", printable(weakness.detail(), 300));
  switch (weakness.state()) {
    case v1::VULNERABILITY_STATE_NOT_AFFECTED:
      return "the processors do not have it";
    case v1::VULNERABILITY_STATE_MITIGATED:
      return "something is done about it";
    case v1::VULNERABILITY_STATE_VULNERABLE:
      return "nothing is done about it, or not enough";
    default:
      return "the kernel does not say how the processors stand to it";
  }
}

Judgement judge_weakness(const v1::ProcessorVulnerability& weakness, const Globs& accepted) {
  Judgement judgement{.subject = printable(weakness.name(), 128),
                      .kind = kind_of(weakness.state()),
                      .reason = words_of(weakness)};
  if (judgement.kind == Kind::kMet) return judgement;
  const auto glob = std::find_if(accepted.begin(), accepted.end(), [&](const std::string& one) {
    return matches_glob(one, weakness.name());
  });
  if (glob == accepted.end()) return judgement;
  judgement.kind = Kind::kMet;
  judgement.reason += fmt::format(", which is accepted by \"{}\"", *glob);
  return judgement;
}

}  // namespace

RuleOutput judge_processor_vulnerabilities(const RuleInput& input) {
  RuleOutput output;
  if (is_container(input)) {
    output.judgements.push_back(
        {.kind = Kind::kNotApplicable, .reason = "it is a container: its kernel is its host's"});
    return output;
  }
  const auto section = read_one_section<v1::FirmwareFacts>(input, kFirmwareProbe, output);
  if (section.facts == nullptr) return output;
  const Globs& accepted = input.globs("accepted");
  for (const v1::ProcessorVulnerability& weakness : section.facts->vulnerabilities())
    output.judgements.push_back(judge_weakness(weakness, accepted));
  if (output.judgements.empty()) {
    // Single files that could not be read are among them, without words.
    std::optional<Judgement> unread = judge_unread(section.facts->unreadable(), kSource);
    output.judgements.push_back(
        unread ? *std::move(unread)
               : Judgement{.kind = Kind::kNotApplicable,
                           .reason = "its kernel tells of no weaknesses of processors"});
  }
  for (Judgement& judgement : output.judgements)
    judgement.holds_until = section.holds_until;
  output.summary =
      machine_summary(output.judgements, "weaknesses of processors", "are open", "are dealt with");
  return output;
}

}  // namespace muster::policy
