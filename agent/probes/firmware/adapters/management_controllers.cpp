#include <fmt/format.h>

#include <set>

#include "agent/probes/firmware/adapters/adapters.h"
#include "agent/probes/firmware/system_files.h"
#include "agent/probes/probe_program.h"

namespace muster::firmware {
namespace {

constexpr std::string_view kInterfaces = "/sys/class/ipmi";

}  // namespace

Found look_at_management_controllers(const std::string& root) {
  Found found;
  SystemFiles files(root, found.unreadable);
  std::set<std::string> seen;
  for (const std::string& name : files.list(std::string(kInterfaces))) {
    // drivers/char/ipmi/ipmi_msghandler.c: what the controller answered to Get Device ID. One may
    // have several interfaces.
    const std::string controller = fmt::format("{}/{}/device/bmc", kInterfaces, name);
    if (!seen.insert(probe::resolve_in_root(root, controller)).second) continue;
    v1::FirmwareComponent& component = found.components.emplace_back();
    component.set_kind(v1::FIRMWARE_KIND_MANAGEMENT_CONTROLLER);
    component.set_name(name);
    component.set_version(files.line(controller + "/firmware_revision"));
    component.set_source("IPMI");
  }
  return found;
}

}  // namespace muster::firmware
