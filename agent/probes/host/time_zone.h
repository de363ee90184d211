// The time zone a host is set to. Pure; any thread.
#pragma once

#include <string>
#include <string_view>

namespace muster {

// The zone of which /etc/localtime is a link: "Europe/Berlin" of
// "/usr/share/zoneinfo/Europe/Berlin" or "../usr/share/zoneinfo/posix/Europe/Berlin". Empty if the
// link leads elsewhere.
std::string zone_of_link(std::string_view target);

// The content of Debian's /etc/timezone; empty if there is none.
std::string parse_timezone_file(std::string_view content);

}  // namespace muster
