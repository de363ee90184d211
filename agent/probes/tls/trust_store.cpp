#include "agent/probes/tls/trust_store.h"

#include <openssl/asn1.h>
#include <openssl/err.h>
#include <openssl/evp.h>

#include <utility>

#include "agent/probes/certificates/pem_blocks.h"
#include "agent/probes/tls/der_reader.h"

namespace muster::tls {
namespace {

using EncodeCtxPtr = std::unique_ptr<EVP_ENCODE_CTX, OpensslDeleter<EVP_ENCODE_CTX_free>>;

// The bytes of a PEM block; empty where its base64 is damaged.
std::string decoded_block(std::string_view block) {
  const size_t begin = block.find('\n');
  const size_t end = block.find("-----END");
  if (begin == std::string_view::npos || end == std::string_view::npos || end < begin) return {};
  const std::string_view text = block.substr(begin, end - begin);
  std::string bytes(text.size(), '\0');
  const EncodeCtxPtr context(EVP_ENCODE_CTX_new());
  EVP_DecodeInit(context.get());
  auto* const out = reinterpret_cast<unsigned char*>(bytes.data());
  int size = 0;
  int rest = 0;
  if (EVP_DecodeUpdate(context.get(), out, &size,
                       reinterpret_cast<const unsigned char*>(text.data()),
                       static_cast<int>(text.size())) < 0 ||
      EVP_DecodeFinal(context.get(), out + size, &rest) < 0) {
    return {};
  }
  bytes.resize(static_cast<size_t>(size) + static_cast<size_t>(rest));
  return bytes;
}

// The subject of a certificate, with its tag and length; empty where there is none.
//   Certificate ::= SEQUENCE { SEQUENCE { [0] version OPTIONAL, serial, algorithm, issuer,
//   validity,
//                                         subject, … }, … }
std::string_view subject_of(std::string_view certificate) {
  DerReader outer(certificate);
  DerReader fields(DerReader(outer.take(V_ASN1_SEQUENCE).content).take(V_ASN1_SEQUENCE).content);
  fields.take_context(0);
  fields.take(V_ASN1_INTEGER);
  for (int skipped = 0; skipped < 3; ++skipped)
    fields.take(V_ASN1_SEQUENCE);
  const DerValue subject = fields.take(V_ASN1_SEQUENCE);
  return fields.ok() ? subject.whole : std::string_view();
}

std::string_view bytes_of(const X509_NAME* name) {
  const unsigned char* bytes = nullptr;
  size_t size = 0;
  if (X509_NAME_get0_der(name, &bytes, &size) != 1) return {};
  return {reinterpret_cast<const char*>(bytes), size};
}

}  // namespace

TrustStore::Authorities::Authorities(std::string_view pem) {
  for (const PemBlock& block : find_pem_blocks(pem)) {
    // OpenSSL's TRUSTED CERTIFICATE may say that it is not to be trusted for servers: left out.
    if (block.label != "CERTIFICATE" && block.label != "X509 CERTIFICATE") continue;
    if (entries_.size() == kMost) break;
    add(decoded_block(block.text));
  }
  decoded_.resize(entries_.size());
  for (size_t i = 0; i < entries_.size(); ++i) {
    // Once they lie still: a short string moves with its object.
    entries_[i].subject = subject_of(entries_[i].der);
    by_bytes_.emplace(entries_[i].subject, i);
  }
}

std::unique_ptr<TrustStore::Authorities> TrustStore::Authorities::missing(std::string why) {
  std::unique_ptr<Authorities> none(new Authorities());
  none->missing_why_ = std::move(why);
  return none;
}

void TrustStore::Authorities::add(std::string der) {
  if (!subject_of(der).empty()) entries_.push_back({.der = std::move(der), .subject = {}});
}

std::vector<size_t> TrustStore::Authorities::find(const X509_NAME* name) const {
  std::vector<size_t> found;
  const auto [begin, end] = by_bytes_.equal_range(bytes_of(name));
  for (auto entry = begin; entry != end; ++entry)
    found.push_back(entry->second);
  if (!found.empty()) return found;
  // The same name may be written in another type of string or in other capitals.
  if (subjects_.empty()) {
    for (const Entry& entry : entries_) {
      const auto* cursor = reinterpret_cast<const unsigned char*>(entry.subject.data());
      subjects_.emplace_back(
          d2i_X509_NAME(nullptr, &cursor, static_cast<long>(entry.subject.size())));
    }
  }
  for (size_t i = 0; i < subjects_.size(); ++i) {
    if (subjects_[i] != nullptr && X509_NAME_cmp(subjects_[i].get(), name) == 0) found.push_back(i);
  }
  return found;
}

std::vector<X509*> TrustStore::Authorities::with_subject(const X509_NAME* name) const {
  const std::lock_guard lock(mutex_);
  std::vector<X509*> found;
  for (const size_t i : find(name)) {
    if (decoded_[i] == nullptr) {
      const auto* cursor = reinterpret_cast<const unsigned char*>(entries_[i].der.data());
      decoded_[i].reset(d2i_X509(nullptr, &cursor, static_cast<long>(entries_[i].der.size())));
    }
    if (decoded_[i] != nullptr) found.push_back(decoded_[i].get());
  }
  ERR_clear_error();
  return found;
}

TrustStore::TrustStore(std::unique_ptr<Authorities> authorities)
    : authorities_(std::move(authorities)) {}
TrustStore::TrustStore(TrustStore&&) noexcept = default;
TrustStore& TrustStore::operator=(TrustStore&&) noexcept = default;
TrustStore::~TrustStore() = default;

absl::StatusOr<TrustStore> TrustStore::from_bundle(std::string_view pem) {
  auto authorities = std::make_unique<Authorities>(pem);
  if (authorities->size() == 0) {
    return absl::InvalidArgumentError("there is no certificate in it");
  }
  return TrustStore(std::move(authorities));
}

TrustStore TrustStore::missing(std::string why) {
  return TrustStore(Authorities::missing(std::move(why)));
}

}  // namespace muster::tls
