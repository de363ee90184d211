// zone_spf: the zone says who may send mail for it (RFC 7208), in a way that those who ask go by,
// and not everybody. A zone that sends none says that as well, or anybody can in its name.
#include <fmt/format.h>

#include <string>
#include <string_view>

#include "common/policy/rules/every_rule.h"
#include "common/policy/rules/zones.h"
#include "common/text.h"

namespace muster::policy {
namespace {

using Kind = Judgement::Kind;

// RFC 7208, section 4.6.4.
constexpr uint32_t kMostLookups = 10;
constexpr size_t kLongestAll = 16;

bool takes_mail(const v1::ZoneFacts& facts) {
  if (facts.mail_exchanger_state() != v1::RECORD_STATE_PRESENT) return false;
  for (const v1::MailExchanger& exchanger : facts.mail_exchangers()) {
    if (exchanger.host() != ".") return true;
  }
  return facts.mail_exchangers().empty();
}

std::string words_of_all(const v1::SpfRecord& spf) {
  if (spf.all().empty()) return "by its SPF record";
  if (spf.all() == "?all") return "by its SPF record, which says nothing of all others (?all)";
  return fmt::format("by its SPF record, and of all others {}", printable(spf.all(), kLongestAll));
}

Judgement judge_text(const v1::ZoneFacts& facts) {
  const v1::SpfRecord& spf = facts.spf();
  const std::string name = name_of(facts);
  if (spf.all() == "+all" || spf.all() == "all") {
    return {
        .kind = Kind::kUnmet,
        .reason = fmt::format("the SPF record of {} lets everybody send in its name (+all)", name)};
  }
  if (spf.lookups() > kMostLookups) {
    return {.kind = Kind::kUnmet,
            .reason = fmt::format("evaluating the SPF record of {} takes {} look-ups, and {} are "
                                  "allowed: nobody goes by it",
                                  name, spf.lookups(), kMostLookups)};
  }
  return {.kind = Kind::kMet,
          .reason = fmt::format("{} says who may send its mail {}", name, words_of_all(spf))};
}

}  // namespace

RuleOutput judge_zone_spf(const RuleInput& input) {
  const bool required = input.count("required") != 0;
  return judge_zone(input, [required](const v1::ZoneFacts& facts) -> std::vector<Judgement> {
    const std::string_view want = takes_mail(facts)
                                      ? ": anybody can send mail in its name"
                                      : ": anybody can send mail in its name; where it sends none, "
                                        "publish \"v=spf1 -all\"";
    if (const auto judgement = judge_state(facts, {.noun = "SPF record",
                                                   .state = facts.spf().state(),
                                                   .detail = facts.spf().detail(),
                                                   .required = required,
                                                   .want = want})) {
      return {*judgement};
    }
    Judgement judgement = judge_text(facts);
    judgement.subject = name_of(facts);
    return {judgement};
  });
}

}  // namespace muster::policy
