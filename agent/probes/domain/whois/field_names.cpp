#include "agent/probes/domain/whois/field_names.h"

#include <algorithm>
#include <array>
#include <span>
#include <string>
#include <vector>

#include "agent/probes/domain/whois/plain_text.h"

namespace muster::domains::whois {
namespace {

using Words = std::vector<std::string>;

struct Name {
  std::string_view text;
  Meaning meaning;
};

// Those that words do not tell, and those of other languages than English.
constexpr std::array kNames = {
    Name{"domain", Meaning::kDomain},
    Name{"domain name", Meaning::kDomain},
    Name{"domainname", Meaning::kDomain},
    Name{"ascii", Meaning::kDomain},
    Name{"ace", Meaning::kDomain},
    Name{"puny name", Meaning::kDomain},
    Name{"punycode", Meaning::kDomain},
    Name{"dominio", Meaning::kDomain},
    Name{"nombre de dominio", Meaning::kDomain},
    Name{"nom de domaine", Meaning::kDomain},
    Name{"도메인이름", Meaning::kDomain},
    Name{"ドメイン名", Meaning::kDomain},
    Name{"registrar registration expiration date", Meaning::kRegistrarExpires},
    Name{"registrar registration expiry date", Meaning::kRegistrarExpires},
    Name{"registrar expiration date", Meaning::kRegistrarExpires},
    Name{"registrar expiry date", Meaning::kRegistrarExpires},
    Name{"paid till", Meaning::kExpires},
    Name{"paid until", Meaning::kExpires},
    Name{"valid until", Meaning::kExpires},
    Name{"valid till", Meaning::kExpires},
    Name{"valid to", Meaning::kExpires},
    Name{"validity", Meaning::kExpires},
    Name{"registered until", Meaning::kExpires},
    Name{"renewal date", Meaning::kExpires},
    Name{"renewal", Meaning::kExpires},
    Name{"domain datebilleduntil", Meaning::kExpires},
    Name{"사용 종료일", Meaning::kExpires},
    Name{"有効期限", Meaning::kExpires},
    Name{"fecha de vencimiento", Meaning::kExpires},
    Name{"fecha de expiracion", Meaning::kExpires},
    Name{"등록일", Meaning::kCreated},
    Name{"登録年月日", Meaning::kCreated},
    Name{"최근 정보 변경일", Meaning::kChanged},
    Name{"最終更新", Meaning::kChanged},
    Name{"domain datelastmodified", Meaning::kChanged},
    Name{"registrar", Meaning::kRegistrar},
    Name{"registrar name", Meaning::kRegistrar},
    Name{"sponsoring registrar", Meaning::kRegistrar},
    Name{"sponsoring registrar name", Meaning::kRegistrar},
    Name{"current registrar", Meaning::kRegistrar},
    Name{"current registar", Meaning::kRegistrar},
    Name{"domain registrar", Meaning::kRegistrar},
    Name{"registrar organization", Meaning::kRegistrar},
    Name{"registrar company", Meaning::kRegistrar},
    Name{"authorized agency", Meaning::kRegistrar},
    Name{"registration service provider", Meaning::kRegistrar},
    Name{"등록대행자", Meaning::kRegistrar},
    Name{"status", Meaning::kStatus},
    Name{"domain status", Meaning::kStatus},
    Name{"registration status", Meaning::kStatus},
    Name{"query status", Meaning::kStatus},
    Name{"epp status", Meaning::kStatus},
    Name{"eppstatus", Meaning::kStatus},
    Name{"등록정보 보호", Meaning::kStatus},
    Name{"状態", Meaning::kStatus},
    Name{"state", Meaning::kState},
    Name{"domain state", Meaning::kStatus},
    Name{"hold", Meaning::kHold},
    Name{"nserver", Meaning::kNameServer},
    Name{"ns", Meaning::kNameServer},
    Name{"ns name", Meaning::kNameServer},
    Name{"dns", Meaning::kNameServer},
    Name{"hostname", Meaning::kNameServer},
    Name{"host name", Meaning::kNameServer},
    Name{"primary server", Meaning::kNameServer},
    Name{"secondary server", Meaning::kNameServer},
    Name{"호스트이름", Meaning::kNameServer},
    Name{"ネームサーバ", Meaning::kNameServer},
    Name{"domain servers in listed order", Meaning::kNameServer},
    Name{"dnssec", Meaning::kDnssec},
    Name{"signed", Meaning::kDnssec},
    Name{"domain signed", Meaning::kDnssec},
    Name{"dnssec signed", Meaning::kDnssec},
    Name{"delegation signed", Meaning::kDnssec},
    Name{"ds", Meaning::kDsRecord},
    Name{"ds rdata", Meaning::kDsRecord},
    Name{"ds record", Meaning::kDsRecord},
    Name{"ds data", Meaning::kDsRecord},
    Name{"dsrecord", Meaning::kDsRecord},
    Name{"dnssec ds data", Meaning::kDsRecord},
    Name{"signing key", Meaning::kDsRecord},
    Name{"refer", Meaning::kReferral},
    Name{"referralserver", Meaning::kReferral},
    Name{"registrar whois server", Meaning::kWhoisServer},
    Name{"whois server", Meaning::kWhoisServer},
    Name{"whois", Meaning::kWhoisServer},
};

// Of what a date of a domain may speak beside its end, beginning or change, without being
// another's.
constexpr std::array<std::string_view, 24> kFillers = {
    "domain", "name",         "date",     "time",    "on",      "at",         "of", "the",
    "record", "registration", "registry", "will",    "is",      "datetime",   "dd", "mm",
    "yyyy",   "current",      "utc",      "licence", "license", "expirydate", "by", "hh"};
constexpr std::array<std::string_view, 8> kExpires = {
    "expire", "expires", "expired", "expiry", "expiration", "expdate", "exp", "expires"};
constexpr std::array<std::string_view, 10> kCreated = {
    "created",      "creation",   "create",  "registered", "activated",
    "commencement", "activation", "regdate", "first",      "entered"};
constexpr std::array<std::string_view, 9> kChanged = {"changed", "modified",     "updated",
                                                      "update",  "modification", "change",
                                                      "last",    "latest",       "modify"};

bool is_one_of(std::string_view word, std::span<const std::string_view> known) {
  return std::ranges::find(known, word) != known.end();
}

bool has_one_of(const Words& words, std::span<const std::string_view> known) {
  return std::ranges::any_of(words,
                             [known](const std::string& word) { return is_one_of(word, known); });
}

// One of `known` at least, and beside them fillers only.
bool speaks_of(const Words& words, std::span<const std::string_view> known) {
  return has_one_of(words, known) && std::ranges::all_of(words, [known](const std::string& word) {
           return is_one_of(word, known) || is_one_of(word, kFillers);
         });
}

bool names_servers(std::string_view name) {
  return name.find("name server") != std::string_view::npos ||
         name.find("nameserver") != std::string_view::npos;
}

bool is_number(const std::string& word) {
  return std::ranges::all_of(word, [](char byte) { return byte >= '0' && byte <= '9'; });
}

Meaning date_meaning(const Words& words) {
  if (speaks_of(words, kExpires)) return Meaning::kExpires;
  if (speaks_of(words, kCreated)) return Meaning::kCreated;
  if (speaks_of(words, kChanged)) return Meaning::kChanged;
  const std::string_view first =
      words.empty() ? std::string_view() : std::string_view(words.front());
  const bool registration =
      first == "registration" || joined(words).starts_with("domain registration");
  const bool of_time = std::ranges::find(words, "date") != words.end() ||
                       std::ranges::find(words, "time") != words.end();
  if (registration && of_time && speaks_of(words, kFillers)) return Meaning::kCreated;
  return Meaning::kNone;
}

}  // namespace

Meaning meaning_of(std::string_view name) {
  Words words = words_of(name);
  // "Name Server 2", "ns_name_01".
  while (words.size() > 1 && is_number(words.back()))
    words.pop_back();
  const std::string plain = joined(words);
  const auto* const found = std::ranges::find(kNames, plain, &Name::text);
  if (found != kNames.end()) return found->meaning;
  const bool about_servers = names_servers(plain) && words.size() <= 5;
  if (about_servers && plain.find("address") == std::string::npos &&
      plain.find(" ip") == std::string::npos)
    return Meaning::kNameServer;
  return date_meaning(words);
}

Subject subject_of(std::string_view name) {
  static constexpr std::array<std::string_view, 31> kContacts = {"contact",
                                                                 "contacts",
                                                                 "registrant",
                                                                 "holder",
                                                                 "owner",
                                                                 "admin",
                                                                 "administrative",
                                                                 "tech",
                                                                 "technical",
                                                                 "billing",
                                                                 "person",
                                                                 "personname",
                                                                 "organisation",
                                                                 "organization",
                                                                 "org",
                                                                 "role",
                                                                 "nic",
                                                                 "hdl",
                                                                 "agent",
                                                                 "onsite",
                                                                 "reseller",
                                                                 "nsset",
                                                                 "keyset",
                                                                 "irt",
                                                                 "key",
                                                                 "mntner",
                                                                 "contactid",
                                                                 "domaininhaber",
                                                                 "titular",
                                                                 "handle",
                                                                 "zone"};
  const Words words = words_of(name);
  const std::string plain = joined(words);
  if (has_one_of(words, kContacts)) return Subject::kContact;
  if (plain == "registrar" || plain == "registrar name" || plain == "registrar information")
    return Subject::kRegistrar;
  if (meaning_of(plain) == Meaning::kNameServer) return Subject::kNameServers;
  return Subject::kDomain;
}

bool is_heading(std::string_view name) {
  const Words words = words_of(name);
  if (words.empty() || words.size() > 5) return false;
  const std::string plain = joined(words);
  const Meaning meaning = meaning_of(plain);
  if (meaning == Meaning::kNameServer || plain == "registrar" || plain == "dnssec") return true;
  static constexpr std::array<std::string_view, 12> kBare = {"registrant",
                                                             "holder",
                                                             "owner",
                                                             "admin contact",
                                                             "technical contacts",
                                                             "technical contact",
                                                             "administrative contact",
                                                             "administrative contact agent",
                                                             "organization using domain name",
                                                             "billing contact",
                                                             "tech contact",
                                                             "admin contacts"};
  return is_one_of(plain, kBare);
}

}  // namespace muster::domains::whois
