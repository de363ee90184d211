#include "agent/probes/hardware/parts/memory_errors.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string_view>

#include "agent/probes/hardware/numbers.h"
#include "common/text.h"

namespace muster::hardware {
namespace {

constexpr std::string_view kControllers = "/sys/devices/system/edac/mc";

bool is_numbered(std::string_view name, std::string_view kind) {
  return name.starts_with(kind) && whole_number(name.substr(kind.size())).has_value();
}

std::optional<uint64_t> count_of(MachineFiles& files, const std::string& path) {
  return whole_number(files.line(path));
}

// A controller that counts by rank has "rank0" in place of "dimm0".
std::vector<v1::ModuleErrors> modules_of(MachineFiles& files, const std::string& directory) {
  std::vector<v1::ModuleErrors> modules;
  for (const std::string& name : files.list(directory, kMostNames)) {
    if (!is_numbered(name, "dimm") && !is_numbered(name, "rank")) continue;
    const std::string module = fmt::format("{}/{}", directory, name);
    const auto corrected = count_of(files, module + "/dimm_ce_count");
    const auto uncorrected = count_of(files, module + "/dimm_ue_count");
    // Kernels before 4.7 count by controller alone.
    if (!corrected || !uncorrected) continue;
    v1::ModuleErrors& errors = modules.emplace_back();
    errors.set_label(files.line(module + "/dimm_label"));
    // Drivers leave it empty on boards that they have no names for, and take it from the firmware
    // where that names several alike.
    const bool is_taken =
        std::any_of(modules.begin(), modules.end() - 1,
                    [&errors](const auto& other) { return other.label() == errors.label(); });
    if (errors.label().empty() || is_taken)
      errors.set_label(std::string(trim(errors.label() + " " + name)));
    errors.set_location(files.line(module + "/dimm_location"));
    errors.set_corrected(*corrected);
    errors.set_uncorrected(*uncorrected);
  }
  std::stable_sort(modules.begin(), modules.end(),
                   [](const auto& one, const auto& other) { return one.label() < other.label(); });
  files.keep(modules, kMostModulesOfController, directory, "modules of memory");
  return modules;
}

}  // namespace

std::vector<v1::MemoryErrors> look_at_memory_errors(MachineFiles& files) {
  std::vector<v1::MemoryErrors> controllers;
  for (const std::string& name : files.list(std::string(kControllers), kMostNames)) {
    if (!is_numbered(name, "mc")) continue;
    const std::string directory = fmt::format("{}/{}", kControllers, name);
    const auto corrected = count_of(files, directory + "/ce_count");
    const auto uncorrected = count_of(files, directory + "/ue_count");
    if (!corrected || !uncorrected) {
      files.note(directory, "it does not tell how many errors there were");
      continue;
    }
    v1::MemoryErrors& errors = controllers.emplace_back();
    errors.set_controller(name);
    errors.set_model(files.line(directory + "/mc_name"));
    errors.set_corrected(*corrected);
    errors.set_uncorrected(*uncorrected);
    const auto modules = modules_of(files, directory);
    errors.mutable_modules()->Assign(modules.begin(), modules.end());
  }
  return controllers;
}

}  // namespace muster::hardware
