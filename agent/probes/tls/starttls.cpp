#include "agent/probes/tls/starttls.h"

#include <algorithm>

#include "agent/probes/tls/starttls_dialog.h"
#include "common/targets/tls_endpoint.h"

namespace muster::tls {

std::unique_ptr<StartTlsDialog> StartTlsDialog::make(v1::StartTls protocol,
                                                     std::string_view server_name) {
  switch (protocol) {
    case v1::START_TLS_SMTP:
      return make_smtp_dialog();
    case v1::START_TLS_IMAP:
      return make_imap_dialog();
    case v1::START_TLS_POP3:
      return make_pop3_dialog();
    case v1::START_TLS_FTP:
      return make_ftp_dialog();
    case v1::START_TLS_LDAP:
      return make_ldap_dialog();
    case v1::START_TLS_POSTGRES:
      return make_postgres_dialog();
    case v1::START_TLS_MYSQL:
      return make_mysql_dialog();
    case v1::START_TLS_XMPP:
      return make_xmpp_dialog("jabber:client", server_name);
    case v1::START_TLS_XMPP_SERVER:
      return make_xmpp_dialog("jabber:server", server_name);
    case v1::START_TLS_RDP:
      return make_rdp_dialog();
    case v1::START_TLS_SIEVE:
      return make_sieve_dialog();
    case v1::START_TLS_NNTP:
      return make_nntp_dialog();
    case v1::START_TLS_IRC:
      return make_irc_dialog();
    default:
      return nullptr;
  }
}

bool parse_starttls(std::string_view name, v1::StartTls& protocol) {
  const auto names = starttls_protocols();
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) return false;
  // They stand in the enumeration's order, which begins with none.
  protocol = static_cast<v1::StartTls>(found - names.begin() + 1);
  return true;
}

std::string_view starttls_name(v1::StartTls protocol) {
  const auto names = starttls_protocols();
  const auto number = static_cast<size_t>(protocol);
  return number >= 1 && number <= names.size() ? names[number - 1] : std::string_view();
}

v1::StartTls starttls_of_port(uint32_t port) {
  switch (port) {
    case 25:
    case 587:
      return v1::START_TLS_SMTP;
    case 143:
      return v1::START_TLS_IMAP;
    case 110:
      return v1::START_TLS_POP3;
    case 21:
      return v1::START_TLS_FTP;
    case 389:
    case 3268:  // Active Directory's global catalog
      return v1::START_TLS_LDAP;
    case 5432:
    case 6432:  // PgBouncer
      return v1::START_TLS_POSTGRES;
    case 3306:
      return v1::START_TLS_MYSQL;
    case 5222:
      return v1::START_TLS_XMPP;
    case 5269:
      return v1::START_TLS_XMPP_SERVER;
    case 3389:
      return v1::START_TLS_RDP;
    case 4190:
      return v1::START_TLS_SIEVE;
    case 119:
      return v1::START_TLS_NNTP;
    case 6667:
      return v1::START_TLS_IRC;
    default:
      return v1::START_TLS_UNSPECIFIED;
  }
}

}  // namespace muster::tls
