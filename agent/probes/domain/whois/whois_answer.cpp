#include "agent/probes/domain/whois/whois_answer.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <vector>

#include "agent/probes/domain/whois/answer_fields.h"
#include "agent/probes/domain/whois/answer_kind.h"
#include "agent/probes/domain/whois/plain_text.h"
#include "agent/probes/domain/whois/registry_status.h"
#include "agent/probes/domain/whois/whois_servers.h"
#include "agent/probes/domain/whois/written_time.h"
#include "common/text.h"

namespace muster::domains::whois {
namespace {

constexpr size_t kMaxListed = 64;
constexpr size_t kMaxRegistrarBytes = 256;

// A field of a contact or a registrar speaks of the domain only if its name says so.
bool is_about_domain(const Field& field) {
  if (field.subject == Subject::kDomain) return true;
  return field.subject != Subject::kNameServers && field.name.find("domain") != std::string::npos;
}

DateOrder said_order(const Answer& answer) {
  bool day_first = false;
  bool month_first = false;
  for (const std::string& sentence : answer.sentences) {
    const std::string words = joined(words_of(sentence));
    day_first = day_first || words.find("dd mm yyyy") != std::string::npos;
    month_first = month_first || words.find("mm dd yyyy") != std::string::npos;
  }
  if (day_first == month_first) return DateOrder::kUnknown;
  return day_first ? DateOrder::kDayFirst : DateOrder::kMonthFirst;
}

// Of all dates in the answer: those with one reading decide for the others. Orders that contradict
// each other settle nothing.
DateOrder order_of_dates(const Answer& answer, std::string_view domain) {
  std::array<bool, 3> seen{};
  seen.at(static_cast<size_t>(said_order(answer))) = true;
  for (const Field& field : answer.fields)
    if (const auto time = parse_written_time(field.values.front()))
      seen.at(static_cast<size_t>(time->shows())) = true;
  const bool day_first = seen.at(static_cast<size_t>(DateOrder::kDayFirst));
  const bool month_first = seen.at(static_cast<size_t>(DateOrder::kMonthFirst));
  if (day_first && month_first) return DateOrder::kUnknown;
  if (day_first) return DateOrder::kDayFirst;
  if (month_first) return DateOrder::kMonthFirst;
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
  DateFound found = expiry(answer, Meaning::kExpires, true, order);
  // A date below a heading that is nobody's: no contact expires.
  if (!found.any) found = expiry(answer, Meaning::kExpires, false, order);
  if (!found.any) found = expiry(answer, Meaning::kRegistrarExpires, true, order);
  if (!found.any) found = expiry(answer, Meaning::kRegistrarExpires, false, order);
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
  // Columns in a value are no more than a gap.
  std::string name(trim(text.substr(0, url)));
  std::ranges::replace(name, '\t', ' ');
  return truncate_utf8(name, kMaxRegistrarBytes);
}

// A name in the registrar's own part of the answer tells more than the handle that points to it.
std::string registrar_of(const Answer& answer) {
  std::string handle;
  for (const Field& field : answer.fields) {
    const bool in_its_part = field.subject == Subject::kRegistrar;
    if (in_its_part && field.name == "name") return without_url(field.values.front());
    const bool names_it =
        field.meaning == Meaning::kRegistrar ||
        (in_its_part && (field.name == "organization" || field.name == "organisation"));
    if (handle.empty() && names_it && field.subject != Subject::kContact)
      handle = without_url(field.values.front());
  }
  return handle;
}

std::vector<std::string> sorted(std::vector<std::string> list) {
  std::ranges::sort(list);
  list.erase(std::unique(list.begin(), list.end()), list.end());
  if (list.size() > kMaxListed) list.resize(kMaxListed);
  return list;
}

std::vector<std::string> statuses_of(const Answer& answer) {
  std::vector<std::string> all;
  for (const Field& field : answer.fields) {
    if (all.size() > 4 * kMaxListed) break;
    if (!is_about_domain(field)) continue;
    if (field.meaning == Meaning::kHold && lower(field.values.front()) == "yes")
      all.emplace_back("serverHold");
    if (field.meaning != Meaning::kStatus && field.meaning != Meaning::kState) continue;
    for (const std::string& value : field.values) {
      std::vector<std::string> some = statuses_in(value);
      // "State: California" is where somebody lives.
      const bool known = std::ranges::any_of(some, [](const std::string& status) {
        return existence_by(status) != Existence::kUnknown;
      });
      if (field.meaning == Meaning::kStatus || known)
        all.insert(all.end(), some.begin(), some.end());
    }
  }
  return sorted(std::move(all));
}

std::vector<std::string> name_servers_of(const Answer& answer, std::string_view domain) {
  std::vector<std::string> all;
  for (const Field& field : answer.fields) {
    const bool in_their_part =
        field.subject == Subject::kNameServers && (field.name == "name" || field.name == "server");
    if (field.meaning != Meaning::kNameServer && !in_their_part) continue;
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
    if (field.meaning == Meaning::kDsRecord && value.front() >= '0' && value.front() <= '9')
      return true;
    const bool is_registrars_own =
        field.subject == Subject::kRegistrar || field.subject == Subject::kContact;
    if (field.meaning == Meaning::kDnssec && !is_registrars_own && !result)
      result = is_signed(value);
  }
  return result;
}

std::string referral_of(const Answer& answer) {
  std::string server;
  for (const Field& field : answer.fields) {
    if (field.meaning != Meaning::kReferral && field.meaning != Meaning::kWhoisServer) continue;
    std::string_view value = field.values.front();
    if (value.starts_with("whois://")) value.remove_prefix(8);
    std::string name = host_name(value.substr(0, value.find(':')));
    if (name.find('_') != std::string::npos) name.clear();
    if (!name.empty() && field.meaning == Meaning::kReferral) return name;
    if (server.empty()) server = std::move(name);
  }
  return server;
}

}  // namespace

Registration read_whois(std::string_view bytes, std::string_view asked) {
  const std::string domain = domain_name(asked);
  const Answer answer = split_answer(bytes);
  if (domain.empty() || answer.sentences.empty()) {
    Registration nothing;
    nothing.reason = domain.empty() ? "what was asked is no name of a domain"
                                    : "the answer is empty or beyond its bounds";
    return nothing;
  }
  const DateOrder order = order_of_dates(answer, domain);
  Registration found;
  found.expires = expiry_of(answer, order);
  found.created = first_time(answer, Meaning::kCreated, order);
  found.changed = first_time(answer, Meaning::kChanged, order);
  found.registrar = registrar_of(answer);
  found.statuses = statuses_of(answer);
  found.name_servers = name_servers_of(answer, domain);
  found.delegation_signed = delegation_signed(answer);
  found.referral = referral_of(answer);
  const Judgement judged = judge(answer, found, domain);
  found.kind = judged.kind;
  if (found.kind != AnswerKind::kRegistered) {
    Registration other;
    other.kind = judged.kind;
    other.reason = judged.reason;
    if (judged.names_domain) other.domain = domain;
    other.referral = found.referral;
    return other;
  }
  if (judged.names_domain) found.domain = domain;
  return found;
}

}  // namespace muster::domains::whois
