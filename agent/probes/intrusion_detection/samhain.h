// Samhain: its database, its daemon, and its log. See README.md.
#pragma once

#include <optional>

#include "agent/probes/protection/product.h"

namespace muster::intrusion_detection {

// As protection::ReadProduct.
std::optional<v1::ProtectionProduct> read_samhain(const protection::ProductLook& look);

}  // namespace muster::intrusion_detection
