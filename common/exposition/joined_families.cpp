#include "common/exposition/joined_families.h"

#include <sys/mman.h>

#include <cstdint>
#include <utility>

#include "common/exposition/host_families.h"

namespace muster::exposition {
namespace {

// Hosts lie all over the memory: what comes next is asked for this many ahead.
constexpr size_t kAhead = 8;

// Room in a text that is filled at once. Where the kernel has huge pages for who asks, it gives
// some: a fault for each 4 KiB of an exposition costs as much as writing it.
void reserve_large(std::string& text, size_t size) {
  constexpr uintptr_t kHugePage = uintptr_t{2} << 20;
  text.reserve(size);
  const uintptr_t data = reinterpret_cast<uintptr_t>(text.data());
  const uintptr_t begin = (data + kHugePage - 1) / kHugePage * kHugePage;
  const uintptr_t end = (data + size) / kHugePage * kHugePage;
  // Advice that is not taken is no error.
  if (begin < end) ::madvise(reinterpret_cast<void*>(begin), end - begin, MADV_HUGEPAGE);
}

}  // namespace

JoinedFamilies::JoinedFamilies(std::vector<HostParts> hosts, Format format,
                               const FamilySet& families)
    : families_(families), hosts_(std::move(hosts)), format_(format) {
  for (const HostParts& host : hosts_)
    most_ += host.moving->size() + host.settled->size();
  std::string headers;
  for (const Family& family : families_.families)
    append_header(headers, family, format_);
  most_ += headers.size();
}

bool JoinedFamilies::append_some(std::string& text, size_t size) {
  const size_t begin = text.size();
  while (text.size() < begin + size && family_ < families_.families.size()) {
    append_family(text, begin + size);
    if (host_ < hosts_.size()) break;
    host_ = 0;
    has_header_ = false;
    ++family_;
  }
  return text.size() > begin;
}

std::string JoinedFamilies::take_all(size_t more) {
  std::string text;
  reserve_large(text, most_ + more);
  append_some(text, most_ + 1);
  return text;
}

// Of the family at family_, from host_ on, until the text reaches `end`.
void JoinedFamilies::append_family(std::string& text, size_t end) {
  const auto part = families_.is_moving(family_) ? &HostParts::moving : &HostParts::settled;
  for (; host_ < hosts_.size() && text.size() < end; ++host_) {
    if (host_ + 2 * kAhead < hosts_.size()) {
      (hosts_[host_ + 2 * kAhead].*part)->prefetch_ends(family_);
      (hosts_[host_ + kAhead].*part)->prefetch_text(family_);
    }
    const std::string_view samples = (*(hosts_[host_].*part))[family_];
    if (samples.empty()) continue;
    if (!has_header_) append_header(text, families_.families[family_], format_);
    has_header_ = true;
    text += samples;
  }
}

std::string join_families(std::span<const RenderedHost> hosts, Format format,
                          const FamilySet& families) {
  std::string text;
  for (size_t family = 0; family < families.families.size(); ++family) {
    bool has_header = false;
    for (const RenderedHost& host : hosts) {
      if (host[family].empty()) continue;
      if (!has_header) append_header(text, families.families[family], format);
      has_header = true;
      text += host[family];
    }
  }
  return text;
}

}  // namespace muster::exposition
