// Names for a sentence: each once, and only the first few are shown. Pure; any thread.
#pragma once

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstddef>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/text.h"

namespace muster::policy {

class FewTexts {
 public:
  explicit FewTexts(size_t most) : most_(most) {}

  // As it may be shown, of at most `limit` bytes. An empty one is none.
  void add(std::string_view text, size_t limit = 128) {
    if (text.empty()) return;
    std::string shown = printable(text, limit);
    if (!is_known(shown)) texts_.push_back(std::move(shown));
  }
  bool empty() const { return texts_.empty(); }
  size_t size() const { return texts_.size(); }
  const std::string& front() const { return texts_.front(); }
  // In the order in which they came: "a, b, c and 4 more".
  std::string joined() const { return join_some(texts_, most_); }
  // The first few, with that between them: of clauses, which have commas of their own.
  std::string joined(std::string_view separator) const {
    const size_t shown = std::min(texts_.size(), most_);
    std::string text = fmt::format(
        "{}", fmt::join(texts_.begin(), texts_.begin() + static_cast<ptrdiff_t>(shown), separator));
    return text + (shown < texts_.size()
                       ? fmt::format("{}and {} more", separator, texts_.size() - shown)
                       : "");
  }

 private:
  // Most are a few, and hosts are many.
  static constexpr size_t kFew = 16;

  bool is_known(const std::string& text) {
    if (texts_.size() < kFew) return std::find(texts_.begin(), texts_.end(), text) != texts_.end();
    if (known_.empty()) known_.insert(texts_.begin(), texts_.end());
    return !known_.insert(text).second;
  }

  const size_t most_;
  std::vector<std::string> texts_;
  // The same where they are many: a broken probe may tell of a hundred thousand.
  std::set<std::string> known_;
};

}  // namespace muster::policy
