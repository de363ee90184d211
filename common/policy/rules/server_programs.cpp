#include "common/policy/rules/server_programs.h"

#include <algorithm>
#include <array>
#include <utility>

namespace muster::policy {

std::string_view program_of(std::string_view process) {
  // As ps shows them, of Debian's and Red Hat's packages.
  constexpr std::array<std::pair<std::string_view, std::string_view>, 24> kProcesses = {{
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

std::string_view how_to_renew(std::string_view program) {
  constexpr std::array<std::string_view, 5> kReadAtStart = {"slapd", "mariadb", "xrdp", "vsftpd",
                                                            "inn2"};
  const bool at_start = std::find(kReadAtStart.begin(), kReadAtStart.end(), program_of(program)) !=
                        kReadAtStart.end();
  return at_start ? "restart" : "reload";
}

}  // namespace muster::policy
