// The products that the probe "antivirus" looks for: the one visible list of them.
#pragma once

#include <span>

#include "agent/probes/protection/product.h"

namespace muster::antivirus {

std::span<const protection::ProductRow> all_products();

}  // namespace muster::antivirus
