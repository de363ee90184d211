#include <fmt/format.h>

#include <algorithm>

#include "agent/probes/firmware/adapters/adapters.h"
#include "agent/probes/firmware/system_files.h"
#include "common/text.h"

namespace muster::firmware {
namespace {

constexpr std::string_view kNvidia = "/proc/driver/nvidia/gpus";
constexpr std::string_view kCards = "/sys/class/drm";
constexpr size_t kTextLimit = 128;

// The value of a line "Video BIOS: \t 90.02.17.00.5c"; what the driver writes where it does not
// know is none.
std::string value_of(std::string_view information, std::string_view name) {
  while (!information.empty()) {
    const std::string_view line = information.substr(0, information.find('\n'));
    information.remove_prefix(std::min(line.size() + 1, information.size()));
    if (!line.starts_with(name) || line.substr(name.size(), 1) != ":") continue;
    const std::string_view value = trim(line.substr(name.size() + 1));
    return value.find("??") != std::string_view::npos || value == "N/A"
               ? std::string()
               : printable(value, kTextLimit);
  }
  return {};
}

v1::FirmwareComponent component_of(std::string name, std::string vendor, std::string model,
                                   std::string version, std::string source) {
  v1::FirmwareComponent component;
  component.set_kind(v1::FIRMWARE_KIND_GPU);
  component.set_name(std::move(name));
  component.set_vendor(std::move(vendor));
  component.set_model(std::move(model));
  component.set_version(std::move(version));
  component.set_source(std::move(source));
  return component;
}

bool is_card(std::string_view name) {
  return name.starts_with("card") && name.find('-') == std::string_view::npos;
}

}  // namespace

Found look_at_graphics(const std::string& root) {
  Found found;
  SystemFiles files(root, found.unreadable);
  // NVIDIA's own driver; nouveau tells no version.
  for (const std::string& address : files.list(std::string(kNvidia))) {
    const std::string information =
        files.content(fmt::format("{}/{}/information", kNvidia, address));
    found.components.push_back(component_of(printable(address, kTextLimit), "NVIDIA",
                                            value_of(information, "Model"),
                                            value_of(information, "Video BIOS"), "procfs"));
  }
  // Of amdgpu and radeon alone; "card0-HDMI-A-1" is a plug of a card.
  for (const std::string& card : files.list(std::string(kCards))) {
    if (!is_card(card)) continue;
    const std::string device = fmt::format("{}/{}/device", kCards, card);
    const std::string version = files.line(device + "/vbios_version");
    if (version.empty()) continue;
    const std::string address = files.pci_address(device);
    found.components.push_back(component_of(address.empty() ? card : address, "AMD",
                                            files.line(device + "/product_name"), version,
                                            "sysfs"));
  }
  std::sort(found.components.begin(), found.components.end(),
            [](const auto& one, const auto& other) { return one.name() < other.name(); });
  return found;
}

}  // namespace muster::firmware
