// osquery: whether it runs, and whether it records changes of files. See README.md.
#pragma once

#include <optional>

#include "agent/probes/protection/product.h"

namespace muster::intrusion_detection {

// As protection::ReadProduct.
std::optional<v1::ProtectionProduct> read_osquery(const protection::ProductLook& look);

}  // namespace muster::intrusion_detection
