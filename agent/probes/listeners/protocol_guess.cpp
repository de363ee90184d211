#include "agent/probes/listeners/protocol_guess.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "agent/probes/tls/starttls.h"

namespace muster::listeners {
namespace {

struct Program {
  std::string_view name;
  v1::StartTls starttls;
};

// By the names of processes, as the kernel cuts them.
constexpr auto kPrograms = std::to_array<Program>({
    {"exim", v1::START_TLS_SMTP},
    {"exim4", v1::START_TLS_SMTP},
    {"mariadbd", v1::START_TLS_MYSQL},
    {"master", v1::START_TLS_SMTP},
    {"mysqld", v1::START_TLS_MYSQL},
    {"pgbouncer", v1::START_TLS_POSTGRES},
    {"postgres", v1::START_TLS_POSTGRES},
    {"postmaster", v1::START_TLS_POSTGRES},
    {"proftpd", v1::START_TLS_FTP},
    {"pure-ftpd", v1::START_TLS_FTP},
    {"sendmail", v1::START_TLS_SMTP},
    {"sendmail-mta", v1::START_TLS_SMTP},
    {"slapd", v1::START_TLS_LDAP},
    {"smtpd", v1::START_TLS_SMTP},
    {"vsftpd", v1::START_TLS_FTP},
    {"xrdp", v1::START_TLS_RDP},
});

// IANA's ports of TLS from the first byte, of protocols that begin it later elsewhere.
constexpr auto kTlsAtOnce =
    std::to_array<uint32_t>({465, 563, 636, 853, 989, 990, 993, 994, 995, 3269, 5223, 5270, 6697});

}  // namespace

v1::StartTls guess_starttls(const v1::ListeningSocket& socket) {
  const uint32_t port = socket.port();
  if (std::find(kTlsAtOnce.begin(), kTlsAtOnce.end(), port) != kTlsAtOnce.end()) {
    return v1::START_TLS_UNSPECIFIED;
  }
  const v1::StartTls by_port = tls::starttls_of_port(port);
  if (by_port != v1::START_TLS_UNSPECIFIED) return by_port;
  const auto found = std::find_if(
      kPrograms.begin(), kPrograms.end(),
      [&socket](const Program& program) { return program.name == socket.owner().program(); });
  return found == kPrograms.end() ? v1::START_TLS_UNSPECIFIED : found->starttls;
}

}  // namespace muster::listeners
