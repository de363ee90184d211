#include "agent/probes/certificates/certificate_names.h"

#include <gtest/gtest.h>

#include <string_view>

namespace muster {
namespace {

TEST(CertificateNames, KnowsCertificatesByTheirSuffix) {
  for (const std::string_view path : {"/a/b.crt", "/a/b.CER", "b.der", "/a/fullchain.pem"})
    EXPECT_TRUE(has_certificate_name(path)) << path;
  for (const std::string_view path : {"/a/b.key", "/a.pem/b", "/a/nginx.conf", "/a/pem", ""})
    EXPECT_FALSE(has_certificate_name(path)) << path;
}

TEST(CertificateNames, KnowsKeysByTheirName) {
  for (const std::string_view path : {"/a/privkey.pem", "/a/server-key.pem", "/a/KEY.PEM"})
    EXPECT_TRUE(has_key_name(path)) << path;
  for (const std::string_view path : {"/a/cert.pem", "/key/a.pem", "/a/keycloak.pem"})
    EXPECT_FALSE(has_key_name(path)) << path;
}

TEST(CertificateNames, KnowsTrustStoresByPathAndByWhereTheyLead) {
  struct Case {
    std::string_view path;
    std::string_view resolved;
    bool is_store;
  };
  constexpr Case kCases[] = {
      {"/etc/pki/tls/cert.pem", "/etc/pki/tls/cert.pem", true},
      {"/etc/pki/tls/certs/ca-bundle.crt", "/elsewhere/bundle", true},
      {"/etc/nginx/roots.pem", "/etc/ssl/certs/ca-certificates.crt", true},
      {"/etc/nginx/a.pem", "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", true},
      {"/etc/nginx/a.pem", "/usr/share/ca-certificates/mozilla/A.crt", true},
      {"/etc/pki/tls/certs/localhost.crt", "/etc/pki/tls/certs/localhost.crt", false},
      {"/etc/nginx/a.pem", "/etc/ssl/certs/ssl-cert-snakeoil.pem", false},
  };
  for (const Case& c : kCases)
    EXPECT_EQ(is_trust_store(c.path, c.resolved), c.is_store) << c.path << " " << c.resolved;
}

TEST(CertificateNames, WritesAPathOneWay) {
  EXPECT_EQ(without_doubled_slashes("/etc//ssl///private/"), "/etc/ssl/private");
  EXPECT_EQ(without_doubled_slashes("//"), "/");
  EXPECT_EQ(without_doubled_slashes("/etc"), "/etc");
}

}  // namespace
}  // namespace muster
