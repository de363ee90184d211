#include "agent/probes/antivirus/clamav.h"

#include "agent/probes/protection/product_files.h"

namespace muster::antivirus {

std::optional<v1::ProtectionProduct> read_clamav(const protection::ProductLook& look) {
  if (!protection::is_there(look, "ClamAV", {"/usr/sbin/clamd", "/usr/bin/clamscan"})) {
    return std::nullopt;
  }
  return v1::ProtectionProduct();
}

}  // namespace muster::antivirus
