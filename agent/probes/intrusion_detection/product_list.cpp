#include "agent/probes/intrusion_detection/product_list.h"

#include <array>

#include "agent/probes/intrusion_detection/aide.h"
#include "agent/probes/intrusion_detection/auditd.h"
#include "agent/probes/intrusion_detection/falco.h"
#include "agent/probes/intrusion_detection/osquery.h"
#include "agent/probes/intrusion_detection/ossec.h"
#include "agent/probes/intrusion_detection/rkhunter.h"
#include "agent/probes/intrusion_detection/samhain.h"
#include "agent/probes/intrusion_detection/tripwire.h"
#include "agent/probes/intrusion_detection/wazuh.h"

namespace muster::intrusion_detection {
namespace {

using protection::ProductRow;

constexpr auto kProducts = std::to_array<ProductRow>({
    {"aide", "AIDE", read_aide},
    {"auditd", "Linux audit", read_auditd},
    {"falco", "Falco", read_falco},
    {"osquery", "osquery", read_osquery},
    {"ossec", "OSSEC", read_ossec},
    {"rkhunter", "Rootkit Hunter", read_rkhunter},
    {"samhain", "Samhain", read_samhain},
    {"tripwire", "Tripwire", read_tripwire},
    {"wazuh", "Wazuh", read_wazuh},
});

}  // namespace

std::span<const ProductRow> all_products() {
  return kProducts;
}

}  // namespace muster::intrusion_detection
