#include "tests/agent/probes/certificates/key_store_maker.h"

#include <openssl/asn1.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/x509v3.h>

#include <array>
#include <cstdlib>
#include <memory>

namespace muster::test {
namespace {

using Pkcs12Ptr = std::unique_ptr<PKCS12, OpensslDeleter<PKCS12_free>>;
using CrlPtr = std::unique_ptr<X509_CRL, OpensslDeleter<X509_CRL_free>>;
using SigPtr = std::unique_ptr<X509_SIG, OpensslDeleter<X509_SIG_free>>;
using Pkcs8Ptr = std::unique_ptr<PKCS8_PRIV_KEY_INFO, OpensslDeleter<PKCS8_PRIV_KEY_INFO_free>>;

void require(bool holds) {
  if (!holds) std::abort();
}

template <typename Object, typename Encode>
std::string der_of(Object* object, Encode encode) {
  unsigned char* der = nullptr;
  const int size = encode(object, &der);
  require(size > 0);
  std::string bytes(reinterpret_cast<const char*>(der), static_cast<size_t>(size));
  OPENSSL_free(der);
  return bytes;
}

std::string big_endian(uint64_t value, int bytes) {
  std::string text;
  for (int i = bytes - 1; i >= 0; --i)
    text += static_cast<char>(value >> (8 * i));
  return text;
}

std::string java_text(std::string_view text) {
  return big_endian(text.size(), 2) + std::string(text);
}

CrlPtr make_list(const RevocationListSpec& spec, const X509* issuer, EVP_PKEY* key) {
  CrlPtr list(X509_CRL_new());
  require(X509_CRL_set_version(list.get(), 1) == 1);
  require(X509_CRL_set_issuer_name(list.get(), X509_get_subject_name(issuer)) == 1);
  const auto time = [](TimePoint at) { return std::chrono::system_clock::to_time_t(at); };
  const std::unique_ptr<ASN1_TIME, OpensslDeleter<ASN1_TIME_free>> first(
      ASN1_TIME_set(nullptr, time(spec.this_update)));
  require(X509_CRL_set1_lastUpdate(list.get(), first.get()) == 1);
  if (spec.next_update > spec.this_update) {
    const std::unique_ptr<ASN1_TIME, OpensslDeleter<ASN1_TIME_free>> next(
        ASN1_TIME_set(nullptr, time(spec.next_update)));
    require(X509_CRL_set1_nextUpdate(list.get(), next.get()) == 1);
  }
  for (int i = 0; i < spec.revoked; ++i) {
    X509_REVOKED* entry = X509_REVOKED_new();
    const std::unique_ptr<ASN1_INTEGER, OpensslDeleter<ASN1_INTEGER_free>> serial(
        ASN1_INTEGER_new());
    ASN1_INTEGER_set(serial.get(), i + 1);
    require(X509_REVOKED_set_serialNumber(entry, serial.get()) == 1);
    require(X509_REVOKED_set_revocationDate(entry, first.get()) == 1);
    require(X509_CRL_add0_revoked(list.get(), entry) == 1);
  }
  if (spec.number > 0) {
    const std::unique_ptr<ASN1_INTEGER, OpensslDeleter<ASN1_INTEGER_free>> number(
        ASN1_INTEGER_new());
    ASN1_INTEGER_set_uint64(number.get(), spec.number);
    require(X509_CRL_add1_ext_i2d(list.get(), NID_crl_number, number.get(), 0, 0) == 1);
  }
  require(X509_CRL_sign(list.get(), key, EVP_sha256()) > 0);
  return list;
}

}  // namespace

std::string make_pkcs12(const Pkcs12Spec& spec, EVP_PKEY* key, X509* certificate) {
  STACK_OF(X509)* others = sk_X509_new_null();
  for (X509* other : spec.others)
    sk_X509_push(others, other);
  const Pkcs12Ptr store(PKCS12_create(
      spec.password.c_str(), spec.name.empty() ? nullptr : spec.name.c_str(), key, certificate,
      others, spec.key_cipher, spec.certificate_cipher, spec.rounds, spec.mac_rounds, 0));
  sk_X509_free(others);
  require(store != nullptr);
  return der_of(store.get(), [](PKCS12* p, unsigned char** out) { return i2d_PKCS12(p, out); });
}

namespace {

constexpr char kSequence = '\x30';
constexpr char kOctets = '\x04';

std::string der(char tag, std::string_view content) {
  const std::string size = content.size() < 0x80      ? big_endian(content.size(), 1)
                           : content.size() < 0x10000 ? "\x82" + big_endian(content.size(), 2)
                                                      : "\x83" + big_endian(content.size(), 3);
  return tag + size + std::string(content);
}

std::string der_number(int value) {
  const std::unique_ptr<ASN1_INTEGER, OpensslDeleter<ASN1_INTEGER_free>> number(ASN1_INTEGER_new());
  require(ASN1_INTEGER_set(number.get(), value) == 1);
  return der_of(number.get(),
                [](ASN1_INTEGER* n, unsigned char** out) { return i2d_ASN1_INTEGER(n, out); });
}

std::string der_algorithm(int nid, std::string_view parameters) {
  return der(kSequence, der_of(OBJ_nid2obj(nid), [](const ASN1_OBJECT* o, unsigned char** out) {
                          return i2d_ASN1_OBJECT(o, out);
                        }) + std::string(parameters));
}

// What is in the value at the front of `text`, which loses it.
std::string_view take(std::string_view& text) {
  const auto* begin = reinterpret_cast<const unsigned char*>(text.data());
  const unsigned char* at = begin;
  long size = 0;
  int tag = 0;
  int kind = 0;
  require((ASN1_get_object(&at, &size, &tag, &kind, static_cast<long>(text.size())) & 0x80) == 0);
  const auto head = static_cast<size_t>(at - begin);
  const std::string_view content = text.substr(head, static_cast<size_t>(size));
  text.remove_prefix(head + content.size());
  return content;
}

}  // namespace

std::string pbmac1_algorithm(std::string_view salt, int rounds) {
  const std::string null("\x05\0", 2);
  const std::string hash = der_algorithm(NID_hmacWithSHA256, null);
  const std::string derivation = der_algorithm(
      NID_id_pbkdf2,
      der(kSequence, der(kOctets, salt) + der_number(rounds) + der_number(32) + hash));
  return der_algorithm(NID_pbmac1, der(kSequence, derivation + hash));
}

std::string sealed_by_pbmac1(std::string_view store, std::string_view password, int rounds) {
  // PFX: a version and, in [0] of a ContentInfo, the octets that are sealed.
  std::string_view outer = store;
  const std::string inside(take(outer));
  std::string_view parts = inside;
  take(parts);
  std::string_view content = take(parts);
  take(content);
  std::string_view explicit_octets = take(content);
  const std::string_view sealed = take(explicit_octets);
  const std::string_view salt = "saltsalt";
  std::array<unsigned char, 32> key{};
  require(PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()),
                            reinterpret_cast<const unsigned char*>(salt.data()),
                            static_cast<int>(salt.size()), rounds, EVP_sha256(),
                            static_cast<int>(key.size()), key.data()) == 1);
  std::array<unsigned char, 32> mac{};
  unsigned int size = 0;
  require(HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
               reinterpret_cast<const unsigned char*>(sealed.data()), sealed.size(), mac.data(),
               &size) != nullptr);
  const std::string_view digest(reinterpret_cast<const char*>(mac.data()), size);
  const std::string seal =
      der(kSequence, der(kSequence, pbmac1_algorithm(salt, rounds) + der(kOctets, digest)) +
                         der(kOctets, "NOT USED"));
  return der(kSequence, inside + seal);
}

JavaStore::JavaStore(std::string_view magic, uint32_t version) : magic_(magic), version_(version) {}

void JavaStore::begin(uint32_t tag, std::string_view alias) {
  ++entries_;
  body_ += big_endian(tag, 4) + java_text(alias) + big_endian(1'767'225'600'000, 8);
}

void JavaStore::certificate(std::string_view der, std::string_view type) {
  if (version_ == 2) body_ += java_text(type);
  body_ += big_endian(der.size(), 4) + std::string(der);
}

JavaStore& JavaStore::trusted(std::string_view alias, std::string_view der, std::string_view type) {
  begin(2, alias);
  certificate(der, type);
  return *this;
}

JavaStore& JavaStore::private_key(std::string_view alias, const std::vector<std::string>& chain) {
  begin(1, alias);
  body_ += big_endian(5, 4) + "12345" + big_endian(chain.size(), 4);
  for (const std::string& der : chain)
    certificate(der, "X.509");
  return *this;
}

JavaStore& JavaStore::secret_key(std::string_view alias) {
  begin(3, alias);
  body_ += "\xAC\xED serialized";
  return *this;
}

JavaStore& JavaStore::raw(std::string_view bytes, uint32_t entries) {
  entries_ += entries;
  body_ += bytes;
  return *this;
}

std::string JavaStore::finish(std::string_view password) const {
  const std::string content = magic_ + big_endian(version_, 4) + big_endian(entries_, 4) + body_;
  std::string sealed;
  for (const char c : password)
    sealed += std::string(1, '\0') + c;
  sealed += "Mighty Aphrodite" + content;
  std::string digest(20, '\0');
  require(EVP_Digest(sealed.data(), sealed.size(), reinterpret_cast<unsigned char*>(digest.data()),
                     nullptr, EVP_sha1(), nullptr) == 1);
  return content + digest;
}

std::string revocation_list_der(const RevocationListSpec& spec, const X509* issuer, EVP_PKEY* key) {
  return der_of(make_list(spec, issuer, key).get(),
                [](X509_CRL* list, unsigned char** out) { return i2d_X509_CRL(list, out); });
}

std::string revocation_list_pem(const RevocationListSpec& spec, const X509* issuer, EVP_PKEY* key) {
  const BioPtr text(BIO_new(BIO_s_mem()));
  require(PEM_write_bio_X509_CRL(text.get(), make_list(spec, issuer, key).get()) == 1);
  return bio_content(text.get());
}

std::string encrypted_key_pem(EVP_PKEY* key, std::string_view password, int rounds) {
  const Pkcs8Ptr plain(EVP_PKEY2PKCS8(key));
  const SigPtr encrypted(PKCS8_encrypt(-1, EVP_aes_256_cbc(), password.data(),
                                       static_cast<int>(password.size()), nullptr, 0, rounds,
                                       plain.get()));
  require(encrypted != nullptr);
  const BioPtr text(BIO_new(BIO_s_mem()));
  require(PEM_write_bio_PKCS8(text.get(), encrypted.get()) == 1);
  return bio_content(text.get());
}

std::string traditional_key_pem(EVP_PKEY* key, std::string_view password) {
  const BioPtr text(BIO_new(BIO_s_mem()));
  const auto* secret = reinterpret_cast<const unsigned char*>(password.data());
  require(PEM_write_bio_PrivateKey_traditional(
              text.get(), key, password.empty() ? nullptr : EVP_aes_128_cbc(), secret,
              static_cast<int>(password.size()), nullptr, nullptr) == 1);
  return bio_content(text.get());
}

}  // namespace muster::test
