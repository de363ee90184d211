// What the names of fields in WHOIS answers mean, whoever wrote them. Pure; any thread.
#pragma once

#include <string_view>

namespace muster::domains::whois {

enum class Meaning {
  kNone,
  kDomain,
  kExpires,           // the registry's date, or one of which nobody says whose
  kRegistrarExpires,  // a registrar's own date: counts where there is no other
  kCreated,
  kChanged,
  kRegistrar,
  kStatus,
  kState,  // a status, or a part of an address
  kHold,   // "YES" or "NO"
  kNameServer,
  kDnssec,
  kDsRecord,
  kReferral,
  kWhoisServer,
};

// A name as plain_text's words, joined: "Paid-till" is "paid till". Dates are known by their words,
// so that "Domain Name Expiration Time" needs no line of its own, and "option expiration date" is
// none.
Meaning meaning_of(std::string_view name);

// Of what the lines below a heading, or a paragraph that begins with a field of this name, speak.
enum class Subject { kDomain, kContact, kRegistrar, kNameServers };
Subject subject_of(std::string_view name);

// A bare line "Registrar" or "Name servers" is a heading; any other is not.
bool is_heading(std::string_view name);

}  // namespace muster::domains::whois
