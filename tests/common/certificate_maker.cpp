#include "tests/common/certificate_maker.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <cstdlib>

namespace muster::test {
namespace {

void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "certificate_maker: %s failed\n", what);
  ERR_print_errors_fp(stderr);
  std::abort();
}

void set_name(X509_NAME* name, const std::string& common_name) {
  if (common_name.empty()) return;
  require(X509_NAME_add_entry_by_NID(name, NID_commonName, MBSTRING_UTF8,
                                     reinterpret_cast<const unsigned char*>(common_name.data()),
                                     static_cast<int>(common_name.size()), -1, 0) == 1,
          "the name");
}

// RFC 5280: UTCTime through 2049, GeneralizedTime from then on and before 1950.
void set_time(ASN1_TIME* time, TimePoint point) {
  const auto day = std::chrono::floor<std::chrono::days>(point);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss clock{std::chrono::floor<std::chrono::seconds>(point - day)};
  const std::string text =
      fmt::format("{:04}{:02}{:02}{:02}{:02}{:02}Z", static_cast<int>(date.year()),
                  static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                  clock.hours().count(), clock.minutes().count(), clock.seconds().count());
  require(ASN1_TIME_set_string_X509(time, text.c_str()) == 1, "the time");
}

void add_extension(X509* certificate, int kind, const std::string& value) {
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, kind, value.c_str());
  require(extension != nullptr, value.c_str());
  require(X509_add_ext(certificate, extension, -1) == 1, "adding an extension");
  X509_EXTENSION_free(extension);
}

const EVP_MD* digest_for(EVP_PKEY* key) {
  return EVP_PKEY_is_a(key, "ED25519") == 1 ? nullptr : EVP_sha256();
}

X509Ptr make(const CertificateSpec& spec, EVP_PKEY* key, const X509_NAME* issuer,
             EVP_PKEY* issuer_key) {
  X509Ptr certificate(X509_new());
  X509* const x = certificate.get();
  require(X509_set_version(x, X509_VERSION_3) == 1, "the version");
  require(ASN1_INTEGER_set_uint64(X509_get_serialNumber(x), spec.serial) == 1, "the serial");
  set_time(X509_getm_notBefore(x), spec.not_before);
  set_time(X509_getm_notAfter(x), spec.not_after);
  set_name(X509_get_subject_name(x), spec.common_name);
  require(X509_set_issuer_name(x, issuer != nullptr ? issuer : X509_get_subject_name(x)) == 1,
          "the issuer");
  require(X509_set_pubkey(x, key) == 1, "the public key");
  if (spec.is_authority) {
    add_extension(x, NID_basic_constraints, "critical,CA:TRUE");
    add_extension(x, NID_key_usage, "critical,keyCertSign,cRLSign");
  }
  if (!spec.subject_alternative_names.empty()) {
    add_extension(x, NID_subject_alt_name,
                  fmt::format("{}", fmt::join(spec.subject_alternative_names, ",")));
  }
  if (!spec.extended_key_usages.empty()) {
    add_extension(x, NID_ext_key_usage,
                  fmt::format("{}", fmt::join(spec.extended_key_usages, ",")));
  }
  require(X509_sign(x, issuer_key, digest_for(issuer_key)) > 0, "signing");
  return certificate;
}

}  // namespace

EvpPkeyPtr make_key() {
  EvpPkeyPtr key(EVP_EC_gen("P-256"));
  require(key != nullptr, "making a key");
  return key;
}

EvpPkeyPtr make_rsa_key(unsigned bits) {
  EvpPkeyPtr key(EVP_RSA_gen(bits));
  require(key != nullptr, "making an RSA key");
  return key;
}

EvpPkeyPtr make_ed25519_key() {
  EvpPkeyPtr key(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
  require(key != nullptr, "making an Ed25519 key");
  return key;
}

X509Ptr self_signed(const CertificateSpec& spec, EVP_PKEY* key) {
  return make(spec, key, nullptr, key);
}

X509Ptr issued_by(const CertificateSpec& spec, EVP_PKEY* key, const X509* issuer,
                  EVP_PKEY* issuer_key) {
  return make(spec, key, X509_get_subject_name(issuer), issuer_key);
}

std::string certificate_pem(X509* certificate) {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  require(PEM_write_bio_X509(bio.get(), certificate) == 1, "writing PEM");
  return bio_content(bio.get());
}

std::string certificate_der(X509* certificate) {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  require(i2d_X509_bio(bio.get(), certificate) == 1, "writing DER");
  return bio_content(bio.get());
}

std::string key_pem(EVP_PKEY* key) {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  require(PEM_write_bio_PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr) == 1,
          "writing the key");
  return bio_content(bio.get());
}

}  // namespace muster::test
