// memory_errors_few: no module of memory has lost data, or corrected more errors than it may, since
// the machine was started.
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "common/policy/rules/every_rule.h"
#include "common/policy/rules/machine.h"
#include "common/policy/rules/one_section.h"
#include "common/text.h"
#include "muster/v1/hardware_facts.pb.h"

namespace muster::policy {
namespace {

using Kind = Judgement::Kind;

constexpr std::string_view kSource = "/sys/devices/system/edac";

std::string errors(uint64_t count) {
  return count == 1 ? "1 error" : fmt::format("{} errors", count);
}

std::string errors_were(uint64_t count) {
  return errors(count) + (count == 1 ? " was" : " were");
}

Judgement judge_counts(std::string subject, uint64_t corrected, uint64_t uncorrected,
                       int64_t at_most) {
  Judgement judgement{.subject = std::move(subject)};
  if (uncorrected > 0) {
    judgement.kind = Kind::kUnmet;
    judgement.severity = v1::SEVERITY_CRITICAL;
    judgement.reason =
        fmt::format("{} could not be corrected, and {} were, since the machine was started",
                    errors(uncorrected), corrected);
  } else if (corrected > static_cast<uint64_t>(at_most)) {
    judgement.kind = Kind::kUnmet;
    judgement.reason = fmt::format("{} corrected since the machine was started, more than {}",
                                   errors_were(corrected), at_most);
  } else {
    judgement.kind = Kind::kMet;
    judgement.reason = corrected == 0 ? std::string("no error since the machine was started")
                                      : fmt::format("{} corrected since the machine was started",
                                                    errors_were(corrected));
  }
  return judgement;
}

// "mc0 CPU_SrcID#0_MC#0_Chan#0_DIMM#0": boards have no labels at times, then where it is.
std::string subject_of_module(const v1::MemoryErrors& controller, const v1::ModuleErrors& module) {
  const std::string& name = module.label().empty() ? module.location() : module.label();
  return fmt::format("{} {}", printable(controller.controller(), 32), printable(name, 96));
}

void judge_controller(const v1::MemoryErrors& controller, int64_t at_most,
                      std::vector<Judgement>& judgements) {
  uint64_t corrected = controller.corrected();
  uint64_t uncorrected = controller.uncorrected();
  for (const v1::ModuleErrors& module : controller.modules()) {
    judgements.push_back(judge_counts(subject_of_module(controller, module), module.corrected(),
                                      module.uncorrected(), at_most));
    corrected -= std::min(corrected, module.corrected());
    uncorrected -= std::min(uncorrected, module.uncorrected());
  }
  // Those of no known module.
  if (corrected > 0 || uncorrected > 0 || controller.modules().empty()) {
    judgements.push_back(
        judge_counts(printable(controller.controller(), 32), corrected, uncorrected, at_most));
  }
}

}  // namespace

RuleOutput judge_memory_errors_few(const RuleInput& input) {
  RuleOutput output;
  if (is_no_machine(input)) {
    output.judgements.push_back(
        {.kind = Kind::kNotApplicable,
         .reason = "it is no machine of its own: its memory is its host's"});
    return output;
  }
  const auto section = read_one_section<v1::HardwareFacts>(input, kHardwareProbe, output);
  if (section.facts == nullptr) return output;
  const int64_t at_most = input.count("at_most");
  for (const v1::MemoryErrors& controller : section.facts->memory_errors())
    judge_controller(controller, at_most, output.judgements);
  if (std::optional<Judgement> unread = judge_unread(section.facts->unreadable(), kSource))
    output.judgements.push_back(*std::move(unread));
  if (output.judgements.empty()) {
    output.judgements.push_back(
        {.kind = Kind::kNotApplicable,
         .reason = "nothing counts the errors of its memory: no driver of EDAC is there for it"});
  }
  for (Judgement& judgement : output.judgements)
    judgement.holds_until = section.holds_until;
  output.summary = machine_summary(output.judgements, "modules of memory", "have too many errors",
                                   "have no more errors than they may");
  return output;
}

}  // namespace muster::policy
