#include "agent/probes/domain/whois/answer_kind.h"

#include <algorithm>
#include <vector>

#include "agent/probes/domain/whois/answer_sentences.h"
#include "agent/probes/domain/whois/plain_text.h"
#include "agent/probes/domain/whois/registry_status.h"
#include "common/text.h"

namespace muster::domains::whois {
namespace {

constexpr size_t kMaxReasonBytes = 256;

struct NamedDomain {
  bool any = false;
  bool asked = false;
};

NamedDomain named_domain(const Answer& answer, std::string_view domain) {
  NamedDomain named;
  for (const Field& field : answer.fields) {
    // "Domain:", and below it "name: example.ee".
    const bool plain_name = field.name == "name" && field.subject == Subject::kDomain;
    if ((field.meaning != Meaning::kDomain && !plain_name) || field.subject == Subject::kContact)
      continue;
    const std::vector<std::string_view> parts = parts_of(field.values.front(), " \t\"");
    const std::string name = parts.empty() ? "" : domain_name(parts.front());
    if (name.empty() || (plain_name && name != domain)) continue;
    named.any = true;
    named.asked = named.asked || name == domain;
  }
  return named;
}

struct Evidence {
  NamedDomain named;
  Said said;
  bool strong = false;  // a date or a server: nobody gives one for a name that is free
  bool registrar = false;
  bool status_free = false;
  bool status_reserved = false;
  bool status_registered = false;
};

Evidence evidence_in(const Answer& answer, const Registration& found, std::string_view domain) {
  Evidence evidence{.named = named_domain(answer, domain),
                    .said = said_in(answer.sentences, domain)};
  evidence.strong = found.expires || found.created || found.changed || !found.name_servers.empty();
  evidence.registrar = !found.registrar.empty();
  for (const std::string& status : found.statuses) {
    const Existence existence = existence_by(status);
    evidence.status_free = evidence.status_free || existence == Existence::kFree;
    evidence.status_reserved = evidence.status_reserved || existence == Existence::kReserved;
    evidence.status_registered = evidence.status_registered || existence == Existence::kRegistered;
  }
  return evidence;
}

bool is_named_in(const std::vector<std::string>& sentences, std::string_view domain) {
  return std::ranges::any_of(sentences, [domain](const std::string& sentence) {
    return std::ranges::any_of(
        parts_of(sentence, " \t\"'<>()[],;:"),
        [domain](std::string_view part) { return domain_in_sentence(part, domain) == domain; });
  });
}

// Of an answer with the domain's own record in it.
AnswerKind kind_of_record(const Evidence& evidence) {
  const bool free = evidence.said.free || evidence.status_free;
  if (evidence.strong)
    return evidence.status_free ? AnswerKind::kUnreadable : AnswerKind::kRegistered;
  if (!evidence.said.throttled.empty()) return AnswerKind::kThrottled;
  if (!evidence.said.reserved.empty() || evidence.status_reserved) return AnswerKind::kReserved;
  if (evidence.registrar || evidence.status_registered)
    return free ? AnswerKind::kUnreadable : AnswerKind::kRegistered;
  if (free) return AnswerKind::kFree;
  return !evidence.said.refused.empty() ? AnswerKind::kRefused : AnswerKind::kUnreadable;
}

AnswerKind kind_of(const Evidence& evidence, const Answer& answer, const Registration& found,
                   std::string_view domain) {
  if (evidence.named.asked) return kind_of_record(evidence);
  if (!evidence.said.throttled.empty()) return AnswerKind::kThrottled;
  // Another's record, such as the top-level domain's.
  if (evidence.named.any) return AnswerKind::kUnreadable;
  if (!evidence.said.reserved.empty()) return AnswerKind::kReserved;
  const bool two_facts =
      (found.expires || found.created) && (evidence.registrar || !found.name_servers.empty());
  if (two_facts && !evidence.said.free && is_named_in(answer.sentences, domain))
    return AnswerKind::kRegistered;
  if (evidence.strong) return AnswerKind::kUnreadable;
  if (evidence.status_free && is_named_in(answer.sentences, domain)) return AnswerKind::kFree;
  if (evidence.said.free)
    return !evidence.said.refused.empty() ? AnswerKind::kUnreadable : AnswerKind::kFree;
  return !evidence.said.refused.empty() ? AnswerKind::kRefused : AnswerKind::kUnreadable;
}

// What the server itself says, where it says why.
std::string reason_of(AnswerKind kind, const Evidence& evidence) {
  std::string said;
  if (kind == AnswerKind::kThrottled) said = evidence.said.throttled;
  if (kind == AnswerKind::kReserved) said = evidence.said.reserved;
  if (kind == AnswerKind::kRefused) said = evidence.said.refused;
  if (kind == AnswerKind::kReserved && said.empty()) said = "its status says that it is reserved";
  std::ranges::replace(said, '\t', ' ');
  if (kind != AnswerKind::kUnreadable) return truncate_utf8(said, kMaxReasonBytes);
  if (evidence.named.any && !evidence.named.asked) return "the answer is about another domain";
  if (evidence.strong || evidence.registrar)
    return "the answer has parts of a record, and does not say of which domain, or also that there "
           "is none";
  return "the answer says neither that the domain is registered nor that it is free";
}

}  // namespace

Judgement judge(const Answer& answer, const Registration& found, std::string_view domain) {
  const Evidence evidence = evidence_in(answer, found, domain);
  Judgement judged{.kind = kind_of(evidence, answer, found, domain),
                   .names_domain = evidence.named.asked,
                   .reason = {}};
  judged.reason = reason_of(judged.kind, evidence);
  return judged;
}

}  // namespace muster::domains::whois
