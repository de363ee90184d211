// Rootkit Hunter: its stored file properties, its last check, and what starts it. See README.md.
#pragma once

#include <optional>

#include "agent/probes/protection/product.h"

namespace muster::intrusion_detection {

// As protection::ReadProduct.
std::optional<v1::ProtectionProduct> read_rkhunter(const protection::ProductLook& look);

}  // namespace muster::intrusion_detection
