#include "agent/probes/certificates/pkcs12_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/objects.h>

#include <string>
#include <string_view>
#include <vector>

#include "agent/probes/certificates/certificate_parser.h"
#include "agent/probes/certificates/encryption_rounds.h"
#include "agent/probes/certificates/public_key.h"
#include "tests/agent/probes/certificates/key_store_maker.h"

namespace muster {
namespace {

using test::Pkcs12Spec;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

using Passwords = std::vector<std::string_view>;

FileContent read(const std::string& bytes, const Passwords& passwords = {"secret"},
                 uint64_t rounds = kMostRounds) {
  Unlocking unlocking{.passwords = passwords, .rounds = rounds};
  FileContent content = read_pkcs12(bytes, unlocking);
  EXPECT_EQ(content.file.format(), v1::CERTIFICATE_FORMAT_PKCS12);
  EXPECT_THAT(content.file.entry_names(),
              testing::AnyOf(IsEmpty(), SizeIs(content.file.certificates_size())));
  return content;
}

class Pkcs12 : public testing::Test {
 protected:
  std::string store(const Pkcs12Spec& spec = {}) const {
    return test::make_pkcs12(spec, key_.get(), leaf_.get());
  }

  const EvpPkeyPtr root_key_ = test::make_key();
  const X509Ptr root_ =
      test::self_signed({.common_name = "Root", .is_authority = true}, root_key_.get());
  const EvpPkeyPtr key_ = test::make_key();
  const X509Ptr leaf_ = test::issued_by({.serial = 7}, key_.get(), root_.get(), root_key_.get());
  const std::string public_half_ = public_key_facts(key_.get()).sha256;
};

TEST_F(Pkcs12, IsOpenedWithItsPassword) {
  const FileContent content = read(store({.others = {root_.get()}}));
  EXPECT_EQ(content.file.error(), "");
  ASSERT_THAT(content.file.certificates(), SizeIs(2));
  const v1::Certificate expected =
      parse_certificates(test::certificate_pem(leaf_.get())).certificates.at(0);
  EXPECT_EQ(content.file.certificates(0).ShortDebugString(), expected.ShortDebugString());
  EXPECT_EQ(content.file.certificates(1).common_name(), "Root");
  EXPECT_THAT(content.file.entry_names(), ElementsAre("web", ""));
  ASSERT_TRUE(content.key.has_value());
  EXPECT_EQ(content.key->error(), "");
  EXPECT_FALSE(content.key->encrypted());
  EXPECT_EQ(content.key->key_type(), "EC");
  EXPECT_EQ(content.key->key_bits(), 256U);
  EXPECT_EQ(content.key->public_key_sha256(), public_half_);
}

TEST_F(Pkcs12, SaysWhetherAPasswordIsMissingOrWrong) {
  const FileContent none = read(store(), {});
  EXPECT_EQ(none.file.error(),
            "it takes a password: give it in a file of the setting password_files");
  EXPECT_THAT(none.file.certificates(), IsEmpty());
  ASSERT_TRUE(!none.key.has_value() || none.key->public_key_sha256().empty());
  const FileContent wrong = read(store(), {"Secret", "changeit"});
  EXPECT_EQ(wrong.file.error(), "its password is wrong: see the setting password_files");
  EXPECT_THAT(wrong.file.certificates(), IsEmpty());
  EXPECT_THAT(wrong.file.error(), testing::Not(HasSubstr("changeit")));
}

TEST_F(Pkcs12, IsOpenedWithTheSecondOfTwoPasswords) {
  const FileContent content = read(store(), {"old", "secret"});
  EXPECT_EQ(content.file.error(), "");
  EXPECT_THAT(content.file.certificates(), SizeIs(1));
}

// What is no secret is tried; "changeit" is one that somebody should have changed.
TEST_F(Pkcs12, NeedsNoPasswordWhereItsIsEmpty) {
  const FileContent content = read(store({.password = ""}), {});
  EXPECT_EQ(content.file.error(), "");
  EXPECT_THAT(content.file.certificates(), SizeIs(1));
  EXPECT_EQ(content.key.value().public_key_sha256(), public_half_);
  EXPECT_THAT(read(store({.password = "changeit"}), {}).file.error(), HasSubstr("it takes"));
}

TEST_F(Pkcs12, HasItsCertificatesReadWhereOnlyTheKeyIsEncrypted) {
  const FileContent content = read(store({.certificate_cipher = -1}), {});
  EXPECT_THAT(content.file.certificates(), SizeIs(1));
  EXPECT_THAT(content.file.error(), HasSubstr("it takes a password"));
  EXPECT_TRUE(content.key.value().encrypted());
  EXPECT_EQ(content.key->public_key_sha256(), "");
}

TEST_F(Pkcs12, IsReadWithoutASealWhereNothingIsEncrypted) {
  const FileContent content =
      read(store({.certificate_cipher = -1, .key_cipher = -1, .mac_rounds = -1}), {});
  EXPECT_EQ(content.file.error(), "");
  EXPECT_THAT(content.file.certificates(), SizeIs(1));
  EXPECT_EQ(content.key.value().public_key_sha256(), public_half_);
}

// Without a seal, whether the password fits shows when a part is decrypted.
TEST_F(Pkcs12, WithoutASealIsOpenedOrSaysThatThePasswordIsWrong) {
  const std::string bytes = store({.mac_rounds = -1});
  EXPECT_EQ(read(bytes).file.error(), "");
  EXPECT_THAT(read(bytes).file.certificates(), SizeIs(1));
  EXPECT_EQ(read(bytes, {"wrong"}).file.error(),
            "its password is wrong: see the setting password_files");
}

// RFC 9579, as "openssl pkcs12 -pbmac1_pbkdf2" of 3.4 and newer Javas write them. An OpenSSL that
// does not know it reads what is in there all the same, and calls no right password wrong.
TEST_F(Pkcs12, SealedByPbmac1IsOpenedOrSaysThatThePasswordIsWrong) {
  const std::string bytes = test::sealed_by_pbmac1(store({.mac_rounds = -1}), "secret", 2048);
  const FileContent content = read(bytes, {"old", "secret"});
  EXPECT_EQ(content.file.error(), "");
  EXPECT_THAT(content.file.certificates(), SizeIs(1));
  EXPECT_EQ(content.key.value().public_key_sha256(), public_half_);
  EXPECT_EQ(read(bytes, {"wrong"}).file.error(),
            "its password is wrong: see the setting password_files");
  EXPECT_EQ(read(bytes, {}).file.error(),
            "it takes a password: give it in a file of the setting password_files");
}

// Its number of rounds is not where others have it.
TEST_F(Pkcs12, HasTheRoundsOfPbmac1Counted) {
  for (const int rounds : {1, 2048, 2'000'000'000}) {
    const std::string der = test::pbmac1_algorithm("salt", rounds);
    const auto* cursor = reinterpret_cast<const unsigned char*>(der.data());
    X509_ALGOR* const seal = d2i_X509_ALGOR(nullptr, &cursor, static_cast<long>(der.size()));
    ASSERT_NE(seal, nullptr);
    EXPECT_EQ(encryption_rounds(seal), static_cast<uint64_t>(rounds));
    X509_ALGOR_free(seal);
  }
}

// As openssl of before 3.0 and Windows write them.
TEST_F(Pkcs12, OfOldCiphersIsOpened) {
  const FileContent content =
      read(store({.certificate_cipher = NID_pbe_WithSHA1And3_Key_TripleDES_CBC,
                  .key_cipher = NID_pbe_WithSHA1And3_Key_TripleDES_CBC}));
  EXPECT_EQ(content.file.error(), "");
  EXPECT_THAT(content.file.certificates(), SizeIs(1));
  EXPECT_EQ(content.key.value().public_key_sha256(), public_half_);
}

// Servers send the certificate of their key first, wherever it stands.
TEST_F(Pkcs12, PutsTheCertificateOfItsKeyFirst) {
  FileContent content;
  for (const std::string name : {"a", "b", "c"}) {
    content.file.add_certificates()->set_public_key_sha256(name);
    content.file.add_entry_names("is " + name);
  }
  content.key.emplace().set_public_key_sha256("c");
  put_certificate_of_key_first(content);
  EXPECT_EQ(content.file.certificates(0).public_key_sha256(), "c");
  EXPECT_EQ(content.file.certificates(1).public_key_sha256(), "a");
  EXPECT_THAT(content.file.entry_names(), ElementsAre("is c", "is a", "is b"));
}

TEST_F(Pkcs12, IsNotOpenedWhereThatWouldTakeTooManyRounds) {
  const std::string error =
      "its key derivation asks for more rounds than this probe works on one file";
  const auto spent = [&](const Pkcs12Spec& spec, uint64_t rounds) {
    return read(store(spec), {"secret"}, rounds).file.error();
  };
  // The seal, the certificates, the key.
  EXPECT_EQ(spent({.rounds = 10, .mac_rounds = 10}, 30), "");
  EXPECT_EQ(spent({.rounds = 10, .mac_rounds = 10}, 19), error);
  EXPECT_EQ(spent({.rounds = 10, .mac_rounds = 10}, 9), error);
  const FileContent locked = read(store({.rounds = 10, .mac_rounds = 10}), {"secret"}, 29);
  EXPECT_THAT(locked.file.certificates(), SizeIs(1));
  EXPECT_EQ(locked.key.value().error(), error);
}

TEST_F(Pkcs12, BoundsItsCertificates) {
  const std::vector<X509*> others(kMostCertificates, root_.get());
  const FileContent content = read(store({.others = others}));
  EXPECT_THAT(content.file.certificates(), SizeIs(kMostCertificates));
  EXPECT_EQ(content.file.error(), "it holds more than 1024 certificates: the others are left out");
}

TEST_F(Pkcs12, ThatIsDamagedSaysSo) {
  const std::string bytes = store();
  EXPECT_THAT(read(bytes.substr(0, bytes.size() - 1)).file.error(),
              HasSubstr("as PKCS #12, it cannot be decoded"));
  EXPECT_THAT(read("").file.error(), HasSubstr("as PKCS #12, it cannot be decoded"));
}

}  // namespace
}  // namespace muster
