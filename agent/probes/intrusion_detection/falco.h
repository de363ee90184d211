// Falco: whether events reach it, and what it loses, by its own metrics. See README.md.
#pragma once

#include <optional>

#include "agent/probes/intrusion_detection/falco_metrics.h"
#include "agent/probes/protection/product.h"

namespace muster::intrusion_detection {

std::optional<v1::ProtectionProduct> read_falco(const protection::ProductLook& look);

// What its metrics say. Pure.
void tell_falco(const FalcoMetrics& metrics, v1::ProtectionProduct& product);

}  // namespace muster::intrusion_detection
