// Who makes network adapters, by how PCI numbers them (the PCI ID Repository). Pure.
#pragma once

#include <string_view>

namespace muster::firmware {

// Of "0x15b3": "NVIDIA". Empty of one that is not known here.
std::string_view network_maker(std::string_view vendor_id);

}  // namespace muster::firmware
