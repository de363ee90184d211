// slapd, the databases, vsftpd, Prosody, xrdp and InspIRCd.
#include <gmock/gmock.h>

#include "tests/agent/probes/certificates/configured/memory_source.h"

namespace muster::configured {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(ConfiguredSlapd, FromTheDirectoryAndFromTheFile) {
  EXPECT_THAT(told(seen({{"/etc/ldap/slapd.d/cn=config.ldif",
                          "# AUTO-GENERATED FILE\ndn: cn=config\nolcTLSCertificateFile: "
                          "/etc/ldap/tls/a-very-long-name-th\n at-is-folded.pem\n"
                          "olcTLSCertificateKeyFile: /etc/ldap/a.key\n"}})),
              ElementsAre("slapd /etc/ldap/slapd.d/cn=config.ldif:3 "
                          "/etc/ldap/tls/a-very-long-name-that-is-folded.pem /etc/ldap/a.key"));
  EXPECT_THAT(
      told(seen({{"/etc/openldap/slapd.conf", "include /etc/openldap/tls.conf\ndatabase mdb\n"},
                 {"/etc/openldap/tls.conf",
                  "tlscertificatefile \"/a.pem\"\nTLSCertificateKeyFile\n  /a.key\n"}})),
      ElementsAre("slapd /etc/openldap/tls.conf:1 /a.pem /a.key"));
}

TEST(ConfiguredSlapd, Base64IsSaidToBeUnread) {
  const auto facts =
      seen({{"/etc/ldap/slapd.d/cn=config.ldif", "olcTLSCertificateFile:: L2EucGVt\n"}});
  EXPECT_THAT(told(facts), IsEmpty());
  EXPECT_THAT(complaints(facts), ElementsAre(HasSubstr("cn=config.ldif:1: olcTLSCertificateFile")));
}

TEST(ConfiguredPostgresql, DebiansClustersAndTheDirectoryOfTheData) {
  const auto facts = seen({
      {"/etc/postgresql/15/main/postgresql.conf",
       "data_directory = '/var/lib/postgresql/15/main'\t\t# use data in another directory\n"
       "ssl = on\nssl_cert_file = '/etc/ssl/certs/ssl-cert-snakeoil.pem'\n"
       "ssl_key_file = '/etc/ssl/private/it''s.key'\ninclude_dir = 'conf.d'\n"},
      {"/etc/postgresql/15/main/conf.d/tls.conf", "SSL_cert_file 'mine.crt' # ours\n"},
      {"/etc/postgresql/15/off/postgresql.conf", "ssl = off\nssl_cert_file = '/a.pem'\n"},
      {"/var/lib/pgsql/data/postgresql.conf", "ssl = on\n"},
  });
  EXPECT_THAT(told(facts),
              ElementsAre("postgresql /etc/postgresql/15/main/conf.d/tls.conf:1 "
                          "/var/lib/postgresql/15/main/mine.crt /etc/ssl/private/it's.key",
                          "postgresql /var/lib/pgsql/data/postgresql.conf:1 "
                          "/var/lib/pgsql/data/server.crt /var/lib/pgsql/data/server.key"));
}

TEST(ConfiguredMariadb, OptionFilesOfTheServerAndNotOfClients) {
  const auto facts = seen({
      {"/etc/mysql/my.cnf",
       "[client-server]\nsocket = /run/mysqld/mysqld.sock\n!includedir "
       "/etc/mysql/mariadb.conf.d/\n"},
      {"/etc/mysql/mariadb.conf.d/50-client.cnf", "[client]\nssl-cert = /client.pem\n"},
      {"/etc/mysql/mariadb.conf.d/50-server.cnf",
       "[mariadbd]\n#ssl-cert = /no\nssl_cert = \"/etc/mysql/ssl/server.pem\"\n"
       "[mariadb-10.11]\nssl-key=server.key # below datadir\n"},
  });
  EXPECT_THAT(told(facts), ElementsAre("mariadb /etc/mysql/mariadb.conf.d/50-server.cnf:3 "
                                       "/etc/mysql/ssl/server.pem /var/lib/mysql/server.key"));
  EXPECT_THAT(told(seen({{"/etc/my.cnf", "[mysqld]\nskip-ssl\nssl-cert=/a.pem\n"}})), IsEmpty());
}

TEST(ConfiguredVsftpd, OnlyWhereTlsIsOn) {
  EXPECT_THAT(told(seen({{"/etc/vsftpd.conf",
                          "rsa_cert_file=/etc/ssl/certs/a.pem\n"
                          "rsa_private_key_file=/etc/ssl/private/a.key\nssl_enable=YES\n"}})),
              ElementsAre("vsftpd /etc/vsftpd.conf:1 /etc/ssl/certs/a.pem /etc/ssl/private/a.key"));
  EXPECT_THAT(told(seen({{"/etc/vsftpd.conf", "rsa_cert_file=/a.pem\nssl_enable=NO\n"}})),
              IsEmpty());
  EXPECT_THAT(told(seen({{"/etc/vsftpd/vsftpd.conf", "ssl_enable=YES\n"}})),
              ElementsAre("vsftpd /etc/vsftpd/vsftpd.conf:1 /usr/share/ssl/certs/vsftpd.pem "
                          "/usr/share/ssl/certs/vsftpd.pem"));
}

TEST(ConfiguredProsody, HostsHaveTheirTablesAndTheirOwnFiles) {
  const auto facts = seen({
      {"/etc/prosody/prosody.cfg.lua",
       "-- certificate = \"/no\"\n--[[ ssl = { certificate = \"/no\" } ]]\n"
       "limits = { c2s = { rate = \"10kb/s\"; }; }\ncertificates = \"certs\"\n"
       "https_certificate = \"certs/web.crt\"\nVirtualHost \"localhost\"\n"
       "Include \"conf.d/*.cfg.lua\"\n"},
      {"/etc/prosody/certs/localhost.crt", ""},
      {"/etc/prosody/conf.d/example.cfg.lua",
       "VirtualHost \"example.org\"\n  ssl = {\n    key = '/etc/prosody/certs/e.key';\n"
       "    certificate = \"/etc/prosody/certs/e.crt\";\n  }\n"
       "Component \"rooms.example.org\" \"muc\"\n  ssl = { certificate = path .. \"/x\" }\n"},
  });
  EXPECT_THAT(told(facts),
              ElementsAre("prosody /etc/prosody/conf.d/example.cfg.lua:4 /etc/prosody/certs/e.crt "
                          "/etc/prosody/certs/e.key example.org",
                          "prosody /etc/prosody/prosody.cfg.lua:5 /etc/prosody/certs/web.crt -",
                          "prosody /etc/prosody/prosody.cfg.lua:6 /etc/prosody/certs/localhost.crt "
                          "/etc/prosody/certs/localhost.key localhost"));
  EXPECT_THAT(complaints(facts), ElementsAre(HasSubstr("example.cfg.lua:7: certificate is comp")));
}

TEST(ConfiguredXrdp, BesideTheFileWhereItNamesNone) {
  EXPECT_THAT(told(seen({{"/etc/xrdp/xrdp.ini",
                          "[Globals]\n; certificate=/no\nsecurity_layer=negotiate\n"
                          "certificate=\nkey_file=/etc/ssl/x.key\n[Xorg]\ncertificate=/no\n"}})),
              ElementsAre("xrdp /etc/xrdp/xrdp.ini:4 /etc/xrdp/cert.pem /etc/ssl/x.key"));
  EXPECT_THAT(told(seen({{"/etc/xrdp/xrdp.ini", "[Globals]\nsecurity_layer=rdp\n"}})), IsEmpty());
}

TEST(ConfiguredInspircd, ProfilesOfThisVersionAndTagsOfOlderOnes) {
  const auto facts = seen({
      {"/etc/inspircd/inspircd.conf",
       "# <sslprofile certfile=\"/no\">\n<include file=\"tls.conf\">\n"
       "<sslprofile name=\"Clients\"\n  provider=\"gnutls\" # ours\n  certfile=\"/a>b.pem\"\n"
       "  keyfile=\"/a.key\">\n<openssl>\n<gnutls certfile=\"&dir;/c.pem\">\n"},
      {"/etc/inspircd/tls.conf", "<sslprofile certfile=\"own/cert.pem\" keyfile=\"own/key.pem\">"},
  });
  EXPECT_THAT(told(facts),
              ElementsAre("inspircd /etc/inspircd/inspircd.conf:3 /a>b.pem /a.key",
                          "inspircd /etc/inspircd/inspircd.conf:7 /etc/inspircd/cert.pem "
                          "/etc/inspircd/key.pem",
                          "inspircd /etc/inspircd/tls.conf:1 /etc/inspircd/own/cert.pem "
                          "/etc/inspircd/own/key.pem"));
  EXPECT_THAT(complaints(facts),
              ElementsAre(HasSubstr("inspircd.conf:8: certfile has a variable")));
}

}  // namespace
}  // namespace muster::configured
