// secure_boot: the firmware starts signed programs alone. Where it does not, that is unmet only if
// the policy requires it: most fleets have machines whose drivers or kernels nobody signs. Of a
// virtual machine its own firmware is judged.
#include <fmt/format.h>

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "common/policy/rules/every_rule.h"
#include "common/policy/rules/firmware_components.h"
#include "common/policy/rules/one_section.h"
#include "muster/v1/firmware_facts.pb.h"

namespace muster::policy {
namespace {

using Kind = Judgement::Kind;

constexpr std::string_view kVariables = "/sys/firmware/efi/efivars";

// " (/sys/firmware/efi/efivars: it has no variable of UEFI)"
std::string why_not_told(const v1::FirmwareFacts& facts) {
  const std::optional<Judgement> unread = judge_unread(facts.unreadable(), kVariables);
  return unread ? fmt::format(" ({}: {})", unread->subject, unread->reason) : "";
}

Judgement judge_state(const v1::FirmwareFacts& facts, bool required) {
  const Kind not_on = required ? Kind::kUnmet : Kind::kNotApplicable;
  const Kind not_told = required ? Kind::kUnknown : Kind::kNotApplicable;
  switch (facts.secure_boot().state()) {
    case v1::SECURE_BOOT_STATE_ON:
      return {.kind = Kind::kMet, .reason = "Secure Boot is on"};
    case v1::SECURE_BOOT_STATE_OFF:
      return {.kind = not_on,
              .reason = "Secure Boot is off: the firmware starts what nobody has signed"};
    case v1::SECURE_BOOT_STATE_SETUP:
      return {.kind = not_on,
              .reason =
                  "Secure Boot has no keys: the firmware is in its setup mode, and starts "
                  "what nobody has signed"};
    case v1::SECURE_BOOT_STATE_NO_UEFI:
      return {.kind = not_on,
              .reason = "the system was not started by UEFI, so that there is no Secure Boot"};
    case v1::SECURE_BOOT_STATE_UNSPECIFIED:
      return {.kind = not_told,
              .reason = "whether Secure Boot is on could not be told" + why_not_told(facts)};
    default:
      return {.kind = not_told,
              .reason = "what is known of Secure Boot is newer than this collector"};
  }
}

}  // namespace

RuleOutput judge_secure_boot(const RuleInput& input) {
  RuleOutput output;
  if (is_container(input)) {
    output.judgements.push_back({.kind = Kind::kNotApplicable,
                                 .reason = "it is a container: its host was started, not it"});
    return output;
  }
  const auto section = read_one_section<v1::FirmwareFacts>(input, kFirmwareProbe, output);
  if (section.facts == nullptr) return output;
  Judgement judgement = judge_state(*section.facts, input.count("required") != 0);
  judgement.holds_until = section.holds_until;
  output.judgements.push_back(std::move(judgement));
  return output;
}

}  // namespace muster::policy
