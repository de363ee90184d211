// What servers are called: a process has another name than the program whose configuration it runs
// by. Pure; any thread.
#pragma once

#include <string>
#include <string_view>

namespace muster::policy {

// One name for both: "postfix" for the processes "master" and "smtpd", "mariadb" for "mariadbd" and
// "mysqld"; a name that is not known is its own.
std::string_view program_of(std::string_view process);

// What makes the program take a renewed certificate: "reload", or "restart" where it reads its
// certificate at its start alone.
std::string_view how_to_renew(std::string_view program);

}  // namespace muster::policy
