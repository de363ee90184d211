#include "common/server_programs.h"

#include <algorithm>
#include <array>
#include <utility>

namespace muster {

std::string_view program_of(std::string_view process) {
  // As ps shows them, of Debian's and Red Hat's packages.
  constexpr std::array<std::pair<std::string_view, std::string_view>, 26> kProcesses = {{
      {"master", "postfix"},
      {"smtpd", "postfix"},
      {"tlsmgr", "postfix"},
      {"mariadbd", "mariadb"},
      {"mysqld", "mariadb"},
      {"mysql", "mariadb"},
      {"postgres", "postgresql"},
      {"postmaster", "postgresql"},
      {"httpd", "apache2"},
      {"apache", "apache2"},
      {"exim4", "exim"},
      {"named", "bind"},
      {"ldap", "slapd"},
      {"openldap", "slapd"},
      {"imap-login", "dovecot"},
      {"pop3-login", "dovecot"},
      {"managesieve-login", "dovecot"},
      {"submission-login", "dovecot"},
      {"innd", "inn2"},
      {"nnrpd", "inn2"},
      {"inn", "inn2"},
      {"lua5.4", "prosody"},
      {"lua5.3", "prosody"},
      {"lua5.2", "prosody"},
      {"lua5.1", "prosody"},
      {"xrdp-sesman", "xrdp"},
  }};
  const auto* const known =
      std::find_if(kProcesses.begin(), kProcesses.end(),
                   [process](const auto& row) { return row.first == process; });
  return known == kProcesses.end() ? process : known->second;
}

bool is_of_configured_server(std::string_view process) {
  constexpr std::array<std::string_view, 13> kServers = {
      "apache2", "dovecot",    "haproxy", "inn2",  "inspircd", "mariadb", "nginx",
      "postfix", "postgresql", "prosody", "slapd", "vsftpd",   "xrdp"};
  return std::find(kServers.begin(), kServers.end(), program_of(process)) != kServers.end();
}

}  // namespace muster
