// What is measured of every source, of whatever kind: three families with the label `source`. Any
// thread.
#pragma once

#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/registry.h>

#include <string>

namespace muster::collector {

// Of one source.
struct SourceGauges {
  prometheus::Gauge& last_success;
  prometheus::Gauge& last_load_successful;
  prometheus::Gauge& entries;
};

struct SourceFamilies {
  prometheus::Family<prometheus::Gauge>& last_success;
  prometheus::Family<prometheus::Gauge>& last_load_successful;
  prometheus::Family<prometheus::Gauge>& entries;

  // Its gauges are there from the first call.
  SourceGauges source(const std::string& name) {
    const prometheus::Labels labels = {{"source", name}};
    return {.last_success = last_success.Add(labels),
            .last_load_successful = last_load_successful.Add(labels),
            .entries = entries.Add(labels)};
  }
};

inline prometheus::Family<prometheus::Gauge>& add_gauges(prometheus::Registry& registry,
                                                         const char* name, const char* help) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(registry);
}

}  // namespace muster::collector
