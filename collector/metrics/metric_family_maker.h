// Makes families in prometheus-cpp's form, whose values come out of files: they are repaired to
// UTF-8 and cut as those about hosts, and two that are alike then are one series. Not for threads
// to share.
#pragma once

#include <prometheus/client_metric.h>
#include <prometheus/metric_family.h>

#include <initializer_list>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "common/exposition/text_format.h"

namespace muster::collector {

class MetricFamilyMaker {
 public:
  // A gauge, or an info by its name.
  MetricFamilyMaker(const char* name, const char* help);

  void add(exposition::Labels labels, double value);
  prometheus::MetricFamily take() { return std::move(family_); }

 private:
  prometheus::MetricFamily family_;
  std::set<std::vector<std::string>> known_;
};

}  // namespace muster::collector
