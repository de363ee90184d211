// What a client says it can read: Accept and Accept-Encoding with their weights (RFC 9110, 12.4.2
// and 12.5). Pure; any thread.
#pragma once

#include <string_view>

namespace muster::collector::http {

// `gzip` (or `*`) with a weight above 0; an explicit gzip wins over `*`.
bool accepts_gzip(std::string_view accept_encoding);

// Whether OpenMetrics 1.0.0 is asked for by its name, at least as much as the plain text format.
bool prefers_openmetrics(std::string_view accept);

}  // namespace muster::collector::http
