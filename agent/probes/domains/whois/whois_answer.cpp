#include "agent/probes/domains/whois/whois_answer.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <vector>

#include "agent/probes/domains/whois/answer_fields.h"
#include "agent/probes/domains/whois/answer_sentences.h"
#include "agent/probes/domains/whois/plain_text.h"
#include "agent/probes/domains/whois/registry_status.h"
#include "agent/probes/domains/whois/whois_servers.h"
#include "agent/probes/domains/whois/written_time.h"
#include "common/text.h"

namespace muster::domains::whois {
namespace {

constexpr size_t kMaxListed = 64;
constexpr size_t kMaxRegistrarBytes = 256;

struct NamedDomain {
  bool any = false;
  bool asked = false;
};

// A field of a contact or a registrar speaks of the domain only if its name says so.
bool is_about_domain(const Field& field) {
  if (field.subject == Subject::DOMAIN) return true;
  return field.subject != Subject::NAME_SERVERS && field.name.find("domain") != std::string::npos;
}

NamedDomain named_domain(const Answer& answer, std::string_view domain) {
  NamedDomain named;
  for (const Field& field : answer.fields) {
    // "Domain:", and below it "name: example.ee".
    const bool plain_name = field.name == "name" && field.subject == Subject::DOMAIN;
    if ((field.meaning != Meaning::DOMAIN && !plain_name) || field.subject == Subject::CONTACT)
      continue;
    const std::vector<std::string_view> parts = parts_of(field.values.front(), " \t\"");
    const std::string name = parts.empty() ? "" : domain_name(parts.front());
    if (name.empty() || (plain_name && name != domain)) continue;
    named.any = true;
    named.asked = named.asked || name == domain;
  }
  return named;
}

DateOrder said_order(const Answer& answer) {
  bool day_first = false;
  bool month_first = false;
  for (const std::string& sentence : answer.sentences) {
    const std::string words = joined(words_of(sentence));
    day_first = day_first || words.find("dd mm yyyy") != std::string::npos;
    month_first = month_first || words.find("mm dd yyyy") != std::string::npos;
  }
  if (day_first == month_first) return DateOrder::UNKNOWN;
  return day_first ? DateOrder::DAY_FIRST : DateOrder::MONTH_FIRST;
}

// Of all dates in the answer: those with one reading decide for the others. Orders that contradict
// each other settle nothing.
DateOrder order_of_dates(const Answer& answer, std::string_view domain) {
  std::array<bool, 3> seen{};
  seen.at(static_cast<size_t>(said_order(answer))) = true;
  for (const Field& field : answer.fields)
    if (const auto time = parse_written_time(field.values.front()))
      seen.at(static_cast<size_t>(time->shows())) = true;
  const bool day_first = seen.at(static_cast<size_t>(DateOrder::DAY_FIRST));
  const bool month_first = seen.at(static_cast<size_t>(DateOrder::MONTH_FIRST));
  if (day_first && month_first) return DateOrder::UNKNOWN;
  if (day_first) return DateOrder::DAY_FIRST;
  if (month_first) return DateOrder::MONTH_FIRST;
  return server_of(domain.substr(domain.rfind('.') + 1)).date_order;
}

bool same_day(const RegistryTime& one, const RegistryTime& other) {
  return std::chrono::floor<std::chrono::days>(one.time) ==
         std::chrono::floor<std::chrono::days>(other.time);
}

struct DateFound {
  bool any = false;  // there is a date, be it readable or not
  std::optional<RegistryTime> time;
};

// The expiry of one kind: none where there are two with different days.
DateFound expiry(const Answer& answer, Meaning meaning, bool about_domain, DateOrder order) {
  DateFound found;
  for (const Field& field : answer.fields) {
    if (field.meaning != meaning || is_about_domain(field) != about_domain) continue;
    const auto written = parse_written_time(field.values.front());
    if (!written) continue;
    const auto time = written->read(order);
    if (!time || (found.time && !same_day(*found.time, *time)))
      return {.any = true, .time = std::nullopt};
    if (!found.any) found = {.any = true, .time = time};
  }
  return found;
}

std::optional<RegistryTime> expiry_of(const Answer& answer, DateOrder order) {
  DateFound found = expiry(answer, Meaning::EXPIRES, true, order);
  // A date below a heading that is nobody's: no contact expires.
  if (!found.any) found = expiry(answer, Meaning::EXPIRES, false, order);
  if (!found.any) found = expiry(answer, Meaning::REGISTRAR_EXPIRES, true, order);
  if (!found.any) found = expiry(answer, Meaning::REGISTRAR_EXPIRES, false, order);
  return found.time;
}

// The first that speaks of the domain.
std::optional<RegistryTime> first_time(const Answer& answer, Meaning meaning, DateOrder order) {
  for (const Field& field : answer.fields) {
    if (field.meaning != meaning || !is_about_domain(field)) continue;
    if (const auto written = parse_written_time(field.values.front())) return written->read(order);
  }
  return std::nullopt;
}

std::string without_url(std::string_view text) {
  const size_t url = std::min(text.find(" (http"), text.find(" ( http"));
  return truncate_utf8(trim(text.substr(0, url)), kMaxRegistrarBytes);
}

// A name in the registrar's own part of the answer tells more than the handle that points to it.
std::string registrar_of(const Answer& answer) {
  std::string handle;
  for (const Field& field : answer.fields) {
    const bool in_its_part = field.subject == Subject::REGISTRAR;
    if (in_its_part && field.name == "name") return without_url(field.values.front());
    const bool names_it =
        field.meaning == Meaning::REGISTRAR ||
        (in_its_part && (field.name == "organization" || field.name == "organisation"));
    if (handle.empty() && names_it && field.subject != Subject::CONTACT)
      handle = without_url(field.values.front());
  }
  return handle;
}

std::vector<std::string> sorted(std::vector<std::string> list) {
  std::ranges::sort(list);
  const auto doubled = std::ranges::unique(list);
  list.erase(doubled.begin(), doubled.end());
  if (list.size() > kMaxListed) list.resize(kMaxListed);
  return list;
}

std::vector<std::string> statuses_of(const Answer& answer) {
  std::vector<std::string> all;
  for (const Field& field : answer.fields) {
    if (!is_about_domain(field)) continue;
    if (field.meaning == Meaning::HOLD && lower(field.values.front()) == "yes")
      all.emplace_back("serverHold");
    if (field.meaning != Meaning::STATUS && field.meaning != Meaning::STATE) continue;
    for (const std::string& value : field.values) {
      std::vector<std::string> some = statuses_in(value);
      // "State: California" is where somebody lives.
      const bool known = std::ranges::any_of(some, [](const std::string& status) {
        return existence_by(status) != Existence::UNKNOWN;
      });
      if (field.meaning == Meaning::STATUS || known)
        all.insert(all.end(), some.begin(), some.end());
    }
  }
  return sorted(std::move(all));
}

std::vector<std::string> name_servers_of(const Answer& answer, std::string_view domain) {
  std::vector<std::string> all;
  for (const Field& field : answer.fields) {
    const bool in_their_part =
        field.subject == Subject::NAME_SERVERS && (field.name == "name" || field.name == "server");
    if (field.meaning != Meaning::NAME_SERVER && !in_their_part) continue;
    for (const std::string& value : field.values) {
      // The names at the front; addresses and remarks come behind them.
      for (const std::string_view part : parts_of(value, " \t,;")) {
        std::string name = host_name(part);
        if (name.empty()) break;
        // .dk gives the domain itself as "DNS".
        if (field.name != "dns" || name != domain) all.push_back(std::move(name));
      }
    }
  }
  return sorted(std::move(all));
}

std::optional<bool> is_signed(std::string_view value) {
  const std::vector<std::string> words = words_of(value);
  if (words.empty()) return std::nullopt;
  const std::string& first = words.front();
  static constexpr std::array<std::string_view, 7> kNo = {
      "unsigned", "no", "inactive", "disabled", "none", "false", "미서명"};
  static constexpr std::array<std::string_view, 7> kYes = {
      "signed", "yes", "active", "enabled", "signeddelegation", "true", "서명"};
  if (std::ranges::find(kNo, first) != kNo.end() || first == "unsigneddelegation") return false;
  if (std::ranges::find(kYes, first) != kYes.end()) return true;
  return std::nullopt;
}

std::optional<bool> delegation_signed(const Answer& answer) {
  std::optional<bool> result;
  for (const Field& field : answer.fields) {
    // A record begins with its key's tag.
    const std::string& value = field.values.front();
    if (field.meaning == Meaning::DS_RECORD && value.front() >= '0' && value.front() <= '9')
      return true;
    const bool is_registrars_own =
        field.subject == Subject::REGISTRAR || field.subject == Subject::CONTACT;
    if (field.meaning == Meaning::DNSSEC && !is_registrars_own && !result)
      result = is_signed(value);
  }
  return result;
}

std::string referral_of(const Answer& answer) {
  std::string server;
  for (const Field& field : answer.fields) {
    if (field.meaning != Meaning::REFERRAL && field.meaning != Meaning::WHOIS_SERVER) continue;
    std::string_view value = field.values.front();
    if (value.starts_with("whois://")) value.remove_prefix(8);
    std::string name = host_name(value.substr(0, value.find(':')));
    if (name.find('_') != std::string::npos) name.clear();
    if (!name.empty() && field.meaning == Meaning::REFERRAL) return name;
    if (server.empty()) server = std::move(name);
  }
  return server;
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
    evidence.status_free = evidence.status_free || existence == Existence::FREE;
    evidence.status_reserved = evidence.status_reserved || existence == Existence::RESERVED;
    evidence.status_registered = evidence.status_registered || existence == Existence::REGISTERED;
  }
  return evidence;
}

bool is_named_in(const std::vector<std::string>& sentences, std::string_view domain) {
  return std::ranges::any_of(sentences, [domain](const std::string& sentence) {
    return std::ranges::any_of(
        parts_of(sentence, " \t\"'<>()[],;:"),
        [domain](std::string_view part) { return domain_name(part) == domain; });
  });
}

// Of an answer with the domain's own record in it.
AnswerKind kind_of_record(const Evidence& evidence) {
  const bool free = evidence.said.free || evidence.status_free;
  if (evidence.strong)
    return evidence.status_free ? AnswerKind::UNREADABLE : AnswerKind::REGISTERED;
  if (evidence.said.throttled) return AnswerKind::THROTTLED;
  if (evidence.said.reserved || evidence.status_reserved) return AnswerKind::RESERVED;
  if (evidence.registrar || evidence.status_registered)
    return free ? AnswerKind::UNREADABLE : AnswerKind::REGISTERED;
  if (free) return AnswerKind::FREE;
  return evidence.said.refused ? AnswerKind::REFUSED : AnswerKind::UNREADABLE;
}

AnswerKind kind_of(const Evidence& evidence, const Answer& answer, const Registration& found,
                   std::string_view domain) {
  if (evidence.named.asked) return kind_of_record(evidence);
  if (evidence.said.throttled) return AnswerKind::THROTTLED;
  // Another's record, such as the top-level domain's.
  if (evidence.named.any) return AnswerKind::UNREADABLE;
  if (evidence.said.reserved) return AnswerKind::RESERVED;
  const bool two_facts =
      (found.expires || found.created) && (evidence.registrar || !found.name_servers.empty());
  if (two_facts && !evidence.said.free && is_named_in(answer.sentences, domain))
    return AnswerKind::REGISTERED;
  if (evidence.strong) return AnswerKind::UNREADABLE;
  if (evidence.status_free && is_named_in(answer.sentences, domain)) return AnswerKind::FREE;
  if (evidence.said.free) return evidence.said.refused ? AnswerKind::UNREADABLE : AnswerKind::FREE;
  return evidence.said.refused ? AnswerKind::REFUSED : AnswerKind::UNREADABLE;
}

}  // namespace

Registration read_whois(std::string_view bytes, std::string_view asked) {
  const std::string domain = domain_name(asked);
  const Answer answer = split_answer(bytes);
  if (domain.empty() || answer.sentences.empty()) return {};
  const DateOrder order = order_of_dates(answer, domain);
  Registration found;
  found.expires = expiry_of(answer, order);
  found.created = first_time(answer, Meaning::CREATED, order);
  found.changed = first_time(answer, Meaning::CHANGED, order);
  found.registrar = registrar_of(answer);
  found.statuses = statuses_of(answer);
  found.name_servers = name_servers_of(answer, domain);
  found.delegation_signed = delegation_signed(answer);
  found.referral = referral_of(answer);
  const Evidence evidence = evidence_in(answer, found, domain);
  found.kind = kind_of(evidence, answer, found, domain);
  if (found.kind != AnswerKind::REGISTERED) {
    Registration other;
    other.kind = found.kind;
    if (evidence.named.asked) other.domain = domain;
    other.referral = found.referral;
    return other;
  }
  if (evidence.named.asked) found.domain = domain;
  return found;
}

}  // namespace muster::domains::whois
