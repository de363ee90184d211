// zone_caa: the zone, or one above it, says which authorities may issue certificates for it
// (RFC 8659), and these are of `issuers`, where those are given. Records that name no authority for
// anything (iodef alone) leave it to all of them, as none at all does.
#include <absl/strings/ascii.h>
#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "common/policy/rules/every_rule.h"
#include "common/policy/rules/few_texts.h"
#include "common/policy/rules/zones.h"
#include "common/policy/selector.h"
#include "common/text.h"

namespace muster::policy {
namespace {

using Kind = Judgement::Kind;

constexpr size_t kLongestName = 256;
constexpr size_t kMostIssuers = 4;
// As domain_facts.proto has it: with so many there may be more.
constexpr int kMostRecords = 32;

// "ca.example.net" of `ca.example.net; account=230123`, in lower case; empty: nobody may.
std::string issuer_of(const v1::CaaRecord& record) {
  const std::string_view value = record.value();
  return absl::AsciiStrToLower(std::string(trim(value.substr(0, value.find(';')))));
}

bool names_issuer(const v1::CaaRecord& record) {
  const std::string tag = absl::AsciiStrToLower(record.tag());
  return tag == "issue" || tag == "issuewild";
}

std::string found_at(const v1::ZoneFacts& facts) {
  const std::string& domain = facts.caa_domain();
  if (domain.empty() || absl::AsciiStrToLower(domain) == absl::AsciiStrToLower(facts.zone()))
    return "";
  return fmt::format(" (by the records of {})", printable(domain, kLongestName));
}

// Nobody is always wanted.
bool is_wanted(const std::string& issuer, const Globs& wanted) {
  return issuer.empty() || wanted.empty() ||
         std::any_of(wanted.begin(), wanted.end(), [&issuer](const std::string& one) {
           return matches_glob(absl::AsciiStrToLower(one), issuer);
         });
}

Judgement judge_issuers(const v1::ZoneFacts& facts, bool required, const Globs& wanted) {
  const std::string name = name_of(facts);
  const std::string found = found_at(facts);
  FewTexts issuers(kMostIssuers);
  FewTexts others(kMostIssuers);
  bool restricts = false;
  for (const v1::CaaRecord& record : facts.caa()) {
    if (!names_issuer(record)) continue;
    restricts = true;
    const std::string issuer = issuer_of(record);
    issuers.add(issuer, kLongestName);
    if (!is_wanted(issuer, wanted)) others.add(issuer, kLongestName);
  }
  if (!others.empty()) {
    return {.kind = Kind::kUnmet,
            .reason = fmt::format("{} may issue certificates for {}{}, and is none of `issuers`",
                                  others.joined(), name, found)};
  }
  if (facts.caa_size() >= kMostRecords && (!restricts || !wanted.empty())) {
    return {.reason = fmt::format("{} has more CAA records than are told", name)};
  }
  if (!restricts) {
    return {.kind = required ? Kind::kUnmet : Kind::kNotApplicable,
            .reason = fmt::format("the CAA records of {} name no authority: all may issue{}", name,
                                  found)};
  }
  return {.kind = Kind::kMet,
          .reason = fmt::format("{} may issue certificates for {}{}",
                                issuers.empty() ? "nobody" : issuers.joined(), name, found)};
}

}  // namespace

RuleOutput judge_zone_caa(const RuleInput& input) {
  const bool required = input.count("required") != 0;
  const Globs& issuers = input.globs("issuers");
  return judge_zone(
      input, [required, &issuers](const v1::ZoneFacts& facts) -> std::vector<Judgement> {
        if (const auto judgement =
                judge_state(facts, {.noun = "CAA record",
                                    .state = facts.caa_state(),
                                    .detail = {},
                                    .required = required,
                                    .want = ": every authority may issue certificates for it"})) {
          return {*judgement};
        }
        Judgement judgement = judge_issuers(facts, required, issuers);
        judgement.subject = name_of(facts);
        return {judgement};
      });
}

}  // namespace muster::policy
