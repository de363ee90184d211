#include "agent/probes/firmware/adapters/network_makers.h"

#include <algorithm>
#include <array>

namespace muster::firmware {
namespace {

struct Maker {
  std::string_view vendor_id;
  std::string_view name;
};

// By who sells them today: Mellanox is NVIDIA's, QLogic Marvell's, Solarflare and Pensando AMD's.
constexpr std::array kMakers = {
    Maker{"0x1077", "Marvell"},  Maker{"0x10ec", "Realtek"},  Maker{"0x1425", "Chelsio"},
    Maker{"0x14e4", "Broadcom"}, Maker{"0x15b3", "NVIDIA"},   Maker{"0x177d", "Marvell"},
    Maker{"0x1924", "AMD"},      Maker{"0x19e5", "Huawei"},   Maker{"0x19ee", "Netronome"},
    Maker{"0x1bd4", "Inspur"},   Maker{"0x1d6a", "Aquantia"}, Maker{"0x1dd8", "AMD"},
    Maker{"0x8086", "Intel"},
};

}  // namespace

std::string_view network_maker(std::string_view vendor_id) {
  const auto* const maker =
      std::find_if(kMakers.begin(), kMakers.end(),
                   [vendor_id](const Maker& each) { return each.vendor_id == vendor_id; });
  return maker == kMakers.end() ? std::string_view() : maker->name;
}

}  // namespace muster::firmware
