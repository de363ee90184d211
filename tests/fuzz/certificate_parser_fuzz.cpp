// Any bytes to the certificate parser: whatever comes out keeps the promises of its messages.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "agent/probes/certificates/certificate_parser.h"
#include "common/text.h"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

void check(const muster::v1::Certificate& certificate) {
  for (const std::string* text :
       {&certificate.subject(), &certificate.issuer(), &certificate.common_name(),
        &certificate.serial(), &certificate.key_type(), &certificate.signature_algorithm()}) {
    require(text->size() <= 1024 && muster::is_valid_utf8(*text));
  }
  for (const std::string& name : certificate.subject_alternative_names())
    require(name.size() <= 512 && muster::is_valid_utf8(name));
  require(certificate.subject_alternative_names_size() <= 256);
  require(certificate.common_name().size() <= 256 && !certificate.serial().empty());
  require(certificate.sha256().size() == 64);
  for (const int64_t seconds :
       {certificate.not_before().seconds(), certificate.not_after().seconds()}) {
    require(seconds >= -62'135'596'800 && seconds <= 253'402'300'799);
  }
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer gives the name.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const muster::ParsedCertificates parsed =
      muster::parse_certificates({reinterpret_cast<const char*>(data), size});
  require(parsed.certificates.size() <= muster::kMostCertificates);
  require(!parsed.certificates.empty() || !parsed.error.empty());
  require(muster::is_valid_utf8(parsed.error));
  for (const muster::v1::Certificate& certificate : parsed.certificates)
    check(certificate);
  return 0;
}
