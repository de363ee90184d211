#include "agent/probes/certificates/key_pairing.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace muster {
namespace {

struct World {
  std::vector<std::string> keys;
  std::string certificate;
  std::string paired_with;
  v1::CertificateFormat format = v1::CERTIFICATE_FORMAT_PEM;
};

std::string key_of(const World& world, const std::vector<v1::CertificateUse>& uses = {}) {
  v1::CertificateFacts facts;
  v1::CertificateFile& file = *facts.add_files();
  file.set_path(world.certificate);
  file.set_format(world.format);
  file.add_certificates();
  for (const std::string& key : world.keys)
    facts.add_keys()->set_path(key);
  facts.mutable_uses()->Assign(uses.begin(), uses.end());
  pair_keys(facts);
  return facts.files(0).key_path();
}

TEST(KeyPairing, GoesByTheNamesThatSayWhatBelongsTogether) {
  const World worlds[] = {
      {{"/le/privkey.pem"}, "/le/fullchain.pem", "/le/privkey.pem"},
      {{"/le/privkey.pem"}, "/le/cert.pem", "/le/privkey.pem"},
      {{"/le/privkey.pem"}, "/le/chain.pem", ""},
      {{"/le/privkey2.pem", "/le/privkey3.pem"}, "/le/fullchain3.pem", "/le/privkey3.pem"},
      {{"/s/web.key", "/s/mail.key"}, "/s/web.crt", "/s/web.key"},
      {{"/s/web.key"}, "/s/web.pem", "/s/web.key"},
      {{"/s/web-key.pem"}, "/s/web.pem", "/s/web-key.pem"},
      {{"/s/web-key.pem"}, "/s/web-cert.pem", "/s/web-key.pem"},
      {{"/s/server_key.pem"}, "/s/server.crt", "/s/server_key.pem"},
      {{"/s/web.key.pem"}, "/s/web.cert.pem", "/s/web.key.pem"},
      {{"/s/key.pem"}, "/s/cert.pem", "/s/key.pem"},
      {{"/s/tls.key"}, "/s/tls.crt", "/s/tls.key"},
      {{"/s/web.example.org.key"}, "/s/web.example.org.fullchain.pem", "/s/web.example.org.key"},
      {{"/etc/ssl/private/snakeoil.key"},
       "/etc/ssl/certs/snakeoil.pem",
       "/etc/ssl/private/snakeoil.key"},
      // Beside it means beside it.
      {{"/other/web.key"}, "/s/web.crt", ""},
      {{"/s/mail.key"}, "/s/web.crt", ""},
      // The same file, unless there is one beside it.
      {{"/s/web.pem"}, "/s/web.pem", "/s/web.pem"},
      {{"/s/web.key", "/s/web.pem"}, "/s/web.pem", "/s/web.key"},
      // A key store is its own.
      {{"/s/web.key", "/s/web.p12"}, "/s/web.p12", "/s/web.p12", v1::CERTIFICATE_FORMAT_PKCS12},
      {{"/s/ca.key"}, "/s/ca.jks", "", v1::CERTIFICATE_FORMAT_JKS},
  };
  for (const World& world : worlds)
    EXPECT_EQ(key_of(world), world.paired_with) << world.certificate;
}

TEST(KeyPairing, GoesByAServersConfigurationBeforeNames) {
  v1::CertificateUse use;
  use.set_certificate_path("/s/web.crt");
  use.set_key_path("/keys/of-web");
  EXPECT_EQ(key_of({{"/s/web.key"}, "/s/web.crt", ""}, {use}), "/keys/of-web");
  EXPECT_EQ(key_of({{"/s/mail.key"}, "/s/mail.crt", ""}, {use}), "/s/mail.key");
  use.clear_key_path();
  EXPECT_EQ(key_of({{"/s/web.key"}, "/s/web.crt", ""}, {use}), "/s/web.key");
}

TEST(KeyPairing, GivesNoKeyToAFileWithoutCertificates) {
  v1::CertificateFacts facts;
  facts.add_files()->set_path("/s/web.crt");
  facts.add_keys()->set_path("/s/web.key");
  pair_keys(facts);
  EXPECT_EQ(facts.files(0).key_path(), "");
}

}  // namespace
}  // namespace muster
