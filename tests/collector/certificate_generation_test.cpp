#include "collector/identity/certificate_generation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/pem.h>

#include <limits>
#include <vector>

#include "collector/identity/certificate_authority.h"
#include "common/openssl.h"
#include "tests/collector/signing_requests.h"

namespace muster::collector {
namespace {

constexpr TimePoint kNow{std::chrono::seconds(1'800'000'000)};

struct Attribute {
  std::string name;
  std::string value;
  // Of the same relative name as the one before, "a=1+b=2".
  bool joined = false;
  int type = MBSTRING_UTF8;
};

X509Ptr with_subject(const std::vector<Attribute>& attributes) {
  X509Ptr certificate(X509_new());
  X509_NAME* subject = X509_get_subject_name(certificate.get());
  for (const Attribute& attribute : attributes) {
    EXPECT_EQ(X509_NAME_add_entry_by_txt(
                  subject, attribute.name.c_str(), attribute.type,
                  reinterpret_cast<const unsigned char*>(attribute.value.data()),
                  static_cast<int>(attribute.value.size()), -1, attribute.joined ? -1 : 0),
              1);
  }
  return certificate;
}

// As gRPC makes its property x509_subject.
std::string text_of(const X509* certificate) {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  X509_NAME_print_ex(bio.get(), X509_get_subject_name(certificate), 0, XN_FLAG_RFC2253);
  return bio_content(bio.get());
}

X509Ptr issued(uint64_t generation) {
  const auto pair = CertificateAuthority::generate("muster.test", kNow);
  const auto authority = CertificateAuthority::load(*pair, "muster.test");
  const auto pem =
      authority->issue_client(make_signing_request().pem, "0123456789abcdef0123456789abcdef",
                              generation, kNow, std::chrono::days(7));
  EXPECT_TRUE(pem.ok()) << pem.status();
  const BioPtr bio = memory_bio(*pem);
  return X509Ptr(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
}

TEST(CertificateGeneration, IsWhatTheAuthorityWroteIntoTheSubject) {
  for (const uint64_t generation :
       {uint64_t{0}, uint64_t{1}, uint64_t{10}, std::numeric_limits<uint64_t>::max()}) {
    const X509Ptr certificate = issued(generation);
    EXPECT_EQ(generation_of(certificate.get()), generation);
    EXPECT_EQ(generation_of_subject(text_of(certificate.get())), generation);
  }
  EXPECT_EQ(text_of(issued(7).get()), "generationQualifier=7,CN=0123456789abcdef0123456789abcdef");
  EXPECT_EQ(text_of(issued(0).get()), "CN=0123456789abcdef0123456789abcdef");
}

TEST(CertificateGeneration, IsReadWhereverItStandsInTheSubject) {
  for (const std::vector<Attribute>& subject :
       {std::vector<Attribute>{{"generationQualifier", "9"}, {"CN", "web1"}},
        std::vector<Attribute>{{"CN", "web1"}, {"2.5.4.44", "9"}, {"O", "Example, Inc."}},
        std::vector<Attribute>{{"CN", "a"}, {"generationQualifier", "9", true}},
        std::vector<Attribute>{{"CN", "a\\"}, {"generationQualifier", "9"}},
        std::vector<Attribute>{{"generationQualifier", "9", false, V_ASN1_PRINTABLESTRING},
                               {"CN", " web1 "}}}) {
    const X509Ptr certificate = with_subject(subject);
    EXPECT_EQ(generation_of(certificate.get()), 9u) << text_of(certificate.get());
    EXPECT_EQ(generation_of_subject(text_of(certificate.get())), 9u) << text_of(certificate.get());
  }
}

TEST(CertificateGeneration, IsNotTakenFromTheTextOfAnotherAttribute) {
  for (const char* value :
       {"generationQualifier=9", "a,generationQualifier=9", "a+generationQualifier=9",
        "a\\,generationQualifier=9", "a\\\\,generationQualifier=9", ",generationQualifier=9,",
        "a\ngenerationQualifier=9", "a;generationQualifier=9", "\",generationQualifier=9",
        "#generationQualifier=9", "=,generationQualifier=9", " ,generationQualifier=9 "}) {
    for (const char* name : {"CN", "O", "OU", "title", "1.2.3.4"}) {
      const X509Ptr certificate = with_subject({{"L", "x"}, {name, value}, {"ST", "y"}});
      EXPECT_EQ(generation_of(certificate.get()), 0u) << text_of(certificate.get());
      EXPECT_EQ(generation_of_subject(text_of(certificate.get())), 0u)
          << text_of(certificate.get());
    }
  }
}

TEST(CertificateGeneration, IsNoneWhereThereAreSeveral) {
  for (const bool joined : {false, true}) {
    const X509Ptr certificate = with_subject(
        {{"generationQualifier", "9"}, {"generationQualifier", "9", joined}, {"CN", "web1"}});
    EXPECT_EQ(generation_of(certificate.get()), 0u);
    EXPECT_EQ(generation_of_subject(text_of(certificate.get())), 0u);
  }
}

TEST(CertificateGeneration, IsNoneWhereItIsNotANumberAsTheAuthorityWritesIt) {
  for (const char* value : {"0", "07", "+7", "-7", " 7", "7 ", "7a", "0x7", "7,8", "7+8", "VII",
                            "\xd9\xa7", "18446744073709551616", "7\n", "#37", "7.0"}) {
    const X509Ptr certificate = with_subject({{"generationQualifier", value}, {"CN", "web1"}});
    EXPECT_EQ(generation_of(certificate.get()), 0u) << value;
    EXPECT_EQ(generation_of_subject(text_of(certificate.get())), 0u) << value;
  }
}

TEST(CertificateGeneration, IsNoneInTextThatIsNoSubject) {
  for (const char* text :
       {"", ",", "=", "\\", "+", "generationQualifier",
        "generationQualifier=", "generationQualifier=7\\", "xgenerationQualifier=7",
        "=generationQualifier=7", " generationQualifier=7", "GENERATIONQUALIFIER=7", "CN=a\\"}) {
    EXPECT_EQ(generation_of_subject(text), 0u) << text;
  }
}

TEST(PublicKeySha256, IsTheSameForACertificateAndItsRequestsKey) {
  const X509Ptr one = issued(1);
  const X509Ptr other = issued(1);
  const std::string digest = public_key_sha256(X509_get0_pubkey(one.get()));
  EXPECT_EQ(digest.size(), 32u);
  EXPECT_EQ(public_key_sha256(X509_get0_pubkey(one.get())), digest);
  EXPECT_NE(public_key_sha256(X509_get0_pubkey(other.get())), digest);
  EXPECT_EQ(public_key_sha256(nullptr), "");
}

}  // namespace
}  // namespace muster::collector
