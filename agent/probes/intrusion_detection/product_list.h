// The products that the probe "intrusion-detection" looks for: the one visible list of them.
#pragma once

#include <span>

#include "agent/probes/protection/product.h"

namespace muster::intrusion_detection {

std::span<const protection::ProductRow> all_products();

}  // namespace muster::intrusion_detection
