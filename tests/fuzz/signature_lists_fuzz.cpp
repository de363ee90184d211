// Any bytes as a variable of UEFI that holds lists of signatures.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "agent/probes/firmware/efi/signature_lists.h"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace muster::firmware;
  const std::string_view value(reinterpret_cast<const char*>(data), size);
  const SignatureLists lists = parse_signature_lists(value);
  require(lists.certificates.size() <= kMostAuthorities);
  require(lists.certificates.size() <= lists.entries);
  require(lists.program_digests <= lists.entries);
  // An entry has its owner's 16 bytes.
  require(size_t{lists.entries} * 16 <= size);
  for (const std::string_view certificate : lists.certificates) {
    require(certificate.data() >= value.data() &&
            certificate.data() + certificate.size() <= value.data() + value.size());
  }
  return 0;
}
