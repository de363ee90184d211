// ClamAV: what clamd says of itself, its databases on disk, its update, its scans. See README.md.
#pragma once

#include <optional>

#include "agent/probes/protection/product.h"

namespace muster::antivirus {

// As protection::ReadProduct. Installed is what has clamd, clamscan or freshclam.
std::optional<v1::ProtectionProduct> read_clamav(const protection::ProductLook& look);

}  // namespace muster::antivirus
