// The probe with a server's configuration: its files wherever they lie, and keys as it pairs them.
#include <gmock/gmock.h>

#include "agent/probes/certificates/certificate_look.h"
#include "tests/agent/probes/test_root.h"
#include "tests/common/certificate_maker.h"

namespace muster {
namespace {

v1::CertificateFacts look(const test::TestRoot& root, const std::string& usual) {
  v1::ProbeRequest request;
  request.set_root(root.path());
  v1::ProbeSetting& setting = *request.add_settings();
  setting.set_name("default_paths");
  setting.add_values(usual);
  v1::CertificateFacts facts;
  EXPECT_TRUE(facts.ParseFromString(look_at_certificates(request).facts()));
  return facts;
}

TEST(CertificateUses, AreLookedAtWhereverTheyLieWithTheKeyThatIsConfigured) {
  const test::TestRoot root;
  const EvpPkeyPtr key = test::make_key();
  const X509Ptr certificate = test::self_signed({}, key.get());
  root.write("/etc/nginx/nginx.conf",
             "http { server { listen 443 ssl; ssl_certificate /opt/shop/web.pem;\n"
             "ssl_certificate_key /opt/keys/shop; } server { listen 443 ssl;\n"
             "ssl_certificate /opt/gone.pem; ssl_certificate_key /opt/gone.key; } }");
  root.write("/opt/shop/web.pem", test::certificate_pem(certificate.get()));
  root.write("/opt/shop/web.key", test::key_pem(key.get()));
  root.write("/opt/keys/shop", test::key_pem(key.get()));

  const v1::CertificateFacts facts = look(root, "true");
  ASSERT_EQ(facts.uses_size(), 2);
  EXPECT_EQ(facts.uses(0).configured_at(), "/etc/nginx/nginx.conf:1");
  EXPECT_EQ(facts.uses(1).certificate_path(), "/opt/gone.pem") << "configured, and not there";
  ASSERT_EQ(facts.files_size(), 1);
  EXPECT_EQ(facts.files(0).path(), "/opt/shop/web.pem");
  EXPECT_EQ(facts.files(0).key_path(), "/opt/keys/shop") << "not the one beside it";
  ASSERT_EQ(facts.keys_size(), 1);
  EXPECT_EQ(facts.keys(0).path(), "/opt/keys/shop");
  EXPECT_EQ(facts.keys(0).public_key_sha256(), facts.files(0).certificates(0).public_key_sha256());

  EXPECT_EQ(look(root, "false").uses_size(), 0) << "only what the setting paths names";
}

}  // namespace
}  // namespace muster
