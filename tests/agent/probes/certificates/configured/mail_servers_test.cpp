// Postfix, Dovecot and INN.
#include <gmock/gmock.h>

#include "tests/agent/probes/certificates/configured/memory_source.h"

namespace muster::configured {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(ConfiguredPostfix, DebiansMainAndAServicesOwnCertificate) {
  const auto facts = seen({
      {"/etc/postfix/main.cf",
       "# TLS parameters\nsmtpd_tls_cert_file=/etc/ssl/certs/ssl-cert-snakeoil.pem\n"
       "smtpd_tls_key_file=/etc/ssl/private/ssl-cert-snakeoil.key\n"
       "smtp_tls_cert_file = /client.pem\n"},
      {"/etc/postfix/master.cf",
       "smtp      inet  n       -       y       -       -       smtpd\n"
       "submission inet n - y - - smtpd\n  -o smtpd_tls_cert_file=/etc/ssl/s.pem\n"
       "#  -o smtpd_tls_cert_file=/no\n  -o smtpd_tls_key_file=/etc/ssl/s.key\n"
       "smtps inet n - y - - smtpd -o smtpd_tls_wrappermode=yes\n"},
  });
  EXPECT_THAT(told(facts),
              ElementsAre("postfix /etc/postfix/main.cf:2 /etc/ssl/certs/ssl-cert-snakeoil.pem "
                          "/etc/ssl/private/ssl-cert-snakeoil.key",
                          "postfix /etc/postfix/master.cf:2 /etc/ssl/s.pem /etc/ssl/s.key"));
  EXPECT_THAT(complaints(facts), IsEmpty());
}

TEST(ConfiguredPostfix, ParametersAreExpandedAndTheLastOneCounts) {
  const auto facts = seen({{"/etc/postfix/main.cf",
                            "smtpd_tls_cert_file = /old.pem\nmyhostname =\n  mail.example.org\n"
                            "tls = $config_directory/tls\n"
                            "smtpd_tls_cert_file = ${tls}/$(myhostname)$unset.pem\n"}});
  EXPECT_THAT(told(facts),
              ElementsAre("postfix /etc/postfix/main.cf:5 /etc/postfix/tls/mail.example.org.pem "
                          "/etc/postfix/tls/mail.example.org.pem"));
}

TEST(ConfiguredPostfix, ChainFilesAreReadInThePlaceOfOthers) {
  const auto facts =
      seen({{"/etc/postfix/main.cf",
             "smtpd_tls_cert_file = /old.pem\nsmtpd_tls_chain_files = /ssl/rsa.pem,\n"
             "  /ssl/ec-key.pem, /ssl/ec-chain.pem\n"
             "tls_server_sni_maps = hash:/etc/postfix/sni\n"}});
  EXPECT_THAT(told(facts),
              ElementsAre("postfix /etc/postfix/main.cf:2 /ssl/rsa.pem /ssl/rsa.pem",
                          "postfix /etc/postfix/main.cf:2 /ssl/ec-chain.pem /ssl/ec-key.pem"));
  EXPECT_THAT(complaints(facts), ElementsAre(HasSubstr("main.cf:4: tls_server_sni_maps")));
}

TEST(ConfiguredPostfix, WhatGoesInCirclesOrIsConditionalIsSaid) {
  const auto facts = seen({{"/etc/postfix/main.cf",
                            "a = $b\nb = $a$a\nsmtpd_tls_cert_file = $a\n"
                            "smtpd_tls_eccert_file = ${x?/y.pem}\nsmtpd_tls_dcert_file = none\n"}});
  EXPECT_THAT(told(facts), IsEmpty());
  EXPECT_THAT(complaints(facts), ElementsAre(HasSubstr("main.cf:3"), HasSubstr("main.cf:4")));
}

TEST(ConfiguredPostfix, ExpansionsAndServicesAreCounted) {
  // Nothing, a thousand times a thousand times: more steps than anybody waits for.
  std::string many;
  for (int each = 0; each < 1000; ++each)
    many += "$b";
  std::string services;
  for (int each = 0; each < 257; ++each)
    services += "s inet n - y - - smtpd -o smtpd_tls_cert_file=/a.pem\n";
  const auto facts = seen({{"/etc/postfix/main.cf",
                            "smtpd_tls_cert_file = /m.pem\n"
                            "smtpd_tls_eccert_file = $a\na = " +
                                many + "\nb = $c\nc =\n"},
                           {"/etc/postfix/master.cf", services}});
  EXPECT_EQ(facts.uses_size(), 257) << "main.cf's and 256 services'";
  EXPECT_THAT(complaints(facts), ElementsAre(HasSubstr("main.cf:2: smtpd_tls_eccert_file = $a is"),
                                             HasSubstr("master.cf:257: not read: more than 256")));
}

TEST(ConfiguredDovecot, IncludesAndNamesHaveTheirCertificates) {
  const auto facts = seen({
      {"/etc/dovecot/dovecot.conf",
       "!include_try /usr/share/dovecot/protocols.d/*.protocol\n!include conf.d/*.conf\n"
       "!include_try local.conf\n"},
      {"/etc/dovecot/conf.d/10-ssl.conf",
       "##\nssl = yes\nssl_cert = </etc/dovecot/private/dovecot.pem # comment\n"
       "ssl_key = </etc/dovecot/private/dovecot.key\n#ssl_cert = </no\n"},
      {"/etc/dovecot/conf.d/20-names.conf",
       "local_name mail.example.org imap.example.org {\n  ssl_cert = <names.pem\n"
       "  ssl_key = <names.key\n}\nservice imap-login {\n  inet_listener imaps {\n    port = 993\n"
       "  }\n}\n"},
  });
  EXPECT_THAT(told(facts),
              ElementsAre("dovecot /etc/dovecot/conf.d/10-ssl.conf:3 "
                          "/etc/dovecot/private/dovecot.pem /etc/dovecot/private/dovecot.key",
                          "dovecot /etc/dovecot/conf.d/20-names.conf:2 "
                          "/etc/dovecot/conf.d/names.pem /etc/dovecot/conf.d/names.key "
                          "mail.example.org imap.example.org"));
  EXPECT_THAT(complaints(facts), IsEmpty());
}

TEST(ConfiguredDovecot, Version24NamesFilesAndWithoutTlsThereIsNone) {
  EXPECT_THAT(told(seen({{"/etc/dovecot/dovecot.conf",
                          "ssl_server_cert_file = /a.pem\nssl_server_key_file = /a.key\n"}})),
              ElementsAre("dovecot /etc/dovecot/dovecot.conf:1 /a.pem /a.key"));
  EXPECT_THAT(told(seen({{"/etc/dovecot/dovecot.conf", "ssl = no\nssl_cert = </a.pem\n"}})),
              IsEmpty());
}

TEST(ConfiguredDovecot, AMissingIncludeAndWhatIsNoFileAreSaid) {
  const auto facts = seen({{"/etc/dovecot/dovecot.conf",
                            "!include /etc/dovecot/gone.conf\n} } }\nssl_cert = $secret\n"}});
  EXPECT_THAT(complaints(facts),
              ElementsAre("/etc/dovecot/gone.conf: No such file or directory",
                          HasSubstr("dovecot.conf:3: the certificate '$secret' is no absolute")));
}

TEST(ConfiguredInn, TwoLinesOfOneFile) {
  EXPECT_THAT(
      told(seen({{"/etc/news/inn.conf",
                  "#tlscertfile: /no\npathhost:   news.example.org\n"
                  "tlscertfile:    /etc/news/cert.pem\ntlskeyfile: \"/etc/news/key.pem\"\n"}})),
      ElementsAre("inn2 /etc/news/inn.conf:3 /etc/news/cert.pem /etc/news/key.pem"));
  EXPECT_THAT(told(seen({{"/etc/news/inn.conf", "#tlscertfile: /no\ntlscertfile:\n"}})), IsEmpty());
}

}  // namespace
}  // namespace muster::configured
