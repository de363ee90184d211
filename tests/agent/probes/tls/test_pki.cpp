#include "tests/agent/probes/tls/test_pki.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <cstdlib>
#include <iterator>

#include "tests/common/certificate_maker.h"

namespace muster::tls::test {
namespace {

constexpr long kDay = 24L * 60 * 60;

void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "test_pki: %s failed\n", what);
  ERR_print_errors_fp(stderr);
  std::abort();
}

void add_extensions(X509* certificate, X509* issuer, const IdentitySpec& spec) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  std::vector<std::pair<int, std::string>> extensions = spec.extensions;
  if (spec.key_ids) {
    extensions.emplace_back(NID_subject_key_identifier, "hash");
    if (issuer != certificate && X509_get_ext_by_NID(issuer, NID_subject_key_identifier, -1) >= 0) {
      extensions.emplace_back(NID_authority_key_identifier, "keyid:always");
    }
  }
  for (const auto& [kind, value] : extensions) {
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
    require(extension != nullptr, value.c_str());
    require(X509_add_ext(certificate, extension, -1) == 1, "adding an extension");
    X509_EXTENSION_free(extension);
  }
}

}  // namespace

std::string Identity::der() const {
  return muster::test::certificate_der(certificate.get());
}

std::string Identity::pem() const {
  return muster::test::certificate_pem(certificate.get());
}

Identity make_identity(const IdentitySpec& spec, const Identity* issuer) {
  Identity made{.certificate = X509Ptr(X509_new()), .key = {}};
  if (spec.key != nullptr) EVP_PKEY_up_ref(spec.key);
  made.key = spec.key != nullptr ? EvpPkeyPtr(spec.key) : muster::test::make_key();
  X509* const x = made.certificate.get();
  require(X509_set_version(x, spec.version) == 1, "the version");
  ASN1_INTEGER_set(X509_get_serialNumber(x), spec.serial);
  X509_gmtime_adj(X509_getm_notBefore(x), spec.from * kDay);
  X509_gmtime_adj(X509_getm_notAfter(x), spec.until * kDay);
  require(X509_NAME_add_entry_by_NID(X509_get_subject_name(x), NID_commonName, spec.name_type,
                                     reinterpret_cast<const unsigned char*>(spec.name.data()),
                                     static_cast<int>(spec.name.size()), -1, 0) == 1,
          "the name");
  X509* const signer = issuer == nullptr ? x : issuer->certificate.get();
  X509_set_issuer_name(x, X509_get_subject_name(signer));
  X509_set_pubkey(x, made.key.get());
  if (spec.version == X509_VERSION_3) add_extensions(x, signer, spec);
  EVP_PKEY* const signing = issuer == nullptr ? made.key.get() : issuer->key.get();
  const EVP_MD* const digest = EVP_PKEY_is_a(signing, "ED25519") == 1 ? nullptr : spec.digest;
  require(X509_sign(x, signing, digest) > 0, "signing");
  return made;
}

Identity make_authority(const std::string& name, const Identity* issuer,
                        std::vector<std::pair<int, std::string>> more) {
  IdentitySpec spec{.name = name, .extensions = {{NID_key_usage, "critical,keyCertSign,cRLSign"}}};
  bool has_constraints = false;
  for (auto& extension : more) {
    has_constraints = has_constraints || extension.first == NID_basic_constraints;
    if (extension.first == NID_key_usage) spec.extensions.clear();
    spec.extensions.push_back(std::move(extension));
  }
  if (!has_constraints) spec.extensions.emplace_back(NID_basic_constraints, "critical,CA:TRUE");
  return make_identity(spec, issuer);
}

Identity make_leaf(const std::string& name, const Identity& issuer,
                   std::vector<std::pair<int, std::string>> more) {
  IdentitySpec spec{
      .name = name, .extensions = {{NID_subject_alt_name, "DNS:" + name}}, .serial = 42};
  spec.extensions.insert(spec.extensions.end(), std::make_move_iterator(more.begin()),
                         std::make_move_iterator(more.end()));
  return make_identity(spec, &issuer);
}

Identity cross_signed(const Identity& authority, const Identity& issuer) {
  Identity crossed{.certificate = X509Ptr(X509_dup(authority.certificate.get())), .key = {}};
  X509* const x = crossed.certificate.get();
  X509_set_issuer_name(x, X509_get_subject_name(issuer.certificate.get()));
  const int old = X509_get_ext_by_NID(x, NID_authority_key_identifier, -1);
  if (old >= 0) X509_EXTENSION_free(X509_delete_ext(x, old));
  require(X509_sign(x, issuer.key.get(), EVP_sha256()) > 0, "signing");
  EVP_PKEY_up_ref(authority.key.get());
  crossed.key.reset(authority.key.get());
  return crossed;
}

std::vector<std::string> ders_of(const std::vector<const Identity*>& chain) {
  std::vector<std::string> ders;
  for (const Identity* identity : chain)
    ders.push_back(identity->der());
  return ders;
}

std::string pems_of(const std::vector<const Identity*>& certificates) {
  std::string pems;
  for (const Identity* identity : certificates)
    pems += identity->pem();
  return pems;
}

}  // namespace muster::tls::test
