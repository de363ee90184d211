// The names of a host from its files; no name service is asked. Pure; any thread.
#pragma once

#include <string>
#include <string_view>

namespace muster {

// hostname(5): the first line that is no comment; empty if there is none.
std::string parse_hostname(std::string_view etc_hostname);

// The fully qualified name of `hostname`: itself if it has a dot, else the canonical name of the
// first line of /etc/hosts that has it, as `hostname --fqdn` would say, or an alias of that line
// that continues it ("web1.example.org" of web1). Empty if there is none.
std::string find_fqdn(std::string_view hostname, std::string_view etc_hosts);

}  // namespace muster
