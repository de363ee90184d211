#include "agent/probes/domains/whois/field_names.h"

#include <algorithm>
#include <array>
#include <span>
#include <string>
#include <vector>

#include "agent/probes/domains/whois/plain_text.h"

namespace muster::domains::whois {
namespace {

using Words = std::vector<std::string>;

struct Name {
  std::string_view text;
  Meaning meaning;
};

// Those that words do not tell, and those of other languages than English.
constexpr std::array kNames = {
    Name{"domain", Meaning::DOMAIN},
    Name{"domain name", Meaning::DOMAIN},
    Name{"domainname", Meaning::DOMAIN},
    Name{"ascii", Meaning::DOMAIN},
    Name{"ace", Meaning::DOMAIN},
    Name{"puny name", Meaning::DOMAIN},
    Name{"punycode", Meaning::DOMAIN},
    Name{"dominio", Meaning::DOMAIN},
    Name{"nombre de dominio", Meaning::DOMAIN},
    Name{"nom de domaine", Meaning::DOMAIN},
    Name{"도메인이름", Meaning::DOMAIN},
    Name{"ドメイン名", Meaning::DOMAIN},
    Name{"registrar registration expiration date", Meaning::REGISTRAR_EXPIRES},
    Name{"registrar registration expiry date", Meaning::REGISTRAR_EXPIRES},
    Name{"registrar expiration date", Meaning::REGISTRAR_EXPIRES},
    Name{"registrar expiry date", Meaning::REGISTRAR_EXPIRES},
    Name{"paid till", Meaning::EXPIRES},
    Name{"paid until", Meaning::EXPIRES},
    Name{"valid until", Meaning::EXPIRES},
    Name{"valid till", Meaning::EXPIRES},
    Name{"valid to", Meaning::EXPIRES},
    Name{"validity", Meaning::EXPIRES},
    Name{"registered until", Meaning::EXPIRES},
    Name{"renewal date", Meaning::EXPIRES},
    Name{"renewal", Meaning::EXPIRES},
    Name{"domain datebilleduntil", Meaning::EXPIRES},
    Name{"사용 종료일", Meaning::EXPIRES},
    Name{"有効期限", Meaning::EXPIRES},
    Name{"fecha de vencimiento", Meaning::EXPIRES},
    Name{"fecha de expiracion", Meaning::EXPIRES},
    Name{"등록일", Meaning::CREATED},
    Name{"登録年月日", Meaning::CREATED},
    Name{"최근 정보 변경일", Meaning::CHANGED},
    Name{"最終更新", Meaning::CHANGED},
    Name{"domain datelastmodified", Meaning::CHANGED},
    Name{"registrar", Meaning::REGISTRAR},
    Name{"registrar name", Meaning::REGISTRAR},
    Name{"sponsoring registrar", Meaning::REGISTRAR},
    Name{"sponsoring registrar name", Meaning::REGISTRAR},
    Name{"current registrar", Meaning::REGISTRAR},
    Name{"current registar", Meaning::REGISTRAR},
    Name{"domain registrar", Meaning::REGISTRAR},
    Name{"registrar organization", Meaning::REGISTRAR},
    Name{"registrar company", Meaning::REGISTRAR},
    Name{"authorized agency", Meaning::REGISTRAR},
    Name{"registration service provider", Meaning::REGISTRAR},
    Name{"등록대행자", Meaning::REGISTRAR},
    Name{"status", Meaning::STATUS},
    Name{"domain status", Meaning::STATUS},
    Name{"registration status", Meaning::STATUS},
    Name{"query status", Meaning::STATUS},
    Name{"epp status", Meaning::STATUS},
    Name{"eppstatus", Meaning::STATUS},
    Name{"등록정보 보호", Meaning::STATUS},
    Name{"状態", Meaning::STATUS},
    Name{"state", Meaning::STATE},
    Name{"domain state", Meaning::STATUS},
    Name{"hold", Meaning::HOLD},
    Name{"nserver", Meaning::NAME_SERVER},
    Name{"ns", Meaning::NAME_SERVER},
    Name{"ns name", Meaning::NAME_SERVER},
    Name{"dns", Meaning::NAME_SERVER},
    Name{"hostname", Meaning::NAME_SERVER},
    Name{"host name", Meaning::NAME_SERVER},
    Name{"primary server", Meaning::NAME_SERVER},
    Name{"secondary server", Meaning::NAME_SERVER},
    Name{"호스트이름", Meaning::NAME_SERVER},
    Name{"ネームサーバ", Meaning::NAME_SERVER},
    Name{"domain servers in listed order", Meaning::NAME_SERVER},
    Name{"dnssec", Meaning::DNSSEC},
    Name{"signed", Meaning::DNSSEC},
    Name{"domain signed", Meaning::DNSSEC},
    Name{"dnssec signed", Meaning::DNSSEC},
    Name{"delegation signed", Meaning::DNSSEC},
    Name{"ds", Meaning::DS_RECORD},
    Name{"ds rdata", Meaning::DS_RECORD},
    Name{"ds record", Meaning::DS_RECORD},
    Name{"ds data", Meaning::DS_RECORD},
    Name{"dsrecord", Meaning::DS_RECORD},
    Name{"dnssec ds data", Meaning::DS_RECORD},
    Name{"signing key", Meaning::DS_RECORD},
    Name{"refer", Meaning::REFERRAL},
    Name{"referralserver", Meaning::REFERRAL},
    Name{"registrar whois server", Meaning::WHOIS_SERVER},
    Name{"whois server", Meaning::WHOIS_SERVER},
    Name{"whois", Meaning::WHOIS_SERVER},
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
  if (speaks_of(words, kExpires)) return Meaning::EXPIRES;
  if (speaks_of(words, kCreated)) return Meaning::CREATED;
  if (speaks_of(words, kChanged)) return Meaning::CHANGED;
  const std::string_view first =
      words.empty() ? std::string_view() : std::string_view(words.front());
  const bool registration =
      first == "registration" || joined(words).starts_with("domain registration");
  const bool of_time = std::ranges::find(words, "date") != words.end() ||
                       std::ranges::find(words, "time") != words.end();
  if (registration && of_time && speaks_of(words, kFillers)) return Meaning::CREATED;
  return Meaning::NONE;
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
    return Meaning::NAME_SERVER;
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
  if (has_one_of(words, kContacts)) return Subject::CONTACT;
  if (plain == "registrar" || plain == "registrar name" || plain == "registrar information")
    return Subject::REGISTRAR;
  if (meaning_of(plain) == Meaning::NAME_SERVER) return Subject::NAME_SERVERS;
  return Subject::DOMAIN;
}

bool is_heading(std::string_view name) {
  const Words words = words_of(name);
  if (words.empty() || words.size() > 5) return false;
  const std::string plain = joined(words);
  const Meaning meaning = meaning_of(plain);
  if (meaning == Meaning::NAME_SERVER || plain == "registrar" || plain == "dnssec") return true;
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
