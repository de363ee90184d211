#include "agent/probes/antivirus/product_list.h"

#include <array>

#include "agent/probes/antivirus/clamav.h"
#include "agent/probes/antivirus/product_readers.h"

namespace muster::antivirus {
namespace {

using protection::ProductRow;

constexpr auto kProducts = std::to_array<ProductRow>({
    {"bitdefender", "Bitdefender Endpoint Security Tools", read_bitdefender},
    {"clamav", "ClamAV", read_clamav},
    {"cortex-xdr", "Cortex XDR", read_cortex_xdr},
    {"crowdstrike-falcon", "CrowdStrike Falcon", read_crowdstrike_falcon},
    {"drweb", "Dr.Web", read_drweb},
    {"eset", "ESET for Linux", read_eset},
    {"kaspersky", "Kaspersky Endpoint Security", read_kaspersky},
    {"microsoft-defender", "Microsoft Defender for Endpoint", read_microsoft_defender},
    {"sentinelone", "SentinelOne", read_sentinelone},
    {"sophos", "Sophos Protection for Linux", read_sophos},
    {"trend-micro", "Trend Micro Deep Security", read_trend_micro},
});

}  // namespace

std::span<const ProductRow> all_products() {
  return kProducts;
}

}  // namespace muster::antivirus
