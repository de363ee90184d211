#include "agent/probes/firmware/ipmi/manufacturers.h"

#include <algorithm>
#include <array>

namespace muster::ipmi {
namespace {

struct Manufacturer {
  uint32_t number;
  std::string_view name;
};

// Those that build servers and their controllers, by number, as IANA lists them; the comments say
// where the list has another company.
constexpr std::array kManufacturers = {
    Manufacturer{2, "IBM"},
    Manufacturer{9, "Cisco"},
    Manufacturer{11, "HPE"},     // Hewlett-Packard, whose servers are HPE's.
    Manufacturer{42, "Oracle"},  // Sun Microsystems.
    Manufacturer{107, "Bull"},
    Manufacturer{111, "Oracle"},
    Manufacturer{116, "Hitachi"},
    Manufacturer{119, "NEC"},
    Manufacturer{186, "Toshiba"},
    Manufacturer{231, "Fujitsu"},
    Manufacturer{343, "Intel"},
    Manufacturer{kDell, "Dell"},
    Manufacturer{2011, "Huawei"},
    Manufacturer{2623, "ASUS"},
    Manufacturer{4769, "IBM"},
    Manufacturer{5703, "NVIDIA"},
    Manufacturer{6569, "Inventec"},
    Manufacturer{6653, "Tyan"},
    Manufacturer{7244, "Quanta"},
    Manufacturer{10297, "Advantech"},
    Manufacturer{10368, "Fujitsu"},
    Manufacturer{10876, "Supermicro"},
    Manufacturer{11129, "Google"},
    Manufacturer{11161, "Wistron"},
    Manufacturer{11183, "MiTAC"},
    Manufacturer{15000, "Kontron"},
    Manufacturer{kGigabyte, "GIGABYTE"},
    Manufacturer{17084, "Foxconn"},
    Manufacturer{19046, "Lenovo"},
    Manufacturer{20301, "IBM"},
    Manufacturer{20569, "Inventec"},
    Manufacturer{20974, "American Megatrends"},
    Manufacturer{22238, "Foxconn"},
    Manufacturer{25506, "H3C"},
    Manufacturer{37945, "Inspur"},
    Manufacturer{40092, "Wiwynn"},
    Manufacturer{40981, "Meta"},  // Facebook.
    Manufacturer{42817, "IBM"},
    Manufacturer{47196, "HPE"},
    Manufacturer{47488, "Supermicro"},  // Of some boards; the list has Nedam, who build none.
    Manufacturer{48512, "Inspur"},
    Manufacturer{49622, "ASRock Rack"},
    Manufacturer{49769, "YADRO"},
    Manufacturer{49871, "OpenBMC"},
    Manufacturer{52538, "Ampere"},
    Manufacturer{52893, "Inspur"},
};
static_assert(std::ranges::is_sorted(kManufacturers, {}, &Manufacturer::number));

}  // namespace

std::string_view manufacturer_name(uint32_t number) {
  const auto* found = std::ranges::lower_bound(kManufacturers, number, {}, &Manufacturer::number);
  return found == kManufacturers.end() || found->number != number ? std::string_view()
                                                                  : found->name;
}

}  // namespace muster::ipmi
