// Open Source Tripwire: its database and its reports. See README.md.
#pragma once

#include <optional>
#include <string_view>

#include "agent/probes/protection/product.h"

namespace muster::intrusion_detection {

// Whether the bytes begin as a report does: what it holds behind that, Tripwire alone can read
// (it is compressed, and may be signed and encrypted).
bool is_tripwire_report(std::string_view bytes);

// As protection::ReadProduct.
std::optional<v1::ProtectionProduct> read_tripwire(const protection::ProductLook& look);

}  // namespace muster::intrusion_detection
