#include "agent/probes/domain/whois/registry_status.h"

#include <algorithm>
#include <array>
#include <utility>

#include "agent/probes/domain/whois/plain_text.h"
#include "common/text.h"

namespace muster::domains::whois {
namespace {

constexpr size_t kMaxStatusBytes = 64;

constexpr std::array<std::string_view, 24> kEpp = {"ok",
                                                   "inactive",
                                                   "addPeriod",
                                                   "autoRenewPeriod",
                                                   "renewPeriod",
                                                   "transferPeriod",
                                                   "redemptionPeriod",
                                                   "clientDeleteProhibited",
                                                   "clientHold",
                                                   "clientRenewProhibited",
                                                   "clientTransferProhibited",
                                                   "clientUpdateProhibited",
                                                   "serverDeleteProhibited",
                                                   "serverHold",
                                                   "serverRenewProhibited",
                                                   "serverTransferProhibited",
                                                   "serverUpdateProhibited",
                                                   "pendingCreate",
                                                   "pendingDelete",
                                                   "pendingRenew",
                                                   "pendingRestore",
                                                   "pendingTransfer",
                                                   "pendingUpdate",
                                                   "linked"};

using Alias = std::pair<std::string_view, std::string_view>;
// By their letters in lower case. Each with a registry that says it.
constexpr std::array kAliases = {
    Alias{"deleteprohibitedbyregistrar", "clientDeleteProhibited"},      // gg, je
    Alias{"updateprohibitedbyregistrar", "clientUpdateProhibited"},      // gg, je
    Alias{"transferprohibitedbyregistrar", "clientTransferProhibited"},  // gg, je
    Alias{"deleteprohibitedbyregistry", "serverDeleteProhibited"},
    Alias{"updateprohibitedbyregistry", "serverUpdateProhibited"},
    Alias{"transferprohibitedbyregistry", "serverTransferProhibited"},
    Alias{"okaypaidandinzone", "ok"},
    Alias{"redemption", "redemptionPeriod"},
    Alias{"redemptiongraceperiod", "redemptionPeriod"},
    Alias{"quarantine",
          "redemptionPeriod"},  // nl, be: deleted, and only its holder can have it back
    Alias{"inquarantine", "redemptionPeriod"},
    Alias{"quarantined", "redemptionPeriod"},
    Alias{"pendingdeletion", "pendingDelete"},
    Alias{"todelete", "pendingDelete"},
    Alias{"registeredtransferlocked", "clientTransferProhibited"},
};

// Beside EPP's own.
constexpr std::array<std::string_view, 18> kRegistered = {"active",
                                                          "registered",
                                                          "connect",
                                                          "connected",
                                                          "taken",
                                                          "delegated",
                                                          "published",
                                                          "paid",
                                                          "inuse",
                                                          "verified",
                                                          "unverified",
                                                          "notdelegated",
                                                          "registereduntilexpirydate",
                                                          "failed",
                                                          "granted",
                                                          "allocated",
                                                          "suspended",
                                                          "expired"};
constexpr std::array<std::string_view, 14> kFree = {
    "free",        "available",      "noobjectfound",   "notfound",
    "nomatch",     "notregistered",  "unregistered",    "availableforregistration",
    "nodatafound", "domainnotfound", "domainavailable", "doesnotexist",
    "unassigned",  "notassigned"};
constexpr std::array<std::string_view, 12> kReserved = {"reserved",
                                                        "notavailable",
                                                        "unavailable",
                                                        "prohibited",
                                                        "blocked",
                                                        "notallowed",
                                                        "invalid",
                                                        "unassignable",
                                                        "restricted",
                                                        "reservedname",
                                                        "notavailableforregistration",
                                                        "forbidden"};

std::string letters_of(std::string_view text) {
  std::string letters;
  for (const std::string& word : words_of(text))
    letters += word;
  // ".nz" has the number of its status before it: "200 Active".
  letters.erase(0, std::min(letters.find_first_not_of("0123456789"), letters.size()));
  return letters;
}

template <size_t N>
bool is_one_of(const std::string& letters, const std::array<std::string_view, N>& known) {
  return std::ranges::find(known, letters) != known.end();
}

std::string epp_name(const std::string& letters) {
  for (const std::string_view name : kEpp)
    if (lower(name) == letters) return std::string(name);
  const auto* const alias = std::ranges::find(kAliases, letters, &Alias::first);
  return alias == kAliases.end() ? "" : std::string(alias->second);
}

std::string one_status(std::string_view text) {
  text = trim(text.substr(0, text.find('(')));
  text = trim(text.substr(0, lower(text).find("http")));
  // "clientHold - The registrar has …"
  text = trim(text.substr(0, std::min(text.find(" -"), text.find(" –"))));
  const std::string name = epp_name(letters_of(text));
  if (!name.empty()) return name;
  const std::string first = epp_name(letters_of(text.substr(0, text.find(' '))));
  // "clientHold by registrar": EPP's long names are no words of any language.
  if (first.size() > 8) return first;
  if (lower(text).starts_with("registered until")) return "registered";
  std::string written(text);
  std::ranges::replace(written, '\t', ' ');
  return truncate_utf8(written, kMaxStatusBytes);
}

}  // namespace

std::vector<std::string> statuses_in(std::string_view value) {
  std::vector<std::string> statuses;
  for (const std::string_view part : parts_of(value, ",;")) {
    std::string status = one_status(part);
    if (!status.empty()) statuses.push_back(std::move(status));
  }
  return statuses;
}

Existence existence_by(std::string_view status) {
  const std::string letters = letters_of(status);
  if (is_one_of(letters, kFree)) return Existence::kFree;
  if (is_one_of(letters, kReserved)) return Existence::kReserved;
  if (!epp_name(letters).empty() || is_one_of(letters, kRegistered)) return Existence::kRegistered;
  return Existence::kUnknown;
}

}  // namespace muster::domains::whois
