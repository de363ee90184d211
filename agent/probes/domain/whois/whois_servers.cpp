#include "agent/probes/domain/whois/whois_servers.h"

#include <algorithm>
#include <array>

namespace muster::domains::whois {
namespace {

struct Known {
  std::string_view tld;
  WhoisServer server;
};

// Sorted by name. Sources: the servers' own help ("whois -h HOST help" or "-h"), and for the order
// of dates the registries' documents and answers.
constexpr std::array kKnown = {
    // Questions without "domain " are taken for names of hosts, too, by the registry of .com and
    // .net
    // (Verisign, "help"): "=" or "domain " ask for the exact name only.
    Known{"bg", {"whois.register.bg", "{}", DateOrder::kDayFirst}},
    Known{"com", {"whois.verisign-grs.com", "domain {}", DateOrder::kUnknown}},
    // DENIC: -T dn for domains, ace for names in punycode.
    Known{"de", {"whois.denic.de", "-T dn,ace {}", DateOrder::kUnknown}},
    // Punktum dk (DK Hostmaster): without it, handles of holders are asked for in further
    // questions.
    Known{"dk", {"whois.punktum.dk", "--show-handles {}", DateOrder::kUnknown}},
    // HKIRC writes 31-12-2026.
    Known{"hk", {"whois.hkirc.hk", "{}", DateOrder::kDayFirst}},
    // ISOC-IL writes 31-12-2026.
    Known{"il", {"whois.isoc.org.il", "{}", DateOrder::kDayFirst}},
    // JPRS: /e for an answer in English.
    Known{"jp", {"whois.jprs.jp", "{}/e", DateOrder::kUnknown}},
    Known{"net", {"whois.verisign-grs.com", "domain {}", DateOrder::kUnknown}},
    // DNS.PT writes 31/12/2026.
    Known{"pt", {"whois.dns.pt", "{}", DateOrder::kDayFirst}},
    // Dot TK writes 12/31/2026.
    Known{"tk", {"whois.dot.tk", "{}", DateOrder::kMonthFirst}},
};

}  // namespace

WhoisServer server_of(std::string_view tld) {
  const auto* const found = std::ranges::find(kKnown, tld, &Known::tld);
  return found == kKnown.end() ? WhoisServer{} : found->server;
}

std::string question_for(const WhoisServer& server, std::string_view domain) {
  std::string question(server.question);
  question.replace(question.find("{}"), 2, domain);
  return question + "\r\n";
}

}  // namespace muster::domains::whois
