#include "collector/identity/certificate_builder.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

#include "common/digest.h"
#include "common/text.h"

namespace muster::collector {
namespace {

constexpr size_t kCommonNameLimit = 64;
constexpr size_t kDnsNameLimit = 253;
constexpr size_t kSerialBytes = 16;

using X509ExtensionPtr = std::unique_ptr<X509_EXTENSION, OpensslDeleter<X509_EXTENSION_free>>;
using BignumPtr = std::unique_ptr<BIGNUM, OpensslDeleter<BN_free>>;

absl::Status add_extension(X509* certificate, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const X509ExtensionPtr extension(X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()));
  if (extension == nullptr || X509_add_ext(certificate, extension.get(), -1) != 1) {
    return openssl_error(fmt::format("adding {} \"{}\"", OBJ_nid2sn(nid), value));
  }
  return absl::OkStatus();
}

absl::Status set_serial(X509* certificate) {
  std::string bytes = random_bytes(kSerialBytes);
  // Positive and never zero, as RFC 5280 wants.
  bytes[0] = static_cast<char>((bytes[0] & 0x7f) | 0x40);
  const BignumPtr number(BN_bin2bn(reinterpret_cast<const unsigned char*>(bytes.data()),
                                   static_cast<int>(bytes.size()), nullptr));
  if (number == nullptr ||
      BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)) == nullptr) {
    return openssl_error("setting the serial number");
  }
  return absl::OkStatus();
}

absl::Status set_time(ASN1_TIME* target, TimePoint time) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
  if (ASN1_TIME_set(target, seconds) == nullptr) return openssl_error("setting a validity");
  return absl::OkStatus();
}

absl::Status add_to_subject(X509* certificate, int nid, const std::string& value) {
  if (X509_NAME_add_entry_by_NID(X509_get_subject_name(certificate), nid, MBSTRING_UTF8,
                                 reinterpret_cast<const unsigned char*>(value.data()),
                                 static_cast<int>(value.size()), -1, 0) != 1) {
    return openssl_error("setting the subject");
  }
  return absl::OkStatus();
}

absl::Status set_subject(X509* certificate, const CertificateContent& content) {
  absl::Status status = add_to_subject(certificate, NID_commonName,
                                       truncate_utf8(content.common_name, kCommonNameLimit));
  if (!status.ok() || content.generation == 0) return status;
  return add_to_subject(certificate, NID_generationQualifier, std::to_string(content.generation));
}

absl::Status add_extensions(X509* certificate, X509* issuer, const CertificateContent& content) {
  struct Extension {
    int nid;
    std::string value;
  };
  std::vector<Extension> extensions;
  switch (content.usage) {
    case CertificateUsage::kAuthority:
      extensions = {{NID_basic_constraints, "critical,CA:TRUE,pathlen:0"},
                    {NID_key_usage, "critical,keyCertSign,cRLSign"}};
      break;
    case CertificateUsage::kServer:
      extensions = {{NID_basic_constraints, "critical,CA:FALSE"},
                    {NID_key_usage, "critical,digitalSignature"},
                    {NID_ext_key_usage, "serverAuth"}};
      break;
    case CertificateUsage::kClient:
      extensions = {{NID_basic_constraints, "critical,CA:FALSE"},
                    {NID_key_usage, "critical,digitalSignature"},
                    {NID_ext_key_usage, "clientAuth"}};
      break;
  }
  extensions.push_back({NID_subject_key_identifier, "hash"});
  if (issuer != certificate) extensions.push_back({NID_authority_key_identifier, "keyid:always"});
  if (!content.alternative_names.empty()) {
    extensions.push_back(
        {NID_subject_alt_name, fmt::format("{}", fmt::join(content.alternative_names, ","))});
  }
  for (const Extension& extension : extensions) {
    absl::Status status = add_extension(certificate, issuer, extension.nid, extension.value);
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

bool is_dns_name(std::string_view name) {
  if (name.starts_with("*.")) name.remove_prefix(2);
  if (name.empty() || name.size() > kDnsNameLimit || name.front() == '.' || name.front() == '-') {
    return false;
  }
  return std::all_of(name.begin(), name.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '.' || c == '_';
  });
}

}  // namespace

absl::StatusOr<EvpPkeyPtr> generate_key() {
  EvpPkeyPtr key(EVP_EC_gen("P-256"));
  if (key == nullptr) return openssl_error("making a key");
  return key;
}

absl::StatusOr<X509Ptr> build_certificate(const CertificateContent& content, EVP_PKEY* subject_key,
                                          X509* issuer, EVP_PKEY* issuer_key) {
  X509Ptr certificate(X509_new());
  if (certificate == nullptr || X509_set_version(certificate.get(), X509_VERSION_3) != 1) {
    return openssl_error("making a certificate");
  }
  absl::Status status = set_serial(certificate.get());
  if (status.ok()) status = set_time(X509_getm_notBefore(certificate.get()), content.not_before);
  if (status.ok()) status = set_time(X509_getm_notAfter(certificate.get()), content.not_after);
  if (status.ok()) status = set_subject(certificate.get(), content);
  if (!status.ok()) return status;

  X509* signer = issuer != nullptr ? issuer : certificate.get();
  if (X509_set_issuer_name(certificate.get(), X509_get_subject_name(signer)) != 1 ||
      X509_set_pubkey(certificate.get(), subject_key) != 1) {
    return openssl_error("setting the key");
  }
  status = add_extensions(certificate.get(), signer, content);
  if (!status.ok()) return status;
  // Ed25519 brings its own digest and accepts none.
  const EVP_MD* digest = EVP_PKEY_get_id(issuer_key) == EVP_PKEY_ED25519 ? nullptr : EVP_sha256();
  if (X509_sign(certificate.get(), issuer_key, digest) == 0) {
    return openssl_error("signing a certificate");
  }
  return certificate;
}

absl::StatusOr<std::string> server_alternative_name(std::string_view name) {
  const std::string text(name);
  std::array<unsigned char, sizeof(in6_addr)> address{};
  if (inet_pton(AF_INET, text.c_str(), address.data()) == 1 ||
      inet_pton(AF_INET6, text.c_str(), address.data()) == 1) {
    return "IP:" + text;
  }
  // Anything else would reach OpenSSL's configuration syntax: a comma would add a second name.
  if (is_dns_name(name)) return "DNS:" + text;
  return absl::InvalidArgumentError(
      fmt::format("\"{}\" is neither a DNS name nor an IP address", printable(name, 300)));
}

absl::StatusOr<std::string> to_pem(X509* certificate) {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  if (bio == nullptr || PEM_write_bio_X509(bio.get(), certificate) != 1) {
    return openssl_error("writing a certificate");
  }
  return bio_content(bio.get());
}

absl::StatusOr<KeyPair> to_key_pair(X509* certificate, EVP_PKEY* key) {
  absl::StatusOr<std::string> pem = to_pem(certificate);
  if (!pem.ok()) return pem.status();
  const BioPtr bio(BIO_new(BIO_s_mem()));
  if (bio == nullptr ||
      PEM_write_bio_PKCS8PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr) != 1) {
    return openssl_error("writing a key");
  }
  return KeyPair{.certificate = *std::move(pem), .key = bio_content(bio.get())};
}

}  // namespace muster::collector
