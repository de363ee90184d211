#include "agent/probes/certificates/pkcs12_reader.h"

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pkcs12.h>

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "agent/probes/certificates/certificate_parser.h"
#include "agent/probes/certificates/encryption_rounds.h"
#include "agent/probes/certificates/legacy_ciphers.h"
#include "agent/probes/certificates/private_key.h"
#include "agent/probes/certificates/problem_list.h"
#include "agent/probes/certificates/revocation_list_fields.h"
#include "common/openssl.h"
#include "common/text.h"

namespace muster {
namespace {

// Bags in bags.
constexpr int kDeepest = 4;

void free_bags(STACK_OF(PKCS12_SAFEBAG) * bags) {
  sk_PKCS12_SAFEBAG_pop_free(bags, PKCS12_SAFEBAG_free);
}
void free_safes(STACK_OF(PKCS7) * safes) {
  sk_PKCS7_pop_free(safes, PKCS7_free);
}
struct FreeMemory {
  void operator()(void* memory) const { OPENSSL_free(memory); }
};
using Pkcs12Ptr = std::unique_ptr<PKCS12, OpensslDeleter<PKCS12_free>>;
using BagsPtr = std::unique_ptr<STACK_OF(PKCS12_SAFEBAG), OpensslDeleter<free_bags>>;
using SafesPtr = std::unique_ptr<STACK_OF(PKCS7), OpensslDeleter<free_safes>>;
using X509CrlPtr = std::unique_ptr<X509_CRL, OpensslDeleter<X509_CRL_free>>;

// A password to try; absent is not the same as empty.
using Password = std::optional<std::string_view>;

const char* data_of(const Password& password) {
  if (!password.has_value()) return nullptr;
  return password->empty() ? "" : password->data();
}
int size_of(const Password& password) {
  return password.has_value() ? static_cast<int>(password->size()) : 0;
}

// The algorithm of an encrypted safe; null where it is not made as one.
const X509_ALGOR* algorithm_of(const PKCS7* safe) {
  const PKCS7_ENCRYPT* encrypted = safe->d.encrypted;
  if (encrypted == nullptr || encrypted->enc_data == nullptr) return nullptr;
  return encrypted->enc_data->algorithm;
}

// OpenSSL takes PBMAC1 (RFC 9579) since 3.4; what it does not know it calls a wrong password.
bool can_be_checked(const X509_ALGOR& seal) {
  constexpr unsigned long kFirstWithPbmac1 = 0x30400000;
  if (OBJ_obj2nid(seal.algorithm) == NID_pbmac1) return OpenSSL_version_num() >= kFirstWithPbmac1;
  return EVP_get_digestbyobj(seal.algorithm) != nullptr;
}

class Pkcs12Reading {
 public:
  Pkcs12Reading(const PKCS12* store, Unlocking& unlocking) : store_(store), unlocking_(unlocking) {
    for (const std::string_view password : unlocking.passwords)
      candidates_.emplace_back(password);
    candidates_.emplace_back(std::nullopt);
    candidates_.emplace_back("");
  }

  FileContent read() {
    check_integrity();
    const SafesPtr safes(PKCS12_unpack_authsafes(store_));
    if (safes == nullptr) {
      problems_.add_limit(reason_text(openssl_error("what it holds cannot be decoded")));
    }
    for (int i = 0; i < sk_PKCS7_num(safes.get()); ++i)
      read_safe(sk_PKCS7_value(safes.get(), i));
    return finish();
  }

 private:
  // Which of the passwords it was sealed with. Where nobody here knows how it was sealed, it is as
  // one without a seal: whether a password fits shows when a part is decrypted.
  void check_integrity() {
    if (PKCS12_mac_present(store_) == 0) return;
    const ASN1_INTEGER* asked = nullptr;
    const X509_ALGOR* seal = nullptr;
    PKCS12_get0_mac(nullptr, &seal, nullptr, &asked, store_);
    if (!can_be_checked(*seal)) return;
    // PBMAC1 has its rounds inside, and the others' number, beside it, is not looked at.
    const std::optional<uint64_t> rounds =
        OBJ_obj2nid(seal->algorithm) == NID_pbmac1 ? encryption_rounds(seal) : rounds_of(asked);
    // OpenSSL 3.0 takes it as not const, and changes nothing.
    auto* store = const_cast<PKCS12*>(store_);
    for (const Password& candidate : candidates_) {
      if (!rounds.has_value() || !unlocking_.take(*rounds)) return stop(kTooMuchWork);
      if (PKCS12_verify_mac(store, data_of(candidate), size_of(candidate)) == 1) {
        candidates_ = {candidate};
        return;
      }
    }
    ERR_clear_error();
    stop(unlocking_.passwords.empty() ? kNeedsPassword : kWrongPassword);
  }

  // Nothing opens it: what is not encrypted is read nevertheless.
  void stop(std::string_view why) {
    candidates_.clear();
    problems_.add_limit(why);
  }

  void read_safe(PKCS7* safe) {
    if (PKCS7_type_is_data(safe)) {
      const BagsPtr bags(PKCS12_unpack_p7data(safe));
      if (bags == nullptr) return problems_.add("a part", openssl_error("it cannot be decoded"));
      return read_bags(bags.get(), 0);
    }
    if (!PKCS7_type_is_encrypted(safe)) {
      return problems_.add("a part", "it is encrypted to a key, not with a password");
    }
    read_encrypted(safe);
  }

  void read_encrypted(PKCS7* safe) {
    const X509_ALGOR* algorithm = algorithm_of(safe);
    const std::optional<uint64_t> rounds = encryption_rounds(algorithm);
    need_ciphers_of(algorithm);
    for (const Password& candidate : candidates_) {
      if (!rounds.has_value() || !unlocking_.take(*rounds)) return stop(kTooMuchWork);
      const BagsPtr bags(PKCS12_unpack_p7encdata(safe, data_of(candidate), size_of(candidate)));
      if (bags == nullptr) continue;
      // Copied: it lies in the vector.
      const Password opened = candidate;
      candidates_ = {opened};
      return read_bags(bags.get(), 0);
    }
    if (candidates_.empty()) return;  // has been told
    if (candidates_.size() == 1) {
      return problems_.add("a part", openssl_error("it cannot be decrypted"));
    }
    ERR_clear_error();
    stop(unlocking_.passwords.empty() ? kNeedsPassword : kWrongPassword);
  }

  void read_bags(const STACK_OF(PKCS12_SAFEBAG) * bags, int depth) {
    if (depth > kDeepest) return problems_.add("a bag", "it lies too deep in others");
    for (int i = 0; i < sk_PKCS12_SAFEBAG_num(bags); ++i)
      read_bag(sk_PKCS12_SAFEBAG_value(bags, i), depth);
  }

  void read_bag(PKCS12_SAFEBAG* bag, int depth) {
    switch (PKCS12_SAFEBAG_get_nid(bag)) {
      case NID_certBag:
        return read_certificate(bag);
      case NID_crlBag:
        return read_list(bag);
      case NID_keyBag:
        if (!content_.key.has_value()) {
          content_.key = describe_key(PKCS12_SAFEBAG_get0_p8inf(bag));
        }
        return;
      case NID_pkcs8ShroudedKeyBag:
        return read_encrypted_key(bag);
      case NID_safeContentsBag:
        return read_bags(PKCS12_SAFEBAG_get0_safes(bag), depth + 1);
      default:
        return;
    }
  }

  void read_certificate(PKCS12_SAFEBAG* bag) {
    if (++certificates_ > kMostCertificates) return;
    const std::string what = fmt::format("certificate {}", certificates_);
    const X509Ptr certificate(PKCS12_SAFEBAG_get1_cert(bag));
    if (certificate == nullptr) {
      return problems_.add(what, openssl_error("it cannot be decoded"));
    }
    absl::StatusOr<CertificateFields> fields = decoded_certificate(certificate.get());
    if (!fields.ok()) return problems_.add(what, fields.status());
    if (!fields->warning.empty()) problems_.add(what, fields->warning);
    *content_.file.add_certificates() = std::move(fields->certificate);
    const std::unique_ptr<char, FreeMemory> name(PKCS12_get_friendlyname(bag));
    content_.file.add_entry_names(name == nullptr ? "" : printable(name.get(), kEntryNameLimit));
  }

  void read_list(PKCS12_SAFEBAG* bag) {
    if (++lists_ > kMostRevocationLists) return;
    const X509CrlPtr list(PKCS12_SAFEBAG_get1_crl(bag));
    const std::string what = fmt::format("revocation list {}", lists_);
    if (list == nullptr) return problems_.add(what, openssl_error("it cannot be decoded"));
    absl::StatusOr<v1::RevocationList> fields = revocation_list_fields(list.get());
    if (!fields.ok()) return problems_.add(what, fields.status());
    *content_.file.add_revocation_lists() = *std::move(fields);
  }

  void read_encrypted_key(const PKCS12_SAFEBAG* bag) {
    if (content_.key.has_value()) return;
    // With no password and with the empty one keys are encrypted, too; OpenSSL tells them apart
    // only for safes.
    std::vector<std::string_view> passwords;
    for (const Password& candidate : candidates_) {
      if (candidate.has_value()) passwords.push_back(*candidate);
    }
    if (passwords.empty() && !candidates_.empty()) passwords.emplace_back("");
    Unlocking unlocking{.passwords = passwords, .rounds = unlocking_.rounds};
    content_.key = describe_key(PKCS12_SAFEBAG_get0_pkcs8(bag), unlocking);
    unlocking_.rounds = unlocking.rounds;
    // The store's own error tells of its password.
    if (candidates_.empty()) content_.key->clear_error();
  }

  FileContent finish() {
    if (certificates_ > kMostCertificates) {
      problems_.add_limit(fmt::format("it holds more than {} certificates: the others are left out",
                                      kMostCertificates));
    }
    content_.file.set_error(problems_.text());
    bool is_named = false;
    for (const std::string& name : content_.file.entry_names())
      is_named = is_named || !name.empty();
    if (!is_named) content_.file.clear_entry_names();
    put_certificate_of_key_first(content_);
    return std::move(content_);
  }

  const PKCS12* store_;
  Unlocking& unlocking_;
  std::vector<Password> candidates_;
  FileContent content_;
  ProblemList problems_;
  size_t certificates_ = 0;
  size_t lists_ = 0;
};

}  // namespace

FileContent read_pkcs12(std::string_view der, Unlocking& unlocking) {
  ERR_clear_error();
  const auto* cursor = reinterpret_cast<const unsigned char*>(der.data());
  const Pkcs12Ptr store(d2i_PKCS12(nullptr, &cursor, static_cast<long>(der.size())));
  FileContent content;
  if (store == nullptr) {
    content.file.set_error(
        fmt::format("as PKCS #12, {}", reason_text(openssl_error("it cannot be decoded"))));
  } else {
    content = Pkcs12Reading(store.get(), unlocking).read();
  }
  content.file.set_format(v1::CERTIFICATE_FORMAT_PKCS12);
  return content;
}

}  // namespace muster
