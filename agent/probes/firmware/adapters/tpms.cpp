#include <fmt/format.h>

#include <algorithm>

#include "agent/probes/firmware/adapters/adapters.h"
#include "agent/probes/firmware/system_files.h"
#include "common/text.h"

namespace muster::firmware {
namespace {

constexpr std::string_view kModules = "/sys/class/tpm";
constexpr size_t kTextLimit = 64;

// Of a line of `caps`, which modules of version 1.2 have: "Firmware version: 133.32".
std::string caps_value(std::string_view caps, std::string_view name) {
  while (!caps.empty()) {
    const std::string_view line = caps.substr(0, caps.find('\n'));
    caps.remove_prefix(std::min(line.size() + 1, caps.size()));
    if (line.starts_with(name)) return printable(trim(line.substr(name.size())), kTextLimit);
  }
  return {};
}

}  // namespace

Found look_at_tpms(const std::string& root) {
  Found found;
  SystemFiles files(root, found.unreadable);
  for (const std::string& name : files.list(std::string(kModules))) {
    const std::string directory = fmt::format("{}/{}", kModules, name);
    const std::string caps = files.content(directory + "/caps");
    // Kernels before 5.6 do not have the file; only version 1.2 has `caps`.
    std::string major = files.line(directory + "/tpm_version_major");
    if (major.empty() && !caps.empty()) major = "1";
    v1::FirmwareComponent& component = found.components.emplace_back();
    component.set_kind(v1::FIRMWARE_KIND_TPM);
    component.set_name(printable(name, kTextLimit));
    component.set_model(major == "2" ? "TPM 2.0" : major == "1" ? "TPM 1.2" : "TPM");
    // A module of version 2.0 tells its version to TPM2_GetCapability alone.
    component.set_version(caps_value(caps, "Firmware version:"));
    component.set_source("sysfs");
  }
  return found;
}

}  // namespace muster::firmware
