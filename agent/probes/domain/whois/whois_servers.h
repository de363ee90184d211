// What is known of the WHOIS servers of top-level domains that does not stand in their answers. The
// servers themselves are IANA's to name (whois.iana.org answers "whois:"); here are those that want
// their question in a form of their own, and those that IANA does not name. Pure; any thread.
#pragma once

#include <string>
#include <string_view>

#include "agent/probes/domain/whois/written_time.h"

namespace muster::domains::whois {

struct WhoisServer {
  std::string_view host;                       // empty: ask IANA
  std::string_view question = "{}";            // with "{}" for the domain
  DateOrder date_order = DateOrder::kUnknown;  // of dates in numbers with the year last
};

// Of a top-level domain in lower case, punycode, without a dot.
WhoisServer server_of(std::string_view tld);

// The line to send, with its end: "-T dn,ace example.de\r\n".
std::string question_for(const WhoisServer& server, std::string_view domain);

}  // namespace muster::domains::whois
