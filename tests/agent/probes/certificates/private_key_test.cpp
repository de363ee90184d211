#include "agent/probes/certificates/private_key.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/pem.h>

#include <string>
#include <string_view>
#include <vector>

#include "agent/probes/certificates/certificate_parser.h"
#include "agent/probes/certificates/public_key.h"
#include "tests/agent/probes/certificates/key_store_maker.h"

namespace muster {
namespace {

using testing::HasSubstr;

using Passwords = std::vector<std::string_view>;

v1::KeyFile read(const std::string& pem, const Passwords& passwords = {},
                 uint64_t rounds = kMostRounds) {
  Unlocking unlocking{.passwords = passwords, .rounds = rounds};
  return read_pem_key(pem, unlocking);
}

std::string der_of(EVP_PKEY* key, bool is_pkcs8) {
  unsigned char* der = nullptr;
  int size = 0;
  if (is_pkcs8) {
    PKCS8_PRIV_KEY_INFO* info = EVP_PKEY2PKCS8(key);
    size = i2d_PKCS8_PRIV_KEY_INFO(info, &der);
    PKCS8_PRIV_KEY_INFO_free(info);
  } else {
    size = i2d_PrivateKey(key, &der);
  }
  std::string bytes(reinterpret_cast<const char*>(der), static_cast<size_t>(size));
  OPENSSL_free(der);
  return bytes;
}

TEST(PrivateKey, HasThePublicHalfOfItsCertificate) {
  const EvpPkeyPtr keys[] = {test::make_key(), test::make_rsa_key(1024), test::make_ed25519_key()};
  const std::string types[] = {"EC", "RSA", "ED25519"};
  const uint32_t bits[] = {256, 1024, 256};
  for (size_t i = 0; i < 3; ++i) {
    const v1::KeyFile key = read(test::key_pem(keys[i].get()));
    EXPECT_EQ(key.error(), "");
    EXPECT_EQ(key.key_type(), types[i]);
    EXPECT_EQ(key.key_bits(), bits[i]) << types[i];
    EXPECT_FALSE(key.encrypted());
    const X509Ptr certificate = test::issued_by(
        {}, keys[i].get(), test::self_signed({}, keys[0].get()).get(), keys[0].get());
    const ParsedCertificates parsed = parse_certificates(test::certificate_pem(certificate.get()));
    EXPECT_EQ(parsed.certificates.at(0).public_key_sha256(), key.public_key_sha256());
    EXPECT_EQ(key.public_key_sha256().size(), 64U);
  }
}

TEST(PrivateKey, IsReadInEveryForm) {
  for (const EvpPkeyPtr& key : {test::make_key(), test::make_rsa_key(1024)}) {
    const std::string expected = public_key_facts(key.get()).sha256;
    EXPECT_EQ(read(test::traditional_key_pem(key.get())).public_key_sha256(), expected);
    EXPECT_EQ(read("text\n" + test::key_pem(key.get())).public_key_sha256(), expected);
    Unlocking unlocking;
    EXPECT_EQ(read_der_key(der_of(key.get(), true), unlocking).public_key_sha256(), expected);
    EXPECT_EQ(read_der_key(der_of(key.get(), false), unlocking).public_key_sha256(), expected);
  }
  // openssl ecparam -genkey writes the parameters before the key.
  const EvpPkeyPtr key = test::make_key();
  const std::string parameters =
      "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n";
  EXPECT_EQ(read(parameters + test::traditional_key_pem(key.get())).public_key_sha256(),
            public_key_facts(key.get()).sha256);
}

// The point of the same key, written shorter.
TEST(PrivateKey, IsTheSameHoweverItsPointIsWritten) {
  const EvpPkeyPtr key = test::make_key();
  const std::string before = public_key_facts(key.get()).sha256;
  ASSERT_EQ(EVP_PKEY_set_utf8_string_param(key.get(), OSSL_PKEY_PARAM_EC_POINT_CONVERSION_FORMAT,
                                           "compressed"),
            1);
  EXPECT_EQ(read(test::key_pem(key.get())).public_key_sha256(), before);
  const X509Ptr certificate = test::self_signed({}, key.get());
  EXPECT_EQ(parse_certificates(test::certificate_pem(certificate.get()))
                .certificates.at(0)
                .public_key_sha256(),
            before);
}

TEST(PrivateKey, ThatIsEncryptedSaysSoAndIsOpenedWithItsPassword) {
  const EvpPkeyPtr key = test::make_key();
  const std::string expected = public_key_facts(key.get()).sha256;
  for (const std::string& pem : {test::encrypted_key_pem(key.get(), "secret"),
                                 test::traditional_key_pem(key.get(), "secret")}) {
    const v1::KeyFile locked = read(pem);
    EXPECT_TRUE(locked.encrypted());
    EXPECT_EQ(locked.error(), "");
    EXPECT_EQ(locked.public_key_sha256(), "");
    const v1::KeyFile wrong = read(pem, {"wrong"});
    EXPECT_TRUE(wrong.encrypted());
    EXPECT_EQ(wrong.error(), "its password is wrong: see the setting password_files");
    const v1::KeyFile open = read(pem, {"wrong", "secret"});
    EXPECT_FALSE(open.encrypted());
    EXPECT_EQ(open.error(), "");
    EXPECT_EQ(open.public_key_sha256(), expected);
    // A password that fills OpenSSL's buffer and more.
    EXPECT_TRUE(read(pem, {std::string(5000, 'x')}).encrypted());
  }
}

TEST(PrivateKey, IsNotOpenedWhereThatWouldTakeTooManyRounds) {
  const EvpPkeyPtr key = test::make_key();
  const std::string pem = test::encrypted_key_pem(key.get(), "secret", 100);
  EXPECT_EQ(read(pem, {"secret"}, 100).error(), "");
  const v1::KeyFile locked = read(pem, {"secret"}, 99);
  EXPECT_TRUE(locked.encrypted());
  EXPECT_THAT(locked.error(), HasSubstr("more rounds than this probe works on"));
  // Each password costs as much.
  EXPECT_THAT(read(pem, {"wrong", "secret"}, 199).error(), HasSubstr("more rounds"));
}

TEST(PrivateKey, ThatCannotBeReadSaysWhyAndNothingOfItself) {
  const EvpPkeyPtr key = test::make_key();
  const std::string pem = test::key_pem(key.get());
  const std::pair<std::string, std::string> cases[] = {
      {pem.substr(0, pem.size() / 2), "its END line is missing, it seems to be cut off"},
      {"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "it cannot be decoded"},
      {"-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----\n",
       "it cannot be decoded"},
      {"-----BEGIN DSA PRIVATE KEY-----\nAAAA\n-----END DSA PRIVATE KEY-----\n",
       "its type is not one that certificates of servers have"},
      {"-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n",
       "it holds no private key"},
      {"", "it holds no private key"},
  };
  for (const auto& [text, error] : cases) {
    const v1::KeyFile read_key = read(text);
    EXPECT_THAT(read_key.error(), testing::StartsWith(error));
    EXPECT_EQ(read_key.public_key_sha256(), "");
  }
  Unlocking unlocking;
  EXPECT_THAT(read_der_key("\x30\x03\x02\x01", unlocking).error(), HasSubstr("decoded"));
}

}  // namespace
}  // namespace muster
