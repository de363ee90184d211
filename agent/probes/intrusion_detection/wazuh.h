// Wazuh's agent: its state file, settings, log and daemons. See README.md.
#pragma once

#include <optional>

#include "agent/probes/protection/product.h"

namespace muster::intrusion_detection {

// As protection::ReadProduct. A manager is one too, which has no server above it.
std::optional<v1::ProtectionProduct> read_wazuh(const protection::ProductLook& look);

}  // namespace muster::intrusion_detection
