#include "agent/probes/antivirus/product_list.h"

#include <array>

#include "agent/probes/antivirus/clamav.h"

namespace muster::antivirus {
namespace {

using protection::ProductRow;

constexpr auto kProducts = std::to_array<ProductRow>({
    {"clamav", "ClamAV", read_clamav},
});

}  // namespace

std::span<const ProductRow> all_products() {
  return kProducts;
}

}  // namespace muster::antivirus
