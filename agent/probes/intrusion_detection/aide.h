// AIDE: its database, its last report, and what starts it. See README.md.
#pragma once

#include <optional>

#include "agent/probes/protection/product.h"

namespace muster::intrusion_detection {

// As protection::ReadProduct.
std::optional<v1::ProtectionProduct> read_aide(const protection::ProductLook& look);

}  // namespace muster::intrusion_detection
