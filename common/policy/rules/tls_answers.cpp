// tls_answers: every address of the target speaks TLS: one that does not, of three behind a name,
// is found. A server that wants a certificate of the client, and got none that it takes, has shown
// its own before: it answers.
#include <fmt/format.h>

#include <string>
#include <utility>

#include "common/policy/rules/every_rule.h"
#include "common/policy/rules/one_section.h"
#include "common/policy/rules/served.h"
#include "common/policy/rules/tls_words.h"
#include "common/text.h"

namespace muster::policy {
namespace {

using Kind = Judgement::Kind;

constexpr size_t kLongestAddress = 64;

Judgement judge_answer(const v1::TlsService& service) {
  Judgement judgement{.subject = subject_of(service, nullptr)};
  const std::string place = place_of(service, nullptr);
  const v1::TlsAnswer answer = service.answer();
  if (speaks_tls(answer)) {
    judgement.kind = Kind::kMet;
    judgement.reason =
        answer == v1::TLS_ANSWER_COMPLETED && !service.version().empty()
            ? fmt::format("{} answers, by {}", place, printable(service.version(), 32))
            : fmt::format("{} answers, and {}", place, words_of(service));
    return judgement;
  }
  const bool is_known =
      answer != v1::TLS_ANSWER_UNSPECIFIED && v1::TlsAnswer_IsValid(static_cast<int>(answer));
  judgement.kind = is_known ? Kind::kUnmet : Kind::kUnknown;
  judgement.reason = fmt::format("{} {}", place, words_of(service));
  return judgement;
}

// Of more than one: what is wrong, and of how many.
std::string summary_of(const std::vector<Judgement>& judgements) {
  size_t unmet = 0;
  const Judgement* first = nullptr;
  for (const Judgement& judgement : judgements) {
    if (judgement.kind == Kind::kUnknown) return {};
    if (judgement.kind != Kind::kUnmet) continue;
    if (unmet++ == 0) first = &judgement;
  }
  if (judgements.size() < 2) return {};
  if (first == nullptr) return fmt::format("all {} addresses answer", judgements.size());
  return fmt::format("{} of {} addresses {} not answer: {}", unmet, judgements.size(),
                     unmet == 1 ? "does" : "do", first->reason);
}

}  // namespace

RuleOutput judge_tls_answers(const RuleInput& input) {
  RuleOutput output;
  const auto section = read_one_section<v1::TlsFacts>(input, kTlsProbe, output);
  if (section.facts == nullptr) return output;
  for (const v1::TlsService& service : section.facts->services())
    output.judgements.push_back(judge_answer(service));
  for (const std::string& address : section.facts->not_allowed()) {
    const std::string shown = printable(address, kLongestAddress);
    output.judgements.push_back(
        {.subject = shown,
         .reason = fmt::format("{} was not asked: targets.allow does not list it", shown)});
  }
  if (output.judgements.empty())
    output.judgements.push_back({.reason = "none of its addresses was asked"});
  output.summary = summary_of(output.judgements);
  for (Judgement& judgement : output.judgements)
    judgement.holds_until = section.holds_until;
  return output;
}

}  // namespace muster::policy
