#include "agent/probes/certificates/configured/configured_uses.h"

#include <fmt/format.h>

#include <array>

#include "agent/probes/certificates/configured/servers.h"
#include "agent/probes/root_files.h"

namespace muster::configured {
namespace {

// As the packages of Debian, Red Hat's and SUSE's have them.
constexpr auto kServers = std::to_array<Server>({
    {"apache2", "/etc/apache2/apache2.conf", &read_apache},
    {"apache2", "/etc/apache2/httpd.conf", &read_apache},
    {"apache2", "/etc/httpd/conf/httpd.conf", &read_apache},
    {"dovecot", "/etc/dovecot/dovecot.conf", &read_dovecot},
    {"haproxy", "/etc/haproxy/haproxy.cfg", &read_haproxy},
    {"haproxy", "/etc/haproxy/conf.d/*.cfg", &read_haproxy},
    {"inn2", "/etc/news/inn.conf", &read_inn},
    {"inspircd", "/etc/inspircd/inspircd.conf", &read_inspircd},
    {"mariadb", "/etc/mysql/my.cnf", &read_mysql},
    {"mariadb", "/etc/my.cnf", &read_mysql},
    {"nginx", "/etc/nginx/nginx.conf", &read_nginx},
    {"postfix", "/etc/postfix/main.cf", &read_postfix},
    {"postgresql", "/etc/postgresql/*/*/postgresql.conf", &read_postgresql},
    {"postgresql", "/var/lib/pgsql/data/postgresql.conf", &read_postgresql},
    {"postgresql", "/var/lib/pgsql/*/data/postgresql.conf", &read_postgresql},
    {"prosody", "/etc/prosody/prosody.cfg.lua", &read_prosody},
    {"slapd", "/etc/ldap/slapd.conf", &read_slapd_conf},
    {"slapd", "/etc/openldap/slapd.conf", &read_slapd_conf},
    {"slapd", "/etc/ldap/slapd.d/cn=config.ldif", &read_slapd_ldif},
    {"slapd", "/etc/openldap/slapd.d/cn=config.ldif", &read_slapd_ldif},
    {"vsftpd", "/etc/vsftpd.conf", &read_vsftpd},
    {"vsftpd", "/etc/vsftpd/*.conf", &read_vsftpd},
    {"xrdp", "/etc/xrdp/xrdp.ini", &read_xrdp},
});

class RootSource : public Source {
 public:
  explicit RootSource(const std::string& root) : root_(root) {}
  absl::StatusOr<std::string> read(const std::string& path, size_t limit) override {
    return probe::read_in_root(root_, path, limit);
  }
  absl::StatusOr<std::vector<std::string>> list(const std::string& path, size_t limit) override {
    return probe::list_in_root(root_, path, limit);
  }
  bool exists(const std::string& path) override {
    const absl::StatusOr<probe::FileStatus> status = probe::status_in_root(root_, path);
    // One that may not be looked at is said so when it is read.
    return status.ok() || !absl::IsNotFound(status.status());
  }

 private:
  const std::string root_;
};

}  // namespace

std::span<const Server> known_servers() {
  return kServers;
}

void find_uses(Source& source, const Limits& limits, v1::CertificateFacts& facts) {
  Configuration configuration(source, limits);
  for (const Server& server : kServers) {
    configuration.begin(server.program);
    for (const std::string& main : configuration.matches(std::string(server.main))) {
      if (configuration.exists(main)) server.read(configuration, main);
    }
  }
  configuration.finish(facts);
}

void find_uses_in_root(const std::string& root, v1::CertificateFacts& facts) {
  RootSource source(root);
  find_uses(source, Limits{}, facts);
}

}  // namespace muster::configured
