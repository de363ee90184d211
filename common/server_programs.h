// What servers are called: a process has another name than the program whose configuration it runs
// by. The one table of it, for whom the probe asks by which names and for what the rules compare.
// Pure; any thread.
#pragma once

#include <string_view>

namespace muster {

// One name for both: "postfix" for the processes "master" and "smtpd", "mariadb" for "mariadbd" and
// "mysqld"; a name that is not known is its own.
std::string_view program_of(std::string_view process);

// Whether the probe "certificates" reads configurations of the program that the process is of
// (agent/probes/certificates/configured).
bool is_of_configured_server(std::string_view process);

}  // namespace muster
