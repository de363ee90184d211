#include "agent/probes/firmware/efi/signature_lists.h"

#include <fmt/format.h>

#include <string>

#include "agent/probes/firmware/little_endian.h"

namespace muster::firmware {
namespace {

using namespace std::string_view_literals;

// UEFI 2.10, 32.4.1, as the bytes of an EFI_GUID: the first three fields are little endian.
// EFI_CERT_X509_GUID, a5c059a1-94e4-4aa7-87b5-ab155c2bf072.
constexpr std::string_view kCertificate =
    "\xa1\x59\xc0\xa5\xe4\x94\xa7\x4a\x87\xb5\xab\x15\x5c\x2b\xf0\x72"sv;
// EFI_CERT_SHA256_GUID, c1c41626-504c-4092-aca9-41f936934328.
constexpr std::string_view kProgramDigest =
    "\x26\x16\xc4\xc1\x4c\x50\x92\x40\xac\xa9\x41\xf9\x36\x93\x43\x28"sv;

// Type; size of the list, of its header and of an entry.
constexpr size_t kGuid = 16;
constexpr size_t kListHeader = kGuid + 3 * 4;

}  // namespace

SignatureLists parse_signature_lists(std::string_view value) {
  SignatureLists lists;
  while (!value.empty()) {
    if (value.size() < kListHeader) {
      lists.cut_short = fmt::format("{} bytes follow its last list", value.size());
      return lists;
    }
    const std::string_view type = value.substr(0, kGuid);
    const size_t size = number_at<uint32_t>(value, kGuid);
    const size_t header = number_at<uint32_t>(value, kGuid + 4);
    const size_t entry = number_at<uint32_t>(value, kGuid + 8);
    if (size < kListHeader || size > value.size() || header > size - kListHeader) {
      lists.cut_short = fmt::format("a list of it has a size of {} bytes, of {} that are left",
                                    size, value.size());
      return lists;
    }
    std::string_view entries = value.substr(kListHeader + header, size - kListHeader - header);
    value.remove_prefix(size);
    // Each begins with who put it there.
    if (entry <= kGuid || entries.size() % entry != 0) {
      lists.cut_short =
          fmt::format("a list of it has {} bytes in entries of {}", entries.size(), entry);
      return lists;
    }
    for (; !entries.empty(); entries.remove_prefix(entry)) {
      ++lists.entries;
      if (type == kProgramDigest) ++lists.program_digests;
      if (type != kCertificate) continue;
      if (lists.certificates.size() == kMostAuthorities) {
        lists.cut_short = fmt::format("it has more than {} certificates", kMostAuthorities);
        return lists;
      }
      lists.certificates.push_back(entries.substr(kGuid, entry - kGuid));
    }
  }
  return lists;
}

}  // namespace muster::firmware
