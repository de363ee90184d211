#include "agent/probes/certificates/certificate_parser.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <string>
#include <string_view>

#include "common/digest.h"
#include "common/text.h"
#include "tests/common/certificate_maker.h"

namespace muster {
namespace {

using test::CertificateSpec;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  for (size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
  return text;
}

std::string simple_pem() {
  const EvpPkeyPtr key = test::make_key();
  return test::certificate_pem(test::self_signed({}, key.get()).get());
}

TEST(CertificateParser, ReportsEveryFieldOfALeaf) {
  const EvpPkeyPtr root_key = test::make_key();
  const X509Ptr root =
      test::self_signed({.common_name = "Root", .is_authority = true}, root_key.get());
  const EvpPkeyPtr key = test::make_key();
  const CertificateSpec spec{
      .common_name = "www.example.org",
      .serial = 0x0A1B2C,
      .subject_alternative_names = {"DNS:www.example.org", "DNS:example.org", "IP:192.0.2.1",
                                    "IP:2001:db8::1", "URI:spiffe://example.org/web",
                                    "email:ops@example.org"},
      .extended_key_usages = {"serverAuth"},
  };
  const X509Ptr leaf = test::issued_by(spec, key.get(), root.get(), root_key.get());
  const ParsedCertificates parsed = parse_certificates(test::certificate_pem(leaf.get()));
  EXPECT_EQ(parsed.error, "");
  ASSERT_THAT(parsed.certificates, SizeIs(1));
  const v1::Certificate& c = parsed.certificates[0];
  EXPECT_EQ(c.subject(), "CN=www.example.org");
  EXPECT_EQ(c.issuer(), "CN=Root");
  EXPECT_EQ(c.common_name(), "www.example.org");
  EXPECT_EQ(c.serial(), "a1b2c");
  EXPECT_THAT(
      c.subject_alternative_names(),
      ElementsAre("DNS:www.example.org", "DNS:example.org", "IP:192.0.2.1", "IP:2001:db8::1",
                  "URI:spiffe://example.org/web", "email:ops@example.org"));
  EXPECT_EQ(c.names_omitted(), 0U);
  EXPECT_EQ(c.key_type(), "EC");
  EXPECT_EQ(c.key_bits(), 256U);
  EXPECT_EQ(c.signature_algorithm(), "ecdsa-with-SHA256");
  EXPECT_EQ(c.not_before().seconds(), 1767225600);
  EXPECT_EQ(c.not_after().seconds(), 1798761600);
  EXPECT_EQ(c.sha256(), to_hex(sha256(test::certificate_der(leaf.get()))));
  EXPECT_FALSE(c.self_signed());
  EXPECT_FALSE(c.certificate_authority());
}

TEST(CertificateParser, TellsAuthoritiesAndSelfSignedOnes) {
  const EvpPkeyPtr key = test::make_key();
  const X509Ptr root = test::self_signed({.common_name = "Root", .is_authority = true}, key.get());
  const v1::Certificate c =
      parse_certificates(test::certificate_pem(root.get())).certificates.at(0);
  EXPECT_TRUE(c.self_signed());
  EXPECT_TRUE(c.certificate_authority());
}

TEST(CertificateParser, DoesNotCallSelfSignedWhatOnlyNamesItself) {
  const EvpPkeyPtr root_key = test::make_key();
  const X509Ptr root = test::self_signed({.common_name = "Same"}, root_key.get());
  const EvpPkeyPtr key = test::make_key();
  const X509Ptr other =
      test::issued_by({.common_name = "Same"}, key.get(), root.get(), root_key.get());
  EXPECT_FALSE(
      parse_certificates(test::certificate_der(other.get())).certificates.at(0).self_signed());
}

TEST(CertificateParser, NamesTypesAndSizesOfKeys) {
  const EvpPkeyPtr rsa = test::make_rsa_key(2048);
  const EvpPkeyPtr ed25519 = test::make_ed25519_key();
  const std::string text = test::certificate_pem(test::self_signed({}, rsa.get()).get()) +
                           test::certificate_pem(test::self_signed({}, ed25519.get()).get());
  const ParsedCertificates parsed = parse_certificates(text);
  ASSERT_THAT(parsed.certificates, SizeIs(2));
  EXPECT_EQ(parsed.certificates[0].key_type(), "RSA");
  EXPECT_EQ(parsed.certificates[0].key_bits(), 2048U);
  EXPECT_EQ(parsed.certificates[0].signature_algorithm(), "sha256WithRSAEncryption");
  EXPECT_EQ(parsed.certificates[1].key_type(), "ED25519");
  EXPECT_EQ(parsed.certificates[1].signature_algorithm(), "ED25519");
}

TEST(CertificateParser, ReportsEveryCertificateOfAChainInItsOrder) {
  const EvpPkeyPtr key = test::make_key();
  std::string chain = "subject=/CN=leaf\nissuer=/CN=root\n";
  for (const std::string name : {"leaf", "intermediate", "root"}) {
    chain += test::certificate_pem(test::self_signed({.common_name = name}, key.get()).get());
    chain += "\n# a comment between\n";
  }
  const ParsedCertificates parsed = parse_certificates(chain);
  EXPECT_EQ(parsed.error, "");
  ASSERT_THAT(parsed.certificates, SizeIs(3));
  EXPECT_EQ(parsed.certificates[0].common_name(), "leaf");
  EXPECT_EQ(parsed.certificates[2].common_name(), "root");
}

TEST(CertificateParser, ReadsEveryNotationOfACertificate) {
  const EvpPkeyPtr key = test::make_key();
  const X509Ptr certificate = test::self_signed({}, key.get());
  const std::string pem = test::certificate_pem(certificate.get());
  const std::string one_line = [&] {
    const size_t body = pem.find('\n') + 1;
    const size_t end = pem.find("-----END");
    return pem.substr(0, body) + replaced(pem.substr(body, end - body), "\n", "") + "\n" +
           pem.substr(end);
  }();
  X509_add1_trust_object(certificate.get(), OBJ_nid2obj(NID_server_auth));
  const BioPtr trusted(BIO_new(BIO_s_mem()));
  ASSERT_EQ(PEM_write_bio_X509_AUX(trusted.get(), certificate.get()), 1);
  ASSERT_THAT(bio_content(trusted.get()), HasSubstr("BEGIN TRUSTED CERTIFICATE"));

  const std::string der = test::certificate_der(certificate.get());
  const std::pair<const char*, std::string> cases[] = {
      {"PEM", pem},
      {"DER", der},
      {"the older label", replaced(pem, "CERTIFICATE", "X509 CERTIFICATE")},
      {"with trust settings", bio_content(trusted.get())},
      {"CR LF", replaced(pem, "\n", "\r\n")},
      {"blanks behind the dashes", replaced(pem, "CERTIFICATE-----\n", "CERTIFICATE-----  \n")},
      {"no newline at the end", pem.substr(0, pem.size() - 1)},
      {"all base64 on one line", one_line},
  };
  for (const auto& [what, bytes] : cases) {
    const ParsedCertificates parsed = parse_certificates(bytes);
    EXPECT_EQ(parsed.error, "") << what;
    ASSERT_THAT(parsed.certificates, SizeIs(1)) << what;
    // The same fingerprint whatever stands around the certificate.
    EXPECT_EQ(parsed.certificates[0].sha256(), to_hex(sha256(der))) << what;
  }
}

TEST(CertificateParser, StepsOverThePrivateKeyBesideACertificate) {
  const EvpPkeyPtr key = test::make_key();
  const std::string certificate = test::certificate_pem(test::self_signed({}, key.get()).get());
  // Not even a damaged key is looked at.
  const std::string damaged = "-----BEGIN PRIVATE KEY-----\n!!!!\n-----END PRIVATE KEY-----\n";
  for (const std::string& text : {test::key_pem(key.get()) + certificate,
                                  certificate + test::key_pem(key.get()), damaged + certificate}) {
    const ParsedCertificates parsed = parse_certificates(text);
    EXPECT_EQ(parsed.error, "");
    EXPECT_THAT(parsed.certificates, SizeIs(1));
  }
}

TEST(CertificateParser, DoesNotReadIntoAKeyWhenTheEndOfACertificateIsMissing) {
  const EvpPkeyPtr key = test::make_key();
  const std::string pem = test::certificate_pem(test::self_signed({}, key.get()).get());
  const std::string open = pem.substr(0, pem.find("-----END"));
  const ParsedCertificates parsed = parse_certificates(open + test::key_pem(key.get()) + pem);
  EXPECT_THAT(parsed.certificates, SizeIs(1));
  EXPECT_THAT(parsed.error, HasSubstr("certificate 1: its END line is missing"));
}

TEST(CertificateParser, KeepsTheReadableOnesBesideABrokenOne) {
  const std::string pem = simple_pem();
  const std::string broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
  const ParsedCertificates parsed = parse_certificates(pem + broken + pem + broken);
  EXPECT_THAT(parsed.certificates, SizeIs(2));
  EXPECT_THAT(parsed.error, HasSubstr("certificate 2: it cannot be decoded"));
  EXPECT_THAT(parsed.error, HasSubstr("(and 1 more)"));
}

TEST(CertificateParser, SaysWhatIsWrong) {
  const EvpPkeyPtr key = test::make_key();
  const std::string der = test::certificate_der(test::self_signed({}, key.get()).get());
  const std::pair<std::string, std::string> cases[] = {
      {"", "it is empty"},
      {" \n\t", "it is empty"},
      {"hello", "it holds no certificate: it is neither PEM nor DER"},
      {"-----BEGIN CERTIFICATE----\nMIIB\n", "it holds no certificate: it is neither PEM nor DER"},
      {test::key_pem(key.get()), "it holds a key, parameters or a request, and no certificate"},
      {"-----BEGIN X509 CRL-----\nMIIB\n-----END X509 CRL-----\n",
       "revocation list 1: it cannot be decoded"},
      {"-----BEGIN X509 CRL-----\nMIIB\n", "revocation list 1: its END line is missing"},
      {der + "!", "as DER, 1 bytes follow its end"},
      {der.substr(0, der.size() - 1), "as DER, it cannot be decoded"},
      {"-----BEGIN CERTIFICATE-----\n", "certificate 1: its END line is missing"},
      {"-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n",
       "certificate 1: its PEM text is damaged"},
      {"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERT-----\n",
       "certificate 1: its PEM text is damaged"},
  };
  for (const auto& [bytes, error] : cases) {
    const ParsedCertificates parsed = parse_certificates(bytes);
    EXPECT_THAT(parsed.error, testing::StartsWith(error));
    EXPECT_THAT(parsed.certificates, SizeIs(0));
  }
}

TEST(CertificateParser, MakesADateThatCannotBeReadAnErrorAndNever1970) {
  const EvpPkeyPtr key = test::make_key();
  const X509Ptr certificate = test::self_signed({}, key.get());
  ASN1_STRING_set(X509_getm_notAfter(certificate.get()), "20260231000000Z", -1);
  ASSERT_GT(X509_sign(certificate.get(), key.get(), EVP_sha256()), 0);
  const ParsedCertificates parsed = parse_certificates(test::certificate_der(certificate.get()));
  EXPECT_THAT(parsed.certificates, SizeIs(0));
  EXPECT_EQ(parsed.error, "as DER, the date '20260231000000Z' cannot be read");
}

TEST(CertificateParser, IsExactInYearsFarAway) {
  const EvpPkeyPtr key = test::make_key();
  using std::chrono::sys_days;
  using std::chrono::year;
  const CertificateSpec spec{.not_before = TimePoint(sys_days(year(1) / 1 / 1)),
                             .not_after = TimePoint(sys_days(year(9999) / 12 / 31))};
  const v1::Certificate c =
      parse_certificates(test::certificate_der(test::self_signed(spec, key.get()).get()))
          .certificates.at(0);
  EXPECT_EQ(c.not_before().seconds(), -62135596800);
  EXPECT_EQ(c.not_after().seconds(), 253402214400);
}

TEST(CertificateParser, KeepsTheCertificateWhoseAlternativeNamesCannotBeRead) {
  const EvpPkeyPtr key = test::make_key();
  const X509Ptr certificate = test::self_signed({}, key.get());
  const std::string garbage = "\x30\x03\x02\x01";
  const std::unique_ptr<ASN1_OCTET_STRING, OpensslDeleter<ASN1_OCTET_STRING_free>> value(
      ASN1_OCTET_STRING_new());
  ASN1_OCTET_STRING_set(value.get(), reinterpret_cast<const unsigned char*>(garbage.data()),
                        static_cast<int>(garbage.size()));
  const std::unique_ptr<X509_EXTENSION, OpensslDeleter<X509_EXTENSION_free>> extension(
      X509_EXTENSION_create_by_NID(nullptr, NID_subject_alt_name, 0, value.get()));
  ASSERT_EQ(X509_add_ext(certificate.get(), extension.get(), -1), 1);
  ASSERT_GT(X509_sign(certificate.get(), key.get(), EVP_sha256()), 0);
  const ParsedCertificates parsed = parse_certificates(test::certificate_pem(certificate.get()));
  EXPECT_THAT(parsed.certificates, SizeIs(1));
  EXPECT_EQ(parsed.error, "certificate 1: its alternative names cannot be read");
}

TEST(CertificateParser, BoundsTheAlternativeNames) {
  CertificateSpec spec;
  for (int i = 0; i < 300; ++i)
    spec.subject_alternative_names.push_back(fmt::format("DNS:host{}.example.org", i));
  spec.subject_alternative_names[0] = "URI:https://example.org/" + std::string(2000, 'x');
  const EvpPkeyPtr key = test::make_key();
  const v1::Certificate c =
      parse_certificates(test::certificate_pem(test::self_signed(spec, key.get()).get()))
          .certificates.at(0);
  EXPECT_EQ(c.subject_alternative_names_size(), 256);
  EXPECT_EQ(c.names_omitted(), 44U);
  EXPECT_EQ(c.subject_alternative_names(0).size(), 512U);
}

TEST(CertificateParser, BoundsNamesAndSerial) {
  const EvpPkeyPtr key = test::make_key();
  const X509Ptr certificate = test::self_signed({.common_name = ""}, key.get());
  X509_NAME* const name = X509_get_subject_name(certificate.get());
  const std::string part(60, 'u');
  for (int i = 0; i < 50; ++i) {
    X509_NAME_add_entry_by_NID(name, NID_organizationalUnitName, MBSTRING_UTF8,
                               reinterpret_cast<const unsigned char*>(part.data()),
                               static_cast<int>(part.size()), -1, 0);
  }
  const std::string serial(1000, '\x7f');
  ASN1_STRING_set(X509_get_serialNumber(certificate.get()), serial.data(),
                  static_cast<int>(serial.size()));
  ASSERT_GT(X509_sign(certificate.get(), key.get(), EVP_sha256()), 0);
  const v1::Certificate c =
      parse_certificates(test::certificate_pem(certificate.get())).certificates.at(0);
  EXPECT_EQ(c.subject().size(), 1024U);
  EXPECT_EQ(c.common_name(), "");
  EXPECT_EQ(c.serial().size(), 256U);
}

TEST(CertificateParser, ShowsNamesAsHarmlessUtf8) {
  struct Case {
    int type;
    std::string name;
    std::string common_name;
    std::string subject;
  };
  const Case cases[] = {
      {V_ASN1_UTF8STRING, std::string("good.example\0.evil.example\n\x1b[2J", 31),
       "good.example\\x00.evil.example\\x0a\\x1b[2J",
       "CN=good.example\\00.evil.example\\0A\\1B[2J"},
      {V_ASN1_UTF8STRING, "b\xC3\xBCro", "b\xC3\xBCro", "CN=b\xC3\xBCro"},
      // Latin 1 in a T61String, as old authorities wrote it.
      {V_ASN1_T61STRING, "b\xFCro", "b\xC3\xBCro", "CN=b\xC3\xBCro"},
      {V_ASN1_UTF8STRING, "a,b=c", "a,b=c", "CN=a\\,b=c"},
      {V_ASN1_UTF8STRING, std::string(300, 'x'), std::string(253, 'x') + "\xE2\x80\xA6",
       "CN=" + std::string(300, 'x')},
  };
  const EvpPkeyPtr key = test::make_key();
  for (const Case& c : cases) {
    const X509Ptr certificate = test::self_signed({.common_name = ""}, key.get());
    ASSERT_EQ(
        X509_NAME_add_entry_by_NID(X509_get_subject_name(certificate.get()), NID_commonName, c.type,
                                   reinterpret_cast<const unsigned char*>(c.name.data()),
                                   static_cast<int>(c.name.size()), -1, 0),
        1);
    ASSERT_GT(X509_sign(certificate.get(), key.get(), EVP_sha256()), 0);
    const ParsedCertificates parsed = parse_certificates(test::certificate_pem(certificate.get()));
    ASSERT_THAT(parsed.certificates, SizeIs(1)) << parsed.error;
    EXPECT_EQ(parsed.certificates[0].common_name(), c.common_name);
    EXPECT_EQ(parsed.certificates[0].subject(), c.subject);
  }
}

TEST(CertificateParser, BoundsTheCertificatesOfAFile) {
  const std::string pem = simple_pem();
  std::string text;
  for (size_t i = 0; i < kMostCertificates; ++i)
    text += pem;
  EXPECT_EQ(parse_certificates(text).error, "");
  const ParsedCertificates parsed = parse_certificates(text + pem);
  EXPECT_THAT(parsed.certificates, SizeIs(1024));
  EXPECT_EQ(parsed.error, "it holds more than 1024 certificates: the others are left out");
}

TEST(CertificateParser, ClassifiesByTheOutsideOnly) {
  const EvpPkeyPtr key = test::make_key();
  const X509Ptr certificate = test::self_signed({}, key.get());
  const std::string request = "-----BEGIN CERTIFICATE REQUEST-----\nMII\n";
  const std::pair<std::string, CertificateContent> cases[] = {
      {"", CertificateContent::kEmpty},
      {"server { listen 443; }", CertificateContent::kOther},
      {"# -----BEGIN CERTIFICATE-----\n", CertificateContent::kOther},
      {test::certificate_pem(certificate.get()), CertificateContent::kCertificates},
      {test::key_pem(key.get()) + test::certificate_pem(certificate.get()),
       CertificateContent::kCertificates},
      {test::certificate_der(certificate.get()), CertificateContent::kDer},
      {test::key_pem(key.get()), CertificateContent::kKey},
      {"-----BEGIN ENCRYPTED PRIVATE KEY-----\nMII\n", CertificateContent::kKey},
      {"-----BEGIN OPENSSH PRIVATE KEY-----\nb3Bl\n", CertificateContent::kCompanion},
      {"-----BEGIN DH PARAMETERS-----\nMII\n", CertificateContent::kCompanion},
      {request, CertificateContent::kCompanion},
      {"-----BEGIN X509 CRL-----\nMII\n", CertificateContent::kRevocationList},
      // A PKCS #8 key and a PKCS #12 store as DER, the latter also as BER, and what is neither.
      {std::string("\x30\x82\x01\x00\x02\x01\x00", 7), CertificateContent::kDerKey},
      {std::string("\x30\x05\x02\x01\x03\x30\x00", 7), CertificateContent::kDerKey},
      {std::string("\x30\x80\x02\x01\x03\x30\x80\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x07\x01"),
       CertificateContent::kPkcs12},
      {std::string("\x30\x40\x02\x01\x03\x30\x20\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x07\x01"),
       CertificateContent::kPkcs12},
      {std::string("\xFE\xED\xFE\xED\x00\x00", 6), CertificateContent::kJavaKeyStore},
      {"\xCE\xCE\xCE\xCE", CertificateContent::kJavaKeyStore},
      {"apiVersion: v1\nkind: Config\nusers: []\n", CertificateContent::kKubeconfig},
      {R"({"kind": "Config", "clusters": []})", CertificateContent::kKubeconfig},
      {"kind: ConfigMap\nusers: []\n", CertificateContent::kOther},
      {"mankind: Config\nusers: []\n", CertificateContent::kOther},
      {"kind: Config\n", CertificateContent::kOther},
      {"-----BEGIN SOMETHING-----\nMII\n", CertificateContent::kOther},
  };
  for (const auto& [bytes, content] : cases)
    EXPECT_EQ(classify_certificate_content(bytes), content) << bytes;
}

}  // namespace
}  // namespace muster
