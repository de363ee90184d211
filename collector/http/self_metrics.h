// The collector's own metrics, from prometheus-cpp's registry, in either format. Pure; any thread.
#pragma once

#include <prometheus/metric_family.h>

#include <string>
#include <vector>

#include "common/exposition/text_format.h"

namespace muster::collector::http {

// Without `# EOF`. prometheus-cpp knows only the plain text format; in OpenMetrics a counter's
// family goes without `_total`, a gauge that is called _info is an info, and `le` is a float.
std::string render_self_metrics(const std::vector<prometheus::MetricFamily>& families,
                                exposition::Format format);

}  // namespace muster::collector::http
