// Collects the samples of one host or target. It drops a second sample with the same labels: two
// long paths can be alike once they are cut, and one double makes Prometheus refuse samples of the
// whole scrape. And it holds the host to its budget of series: what says how the host stands is
// always written, of the rest what comes first. Not for threads to share.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "common/exposition/family_set.h"
#include "common/exposition/rendered_host.h"

namespace muster::exposition {

class SampleWriter {
 public:
  // `name`: of the host or target. `budget`: series, those of the families that are never cut
  // included.
  SampleWriter(const FamilySet& families, std::string_view name, size_t budget = SIZE_MAX);

  // A family of the set, by its index.
  void add(size_t family, Labels labels, double value) {
    add_labelled(family, LabelSpan(labels.begin(), labels.size()), value);
  }
  void add_labelled(size_t family, LabelSpan labels, double value);
  // Notes series that were left out before they came here.
  void note_cut(uint64_t series) { cut_ += series; }
  uint64_t cut() const { return cut_; }
  RenderedHost take();

 private:
  // One sample in text_, and the one of its family before it.
  struct Sample {
    uint32_t begin;
    // Behind the labels.
    uint32_t series_end;
    uint32_t end;
    uint32_t previous;
    uint32_t family;
  };

  std::string_view series_of(const Sample& sample) const {
    return std::string_view(text_).substr(sample.begin, sample.series_end - sample.begin);
  }
  bool is_known(size_t family, std::string_view series);

  const FamilySet& families_;
  const std::string name_label_;
  const size_t budget_;
  // In the order in which they came.
  std::string text_;
  std::vector<Sample> samples_;
  // Index in samples_ of each family's last, and how many it has.
  RenderedHost::Ends last_;
  RenderedHost::Ends counts_{};
  // Series of families that have too many to compare with one by one.
  std::unordered_set<std::string> seen_;
  uint64_t cut_ = 0;
};

}  // namespace muster::exposition
