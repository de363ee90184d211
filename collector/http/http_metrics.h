// What the HTTP side says of itself in the collector's metrics. Any thread.
#pragma once

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/registry.h>

#include <map>

#include "collector/http/refused.h"

namespace muster::collector::http {

class HttpMetrics {
 public:
  // The registry outlives the object. Every reason is there from the start, with its zero.
  explicit HttpMetrics(prometheus::Registry& registry);

  void count(Refused why);
  prometheus::Gauge& connections() { return connections_; }

 private:
  std::map<Refused, prometheus::Counter*> refused_;
  prometheus::Gauge& connections_;
};

}  // namespace muster::collector::http
