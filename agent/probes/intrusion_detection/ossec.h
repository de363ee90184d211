// OSSEC: its agent, or its server on this host. See README.md.
#pragma once

#include <optional>

#include "agent/probes/protection/product.h"

namespace muster::intrusion_detection {

// As protection::ReadProduct.
std::optional<v1::ProtectionProduct> read_ossec(const protection::ProductLook& look);

}  // namespace muster::intrusion_detection
