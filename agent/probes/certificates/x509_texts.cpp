#include "agent/probes/certificates/x509_texts.h"

#include <openssl/bn.h>

#include <algorithm>
#include <array>
#include <memory>

#include "common/openssl.h"
#include "common/text.h"

namespace muster {
namespace {

// RFC 5280 allows serials of 20 octets; what is longer is shown cut.
constexpr size_t kNumberLimit = 256;
constexpr size_t kObjectLimit = 128;

using BignumPtr = std::unique_ptr<BIGNUM, OpensslDeleter<BN_free>>;

}  // namespace

std::string_view content_of(const ASN1_STRING* text) {
  const unsigned char* data = text == nullptr ? nullptr : ASN1_STRING_get0_data(text);
  if (data == nullptr) return {};
  return {reinterpret_cast<const char*>(data),
          static_cast<size_t>(std::max(0, ASN1_STRING_length(text)))};
}

std::string x509_name_text(const X509_NAME* name, size_t limit) {
  constexpr unsigned long kEscaped = XN_FLAG_RFC2253 & ~ASN1_STRFLGS_UTF8_CONVERT;
  constexpr unsigned long kReadable = XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB;
  for (const unsigned long flags : {kReadable, kEscaped}) {
    const BioPtr text(BIO_new(BIO_s_mem()));
    if (X509_NAME_print_ex(text.get(), name, 0, flags) >= 0) {
      return printable(bio_content(text.get()), limit);
    }
  }
  return "(a name that cannot be read)";
}

std::string x509_number_text(const ASN1_INTEGER* number) {
  const BignumPtr value(ASN1_INTEGER_to_BN(number, nullptr));
  if (value == nullptr) return {};
  std::string bytes(static_cast<size_t>(BN_num_bytes(value.get())), '\0');
  BN_bn2bin(value.get(), reinterpret_cast<unsigned char*>(bytes.data()));
  std::string hex = to_hex(bytes);
  hex.erase(0, std::min(hex.find_first_not_of('0'), hex.size()));
  if (hex.empty()) hex = "0";
  return truncate_utf8((BN_is_negative(value.get()) != 0 ? "-" : "") + hex, kNumberLimit);
}

std::string x509_object_text(const ASN1_OBJECT* object) {
  std::array<char, kObjectLimit> text{};
  const int size = OBJ_obj2txt(text.data(), static_cast<int>(text.size()), object, 0);
  return size > 0 ? printable(text.data(), kObjectLimit) : std::string();
}

}  // namespace muster
