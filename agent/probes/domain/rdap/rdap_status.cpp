#include "agent/probes/domain/rdap/rdap_status.h"

#include "agent/probes/domain/rdap/rdap_json.h"
#include "common/text.h"

namespace muster::domains::rdap {
namespace {

// EPP's for domains (RFC 5731, section 2.3, and RFC 3915): RDAP's are these in words, but for two.
constexpr std::string_view kEppNames[] = {
    "addPeriod",
    "autoRenewPeriod",
    "clientDeleteProhibited",
    "clientHold",
    "clientRenewProhibited",
    "clientTransferProhibited",
    "clientUpdateProhibited",
    "inactive",
    "linked",
    "ok",
    "pendingCreate",
    "pendingDelete",
    "pendingRenew",
    "pendingRestore",
    "pendingTransfer",
    "pendingUpdate",
    "redemptionPeriod",
    "renewPeriod",
    "serverDeleteProhibited",
    "serverHold",
    "serverRenewProhibited",
    "serverTransferProhibited",
    "serverUpdateProhibited",
    "transferPeriod",
};

// "Client-Transfer Prohibited" and "clientTransferProhibited" alike.
std::string squeezed(std::string_view status) {
  std::string letters;
  for (const char c : lower(status)) {
    if (c != ' ' && c != '-' && c != '_') letters += c;
  }
  return letters;
}

}  // namespace

std::string epp_status(std::string_view status) {
  status = trim(status);
  const std::string lowered = lower(status.substr(0, kLongestText));
  // As ICANN's WHOIS wants it: "clientHold https://icann.org/epp#clientHold".
  const std::string_view words = trim(std::string_view(lowered).substr(0, lowered.find("http")));
  const std::string letters = squeezed(words);
  if (letters == "active") return "ok";
  if (letters == "associated") return "linked";
  for (const std::string_view name : kEppNames) {
    if (lower(name) == letters) return std::string(name);
  }
  return printable(words, kLongestText);
}

}  // namespace muster::domains::rdap
