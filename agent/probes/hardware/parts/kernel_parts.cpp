#include "agent/probes/hardware/parts/kernel_parts.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "agent/probes/firmware/smbios/words.h"
#include "agent/probes/hardware/numbers.h"
#include "agent/probes/host/hardware_identity.h"
#include "common/text.h"

namespace muster::hardware {
namespace {

constexpr std::string_view kIdentities = "/sys/class/dmi/id";
constexpr std::string_view kProcessors = "/sys/devices/system/cpu";
constexpr size_t kLongestModel = 128;

struct Socket {
  std::set<std::string> cores;
  uint32_t threads = 0;
};

// "cpu12", and not "cpufreq".
bool is_processor(std::string_view name) {
  return name.starts_with("cpu") && whole_number(name.substr(3)).has_value();
}

// What stands behind "key\t: " in the line, if it is of that key.
std::optional<std::string_view> value_of(std::string_view line, std::string_view key) {
  const size_t colon = line.find(':');
  if (colon == std::string_view::npos || trim(line.substr(0, colon)) != key) return std::nullopt;
  return trim(line.substr(colon + 1));
}

}  // namespace

v1::MachineIdentity kernel_identity(MachineFiles& files) {
  const auto identity = [&files](std::string_view name) {
    return clean_identity(files.line_if_told(fmt::format("{}/{}", kIdentities, name)));
  };
  v1::MachineIdentity machine;
  machine.set_vendor(identity("sys_vendor"));
  machine.set_model(identity("product_name"));
  machine.set_serial(identity("product_serial"));
  machine.set_board_vendor(identity("board_vendor"));
  machine.set_board_model(identity("board_name"));
  const std::string_view chassis =
      smbios::chassis_type_word(static_cast<uint8_t>(small_number(identity("chassis_type"))));
  if (chassis != "Other" && chassis != "Unknown") machine.set_chassis(std::string(chassis));
  return machine;
}

std::string model_of_all(std::string_view cpuinfo) {
  std::string_view model;
  while (!cpuinfo.empty()) {
    const size_t end = std::min(cpuinfo.find('\n'), cpuinfo.size());
    const auto value = value_of(cpuinfo.substr(0, end), "model name");
    cpuinfo.remove_prefix(std::min(end + 1, cpuinfo.size()));
    if (!value) continue;
    if (!model.empty() && *value != model) return {};
    model = *value;
  }
  return printable(model, kLongestModel);
}

std::string model_of_all(MachineFiles& files) {
  return model_of_all(files.content("/proc/cpuinfo", kLargestCpuinfo));
}

std::vector<v1::Processor> kernel_processors(MachineFiles& files) {
  std::map<std::pair<size_t, std::string>, Socket> sockets;
  for (const std::string& name : files.list(std::string(kProcessors), kMostNames)) {
    if (!is_processor(name)) continue;
    const std::string topology = fmt::format("{}/{}/topology", kProcessors, name);
    // None of one that is offline.
    if (!files.exists(topology)) continue;
    std::string package = files.line(topology + "/physical_package_id");
    // Boards and machines of hypervisors where nobody told the kernel.
    if (package.empty() || package == "-1") package = "0";
    Socket& socket = sockets[{package.size(), package}];
    socket.cores.insert(files.line(topology + "/die_id") + ':' + files.line(topology + "/core_id"));
    ++socket.threads;
  }
  std::vector<v1::Processor> processors;
  for (const auto& [number, socket] : sockets) {
    v1::Processor& processor = processors.emplace_back();
    processor.set_socket(number.second);
    processor.set_cores(static_cast<uint32_t>(socket.cores.size()));
    processor.set_threads(socket.threads);
  }
  return processors;
}

uint64_t kernel_memory(MachineFiles& files) {
  const std::string text = files.content("/proc/meminfo");
  for (std::string_view rest = text; !rest.empty();) {
    const size_t end = std::min(rest.find('\n'), rest.size());
    const auto value = value_of(rest.substr(0, end), "MemTotal");
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (value && value->ends_with(" kB"))
      return whole_number(trim(value->substr(0, value->size() - 3))).value_or(0) << 10;
  }
  return 0;
}

}  // namespace muster::hardware
