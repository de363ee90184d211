// Readers of servers' configurations, one for each server: from its main file to the certificates
// that it is configured with, as its own program would read it. What they do not understand they
// complain about. `main` is an absolute path that is there. Blocking as Configuration's source.
#pragma once

#include <string>

#include "agent/probes/certificates/configured/configuration.h"

namespace muster::configured {

// Blocks of nginx: http, stream and mail, with includes; what a server inherits is its own.
void read_nginx(Configuration& configuration, const std::string& main);
// Directives of Apache, virtual hosts, includes, variables that Define makes.
void read_apache(Configuration& configuration, const std::string& main);
// `bind` lines: files, directories and lists of certificates.
void read_haproxy(Configuration& configuration, const std::string& main);
// main.cf with its $parameters, and what master.cf says in their place.
void read_postfix(Configuration& configuration, const std::string& main);
// Dovecot of 2.3 (ssl_cert = <file) and 2.4 (ssl_server_cert_file = file), local_name blocks.
void read_dovecot(Configuration& configuration, const std::string& main);
void read_slapd_conf(Configuration& configuration, const std::string& main);
// cn=config.ldif, of the directory that slapd keeps its configuration in.
void read_slapd_ldif(Configuration& configuration, const std::string& main);
void read_postgresql(Configuration& configuration, const std::string& main);
// Of MariaDB and MySQL.
void read_mysql(Configuration& configuration, const std::string& main);
void read_vsftpd(Configuration& configuration, const std::string& main);
// Literal strings of Lua; what it computes is complained about.
void read_prosody(Configuration& configuration, const std::string& main);
void read_inn(Configuration& configuration, const std::string& main);
void read_xrdp(Configuration& configuration, const std::string& main);
void read_inspircd(Configuration& configuration, const std::string& main);

}  // namespace muster::configured
