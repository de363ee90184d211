#include "collector/identity/certificate_generation.h"

#include <algorithm>
#include <charconv>

#include "common/digest.h"

namespace muster::collector {
namespace {

constexpr std::string_view kName = "generationQualifier";

// What the CA writes: no sign, no leading zero, no space.
uint64_t read_number(std::string_view text) {
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error != std::errc() || end != text.data() + text.size() ||
      text.front() == '0') {
    return 0;
  }
  return number;
}

// Counts what is found: two of them are none.
class Found {
 public:
  void add(std::string_view value) {
    number_ = count_ == 0 ? read_number(value) : 0;
    ++count_;
  }
  uint64_t number() const { return number_; }

 private:
  uint64_t number_ = 0;
  size_t count_ = 0;
};

// Where the attribute that begins at `start` ends. A ',' or '+' of a value is written "\,"; '='
// is not escaped, so names are only what stands before the first one.
size_t end_of_attribute(std::string_view subject, size_t start) {
  size_t at = start;
  while (at < subject.size() && subject[at] != ',' && subject[at] != '+')
    at += subject[at] == '\\' ? 2 : 1;
  return std::min(at, subject.size());
}

}  // namespace

uint64_t generation_of(const X509* certificate) {
  const X509_NAME* subject = X509_get_subject_name(certificate);
  Found found;
  int at = -1;
  while ((at = X509_NAME_get_index_by_NID(subject, NID_generationQualifier, at)) >= 0) {
    const ASN1_STRING* value = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at));
    const int type = ASN1_STRING_type(value);
    // Wider characters would read as others than OpenSSL shows.
    const bool is_narrow = type == V_ASN1_UTF8STRING || type == V_ASN1_PRINTABLESTRING;
    found.add(is_narrow
                  ? std::string_view(reinterpret_cast<const char*>(ASN1_STRING_get0_data(value)),
                                     static_cast<size_t>(ASN1_STRING_length(value)))
                  : std::string_view("0"));
  }
  return found.number();
}

uint64_t generation_of_subject(std::string_view subject) {
  Found found;
  size_t start = 0;
  while (start < subject.size()) {
    const size_t end = end_of_attribute(subject, start);
    const std::string_view attribute = subject.substr(start, end - start);
    const size_t equals = attribute.find('=');
    if (equals != std::string_view::npos && attribute.substr(0, equals) == kName) {
      found.add(attribute.substr(equals + 1));
    }
    start = end + 1;
  }
  return found.number();
}

std::string public_key_sha256(const EVP_PKEY* key) {
  unsigned char* der = nullptr;
  const int size = i2d_PUBKEY(key, &der);
  if (size <= 0) return {};
  std::string digest = sha256({reinterpret_cast<const char*>(der), static_cast<size_t>(size)});
  OPENSSL_free(der);
  return digest;
}

}  // namespace muster::collector
