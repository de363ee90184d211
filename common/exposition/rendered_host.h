// The samples of one host, or one target, in one block of text, family by family: what is kept of
// it between two scrapes. A plain value that does not change; any thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "common/exposition/host_families.h"

namespace muster::exposition {

class RenderedHost {
 public:
  // Where each family ends in the text; a family begins where the one before ends. No set of
  // families has more than that of hosts.
  using Ends = std::array<uint32_t, kHostFamilyCount>;

  RenderedHost() = default;
  RenderedHost(std::string text, const Ends& ends, uint64_t cut)
      : text_(std::move(text)), ends_(ends), cut_(cut) {}

  // The samples of a family, without its header; "" if there are none.
  std::string_view operator[](size_t family) const {
    const uint32_t begin = family == 0 ? 0 : ends_[family - 1];
    return std::string_view(text_).substr(begin, ends_[family] - begin);
  }
  // Of all families together, in bytes.
  size_t size() const { return text_.size(); }
  // Series that the host would have, were they not too many.
  uint64_t cut() const { return cut_; }

  // Asks for the memory that operator[] looks at first, and then for what it gives.
  void prefetch_ends(size_t family) const { __builtin_prefetch(&ends_[family]); }
  void prefetch_text(size_t family) const {
    const char* const begin = text_.data() + (family == 0 ? 0 : ends_[family - 1]);
    __builtin_prefetch(begin);
    __builtin_prefetch(begin + 64);
  }

 private:
  std::string text_;
  Ends ends_{};
  uint64_t cut_ = 0;
};

}  // namespace muster::exposition
