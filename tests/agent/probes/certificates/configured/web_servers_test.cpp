// nginx, Apache and HAProxy.
#include <gmock/gmock.h>

#include "tests/agent/probes/certificates/configured/memory_source.h"

namespace muster::configured {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(ConfiguredNginx, AServerOfAnIncludedSiteHasItsNamesAndItsKey) {
  const auto facts = seen({
      {"/etc/nginx/nginx.conf",
       "user www-data;\n# ssl_certificate /commented;\nhttp {\n"
       "  log_format main '$remote_addr - {\"x\"} ssl_certificate /no;';\n"
       "  include /etc/nginx/conf.d/*.conf;\n  include sites-enabled/*;\n}\n"},
      {"/etc/nginx/sites-enabled/shop",
       "server {\n  listen [::]:443 ssl http2;\n  server_name shop.example.org *.shop.example.org\n"
       "    .shop.example ~^www\\d+$ _;\n  ssl_certificate \"ssl/shop chain.pem\";\n"
       "  ssl_certificate_key /etc/nginx/ssl/shop.key;\n  location / { return 200 '}'; }\n}\n"},
      {"/etc/nginx/sites-enabled/.hidden", "server { ssl_certificate /hidden; }"},
  });
  EXPECT_THAT(told(facts),
              ElementsAre("nginx /etc/nginx/sites-enabled/shop:5 /etc/nginx/ssl/shop chain.pem "
                          "/etc/nginx/ssl/shop.key shop.example.org *.shop.example.org "
                          "shop.example *.shop.example"));
  EXPECT_THAT(complaints(facts), IsEmpty());
}

// As certificates have them, and those who ask. What no domain is called stays as it is written.
TEST(ConfiguredNginx, NamesInAnotherAlphabetAreToldInALabels) {
  const auto facts =
      seen({{"/etc/nginx/nginx.conf",
             "http { server { listen 443 ssl;\nserver_name Bücher.example .Ёлка.example "
             "xn--bcher-kva.example bü..example;\nssl_certificate a.pem; } }"}});
  EXPECT_THAT(told(facts),
              ElementsAre("nginx /etc/nginx/nginx.conf:3 /etc/nginx/a.pem - xn--bcher-kva.example "
                          "xn--80atc1g.example *.xn--80atc1g.example xn--bcher-kva.example "
                          "bü..example"));
}

TEST(ConfiguredNginx, PairsCertificatesOfTwoKindsWithTheirKeysInAnyOrder) {
  const auto facts = seen({{"/etc/nginx/nginx.conf",
                            "http { server { listen 443 ssl;\nssl_certificate_key r.key;\n"
                            "ssl_certificate r.pem;\nssl_certificate e.pem;\n"
                            "ssl_certificate_key e.key; } }"}});
  EXPECT_THAT(told(facts),
              ElementsAre("nginx /etc/nginx/nginx.conf:3 /etc/nginx/r.pem /etc/nginx/r.key",
                          "nginx /etc/nginx/nginx.conf:4 /etc/nginx/e.pem /etc/nginx/e.key"));
}

TEST(ConfiguredNginx, WhatIsAroundAServerIsItsOwnWhereItSpeaksTls) {
  const auto facts = seen({{"/etc/nginx/nginx.conf",
                            "http {\nssl_certificate a.pem; ssl_certificate_key a.key;\n"
                            "server { listen 443 ssl; server_name a; }\n"
                            "server { listen 80; server_name plain; }\n"
                            "server { listen 443 quic; server_name b;\nssl_certificate b.pem; "
                            "ssl_certificate_key b.key; } }\n"
                            "mail {\nserver { listen 993 ssl;\nssl_certificate m.pem; } }"}});
  EXPECT_THAT(told(facts),
              ElementsAre("nginx /etc/nginx/nginx.conf:2 /etc/nginx/a.pem /etc/nginx/a.key a",
                          "nginx /etc/nginx/nginx.conf:6 /etc/nginx/b.pem /etc/nginx/b.key b",
                          "nginx /etc/nginx/nginx.conf:9 /etc/nginx/m.pem -"));
}

TEST(ConfiguredNginx, AVariableIsSaidToBeUnread) {
  const auto facts =
      seen({{"/etc/nginx/nginx.conf",
             "http { server { listen 443 ssl; ssl_certificate /ssl/$ssl_server_name.pem; }\n"
             "server { listen 443 ssl; ssl_certificate data:${cert}; }\n"
             "server { ssl_certificate /a.pem; ssl_certificate_key engine:pkcs11:x; } }"}});
  EXPECT_THAT(told(facts), ElementsAre("nginx /etc/nginx/nginx.conf:3 /a.pem -"));
  EXPECT_THAT(complaints(facts), ElementsAre(HasSubstr("nginx.conf:1: ssl_certificate /ssl/$ssl_"),
                                             HasSubstr("nginx.conf:2: ssl_certificate data:$")));
}

TEST(ConfiguredNginx, LuaAndBrokenBlocksEndNothing) {
  const auto facts = seen({{"/etc/nginx/nginx.conf",
                            "http { server { listen 1 ssl;\n"
                            "ssl_certificate_by_lua_block { if x then y = {1} end }\n"
                            "ssl_certificate /a.pem; } } } } }\nserver { ssl_certificate /b.pem"}});
  EXPECT_THAT(told(facts), ElementsAre("nginx /etc/nginx/nginx.conf:3 /a.pem -"));
}

TEST(ConfiguredApache, AHostHasItsNamesAndDebiansSitesAreRead) {
  const auto facts = seen({
      {"/etc/apache2/apache2.conf",
       "PidFile ${APACHE_PID_FILE}\nIncludeOptional mods-enabled/*.conf\n"
       "Include ports.conf\nIncludeOptional sites-enabled/*.conf\n"},
      {"/etc/apache2/ports.conf", "Listen 80\n<IfModule ssl_module>\n\tListen 443\n</IfModule>\n"},
      {"/etc/apache2/sites-enabled/default-ssl.conf",
       "<VirtualHost *:443>\n\tServerName https://www.example.org:443\n\tServerAlias a.example "
       "b.example\n\tSSLEngine on\n\tsslcertificatefile      /etc/ssl/certs/a.pem\n"
       "\tSSLCertificateKeyFile \\\n   \"/etc/ssl/private/a.key\"\n"
       "#\tSSLCertificateFile /no\n</VirtualHost>\n"},
      {"/etc/apache2/sites-enabled/off.conf",
       "<VirtualHost *:80>\nSSLEngine off\nSSLCertificateFile /off.pem\n</VirtualHost>"},
  });
  EXPECT_THAT(told(facts), ElementsAre("apache2 /etc/apache2/sites-enabled/default-ssl.conf:5 "
                                       "/etc/ssl/certs/a.pem /etc/ssl/private/a.key "
                                       "www.example.org a.example b.example"));
  EXPECT_THAT(complaints(facts), IsEmpty());
}

TEST(ConfiguredApache, RedHatsServerRootAndDefinedVariables) {
  const auto facts = seen({
      {"/etc/httpd/conf/httpd.conf",
       "ServerRoot \"/etc/httpd\"\nDefine TLS /etc/pki/tls\nIncludeOptional conf.d/*.conf\n"},
      {"/etc/httpd/conf.d/ssl.conf",
       "SSLCertificateFile ${TLS}/certs/localhost.crt\n"
       "SSLCertificateKeyFile ${TLS}/private/localhost.key\n"
       "<VirtualHost _default_:443>\nServerName a\nSSLEngine on\n</VirtualHost>\n"
       "<VirtualHost *:443>\nSSLEngine on\nSSLCertificateFile ${UNKNOWN}/b.pem\n</VirtualHost>\n"},
  });
  EXPECT_THAT(told(facts),
              ElementsAre("apache2 /etc/httpd/conf.d/ssl.conf:1 /etc/pki/tls/certs/localhost.crt "
                          "/etc/pki/tls/private/localhost.key",
                          "apache2 /etc/httpd/conf.d/ssl.conf:1 /etc/pki/tls/certs/localhost.crt "
                          "/etc/pki/tls/private/localhost.key a"));
  EXPECT_THAT(complaints(facts),
              ElementsAre(HasSubstr("ssl.conf:9: SSLCertificateFile ${UNKNOWN}")));
}

TEST(ConfiguredApache, CertificatesOfAServerAreCounted) {
  std::string apache;
  std::string nginx = "server {";
  for (int each = 0; each < 65; ++each) {
    apache += "SSLCertificateFile /a.pem\n";
    nginx += "ssl_certificate /a.pem;";
  }
  const auto facts =
      seen({{"/etc/apache2/apache2.conf", apache}, {"/etc/nginx/nginx.conf", nginx + "}"}});
  EXPECT_EQ(facts.uses_size(), 128);
  EXPECT_THAT(complaints(facts), ElementsAre(HasSubstr("apache2.conf:65: not read: too many"),
                                             HasSubstr("nginx.conf:1: not read: too many")));
}

TEST(ConfiguredHaproxy, FilesDirectoriesAndLists) {
  const auto facts = seen({
      {"/etc/haproxy/haproxy.cfg",
       "global\n  crt-base /etc/haproxy/certs\nfrontend web\n"
       "  bind *:443 ssl crt one.pem crt /etc/haproxy/all/ # crt no.pem\n"
       "  bind *:444 ssl crt-list /etc/haproxy/list\nbackend b\n"
       "  server s 127.0.0.1:1 ssl crt /client.pem\n"},
      {"/etc/haproxy/all/a.pem", ""},
      {"/etc/haproxy/all/a.pem.key", ""},
      {"/etc/haproxy/all/b.pem", ""},
      {"/etc/haproxy/all/b.pem.ocsp", ""},
      {"/etc/haproxy/list",
       "# all\nshop.pem [alpn h2 ssl-min-ver TLSv1.2] shop.example *.shop.example "
       "!no.shop.example\n"},
  });
  EXPECT_THAT(told(facts),
              ElementsAre("haproxy /etc/haproxy/haproxy.cfg:4 /etc/haproxy/certs/one.pem "
                          "/etc/haproxy/certs/one.pem",
                          "haproxy /etc/haproxy/haproxy.cfg:4 /etc/haproxy/all/a.pem "
                          "/etc/haproxy/all/a.pem.key",
                          "haproxy /etc/haproxy/haproxy.cfg:4 /etc/haproxy/all/b.pem "
                          "/etc/haproxy/all/b.pem",
                          "haproxy /etc/haproxy/list:2 /etc/haproxy/certs/shop.pem "
                          "/etc/haproxy/certs/shop.pem shop.example *.shop.example"));
}

TEST(ConfiguredHaproxy, WhatIsRelativeToNothingIsSaid) {
  const auto facts = seen({{"/etc/haproxy/haproxy.cfg",
                            "frontend w\n bind :1 ssl crt a.pem\n bind :2 ssl crt-list l\n"}});
  EXPECT_THAT(told(facts), IsEmpty());
  EXPECT_THAT(complaints(facts),
              ElementsAre(HasSubstr("haproxy.cfg:2: the certificate 'a.pem' is no absolute path"),
                          HasSubstr("haproxy.cfg:3: crt-list l is no absolute path")));
}

}  // namespace
}  // namespace muster::configured
