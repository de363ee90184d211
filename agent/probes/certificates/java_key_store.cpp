#include "agent/probes/certificates/java_key_store.h"

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "agent/probes/certificates/byte_reader.h"
#include "agent/probes/certificates/certificate_parser.h"
#include "agent/probes/certificates/problem_list.h"
#include "common/openssl.h"
#include "common/text.h"

namespace muster {
namespace {

constexpr size_t kDigestSize = 20;
constexpr std::string_view kWhitener = "Mighty Aphrodite";

enum Tag : uint32_t { kPrivateKey = 1, kTrustedCertificate = 2, kSecretKey = 3 };

// One digest of the store with this password, as KeyStore.load makes it.
bool fits(std::string_view password, std::string_view content, std::string_view digest) {
  std::array<unsigned char, kDigestSize> computed{};
  const EvpMdCtxPtr context(EVP_MD_CTX_new());
  bool done = context != nullptr && EVP_DigestInit_ex(context.get(), EVP_sha1(), nullptr) == 1;
  // Each char as two bytes: passwords of ASCII, which keytool asks for.
  for (const char c : password) {
    const std::array<char, 2> wide{0, c};
    done = done && EVP_DigestUpdate(context.get(), wide.data(), wide.size()) == 1;
  }
  for (const std::string_view part : {kWhitener, content})
    done = done && EVP_DigestUpdate(context.get(), part.data(), part.size()) == 1;
  done = done && EVP_DigestFinal_ex(context.get(), computed.data(), nullptr) == 1;
  return done && digest.size() == computed.size() &&
         CRYPTO_memcmp(computed.data(), digest.data(), computed.size()) == 0;
}

class JavaReading {
 public:
  explicit JavaReading(std::string_view bytes)
      : reader_(bytes.substr(0, bytes.size() - std::min(bytes.size(), kDigestSize))) {}

  void read() {
    const bool is_jceks = reader_.take(kJksMagic.size()) == kJceksMagic;
    content_.file.set_format(is_jceks ? v1::CERTIFICATE_FORMAT_JCEKS : v1::CERTIFICATE_FORMAT_JKS);
    version_ = reader_.number32();
    const uint32_t entries = reader_.number32();
    if (reader_.failed()) return problems_.add_limit("it is cut off");
    if (version_ != 1 && version_ != 2) {
      return problems_.add_limit(fmt::format("its version is {}: 1 and 2 are known", version_));
    }
    for (uint32_t entry = 0; entry < entries; ++entry) {
      if (!read_entry()) return;
    }
    if (!reader_.at_end()) {
      problems_.add_limit(fmt::format("{} bytes follow its last entry", reader_.left()));
    }
  }

  void check(const Unlocking& unlocking, std::string_view bytes) {
    if (unlocking.passwords.empty() || bytes.size() < kDigestSize) return;
    const std::string_view content = bytes.substr(0, bytes.size() - kDigestSize);
    const std::string_view digest = bytes.substr(content.size());
    const bool some =
        std::any_of(unlocking.passwords.begin(), unlocking.passwords.end(),
                    [&](std::string_view password) { return fits(password, content, digest); });
    if (!some) {
      problems_.add_limit(
          "its password is wrong, or it was changed: see the setting "
          "password_files");
    }
  }

  FileContent finish() {
    content_.file.set_error(problems_.text());
    return std::move(content_);
  }

 private:
  bool cut_off() {
    problems_.add_limit(fmt::format("it is cut off, or damaged, after {} certificates",
                                    content_.file.certificates_size()));
    return false;
  }

  // These are false once the rest cannot be read, which has been told.
  bool read_entry() {
    const uint32_t tag = reader_.number32();
    const std::string alias = printable(reader_.take(reader_.number16()), kEntryNameLimit);
    reader_.take(sizeof(uint64_t));  // when it was made
    if (reader_.failed()) return cut_off();
    switch (tag) {
      case kPrivateKey:
        return read_private_key(alias);
      case kTrustedCertificate:
        return read_certificate(alias);
      case kSecretKey:
        // An object as Java serializes it: only Java knows where it ends.
        problems_.add_limit(fmt::format(
            "what follows the secret key '{}' cannot be read: nothing says where that ends",
            alias));
        return false;
      default:
        problems_.add_limit(
            fmt::format("entry '{}' is of the kind {}, which is not known: it and "
                        "what follows cannot be read",
                        alias, tag));
        return false;
    }
  }

  bool read_private_key(const std::string& alias) {
    reader_.take(reader_.number32());
    if (reader_.failed()) return cut_off();
    if (!content_.key.has_value()) content_.key.emplace().set_encrypted(true);
    const uint32_t chain = reader_.number32();
    for (uint32_t i = 0; i < chain; ++i) {
      if (!read_certificate(alias)) return false;
    }
    return !reader_.failed() || cut_off();
  }

  bool read_certificate(const std::string& alias) {
    std::string_view type = "X.509";
    if (version_ == 2) type = reader_.take(reader_.number16());
    const std::string_view der = reader_.take(reader_.number32());
    if (reader_.failed()) return cut_off();
    if (static_cast<size_t>(content_.file.certificates_size()) == kMostCertificates) {
      problems_.add_limit(fmt::format("it holds more than {} certificates: the others are left out",
                                      kMostCertificates));
      return false;
    }
    const std::string what = fmt::format("certificate '{}'", alias);
    if (type != "X.509" && type != "X509") {
      problems_.add(what, fmt::format("it is of the type '{}'", printable(type, 64)));
      return true;
    }
    absl::StatusOr<CertificateFields> fields = parse_der_certificate(der);
    if (!fields.ok()) {
      problems_.add(what, fields.status());
      return true;
    }
    if (!fields->warning.empty()) problems_.add(what, fields->warning);
    *content_.file.add_certificates() = std::move(fields->certificate);
    content_.file.add_entry_names(alias);
    return true;
  }

  ByteReader reader_;
  uint32_t version_ = 0;
  FileContent content_;
  ProblemList problems_;
};

}  // namespace

FileContent read_java_key_store(std::string_view bytes, const Unlocking& unlocking) {
  JavaReading reading(bytes);
  reading.read();
  reading.check(unlocking, bytes);
  return reading.finish();
}

}  // namespace muster
