// Collects the samples of one host, family by family. It drops a second sample with the same
// labels: two long paths can be alike once they are cut, and one double makes Prometheus refuse
// samples of the whole scrape. Not for threads to share.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "common/exposition/host_families.h"

namespace muster::exposition {

class SampleWriter {
 public:
  explicit SampleWriter(std::string_view host)
      : host_label_(render_label("host", host)), texts_(kHostFamilyCount) {}

  void add(HostFamily family, Labels labels, double value);
  std::vector<std::string> take() { return std::move(texts_); }

 private:
  std::string host_label_;
  std::vector<std::string> texts_;
  std::array<std::unordered_set<std::string>, kHostFamilyCount> seen_;
};

}  // namespace muster::exposition
