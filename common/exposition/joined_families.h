// The families of many hosts, or many targets, as one exposition: each family's header once, then
// that family's samples of every one. It is made piece by piece, since the whole may be hundreds of
// megabytes. Not for threads to share.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/exposition/host_metrics.h"
#include "common/exposition/rendered_host.h"
#include "common/exposition/text_format.h"

namespace muster::exposition {

// A host or target as it was rendered, with its two parts. Shared with whoever keeps them for the
// next exposition while this one is under way.
struct HostParts {
  std::shared_ptr<const RenderedHost> moving;
  std::shared_ptr<const RenderedHost> settled;
};

class JoinedFamilies {
 public:
  // All of one set of families.
  JoinedFamilies(std::vector<HostParts> hosts, Format format,
                 const FamilySet& families = kHostFamilySet);

  // What all of it has at most, in bytes.
  size_t most() const { return most_; }
  // Adds the next part, of about `size` bytes, to a text; false when there is no more. Families
  // without a sample are left out. It does not end the exposition, so that families of others can
  // follow: append_end comes after the last.
  bool append_some(std::string& text, size_t size);
  // All that is left, and room for `more` bytes.
  std::string take_all(size_t more = 0);

 private:
  void append_family(std::string& text, size_t end);

  const FamilySet& families_;
  const std::vector<HostParts> hosts_;
  const Format format_;
  size_t most_ = 0;
  // Where append_some goes on.
  size_t family_ = 0;
  size_t host_ = 0;
  bool has_header_ = false;
};

// All at once, of hosts in one part each.
std::string join_families(std::span<const RenderedHost> hosts, Format format,
                          const FamilySet& families = kHostFamilySet);

}  // namespace muster::exposition
