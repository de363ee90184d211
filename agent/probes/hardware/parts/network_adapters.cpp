#include "agent/probes/hardware/parts/network_adapters.h"

#include <fmt/format.h>

#include <charconv>
#include <string_view>

#include "agent/probes/hardware/numbers.h"

namespace muster::hardware {
namespace {

constexpr std::string_view kInterfaces = "/sys/class/net";
// IFF_UP of linux/if.h.
constexpr uint32_t kUp = 0x1;

// "0x1003"; 0 where it is none.
uint32_t flags_of(std::string_view text) {
  uint32_t flags = 0;
  if (text.starts_with("0x"))
    std::from_chars(text.data() + 2, text.data() + text.size(), flags, 16);
  return flags;
}

// The kernel refuses to tell of the carrier of an interface that is down.
v1::LinkState link_of(MachineFiles& files, const std::string& interface) {
  const std::string flags = files.line(interface + "/flags");
  if (flags.empty()) return v1::LINK_STATE_UNSPECIFIED;
  if ((flags_of(flags) & kUp) == 0) return v1::LINK_STATE_UNUSED;
  const std::string carrier = files.line_if_told(interface + "/carrier");
  if (carrier == "1") return v1::LINK_STATE_UP;
  return carrier == "0" ? v1::LINK_STATE_DOWN : v1::LINK_STATE_UNSPECIFIED;
}

// "0x8086" and "0x1572" as "8086:1572".
std::string pci_id(MachineFiles& files, const std::string& device) {
  const std::string vendor = files.line(device + "/vendor");
  const std::string model = files.line(device + "/device");
  if (!vendor.starts_with("0x") || !model.starts_with("0x")) return {};
  return fmt::format("{}:{}", vendor.substr(2), model.substr(2));
}

}  // namespace

std::vector<v1::NetworkAdapter> look_at_network_adapters(MachineFiles& files) {
  std::vector<v1::NetworkAdapter> adapters;
  for (const std::string& name : files.list(std::string(kInterfaces), kMostNames)) {
    const std::string interface = fmt::format("{}/{}", kInterfaces, name);
    const std::string device = interface + "/device";
    if (!files.exists(device) || files.exists(device + "/physfn")) continue;
    v1::NetworkAdapter& adapter = adapters.emplace_back();
    adapter.set_name(name);
    adapter.set_driver(files.link_name(device + "/driver"));
    // Of virtio the device behind is virtio's, and the one behind that is at PCI.
    const std::string address = files.pci_address(device);
    if (!address.empty()) adapter.set_pci_id(pci_id(files, "/sys/bus/pci/devices/" + address));
    adapter.set_link(link_of(files, interface));
    // "-1" where the driver does not tell; the kernel refuses without a link.
    if (adapter.link() == v1::LINK_STATE_UP)
      adapter.set_speed(small_number(files.line_if_told(interface + "/speed")));
    const std::string upper = files.link_name(interface + "/master");
    if (!upper.empty() && files.exists(fmt::format("{}/{}/bonding", kInterfaces, upper)))
      adapter.set_bond(upper);
  }
  return adapters;
}

}  // namespace muster::hardware
