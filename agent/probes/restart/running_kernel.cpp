#include "agent/probes/restart/running_kernel.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <vector>

#include "agent/probes/root_files.h"
#include "common/text.h"

namespace muster::restart {
namespace {

constexpr size_t kTextLimit = 256;
constexpr size_t kMostPatches = 64;
constexpr char kLivePatches[] = "/sys/kernel/livepatch";

bool is_number(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

// "5.14.0-70.13.1.el9_0" as kpatch writes it in a module's name, up to the distribution's own part:
// "5_14_0_70_13_1".
std::string numbers_of(std::string_view release) {
  std::string numbers;
  for (const char c : release) {
    if (std::isdigit(static_cast<unsigned char>(c)) != 0) {
      numbers.push_back(c);
    } else if (c == '.' || c == '-') {
      numbers.push_back('_');
    } else {
      break;
    }
  }
  while (numbers.ends_with('_'))
    numbers.pop_back();
  // ".el9": the break came within a part.
  return numbers;
}

std::string message_of(const absl::Status& status) {
  return {status.message().data(), status.message().size()};
}

// "1" or "0", and a newline.
bool read_flag(const std::string& root, const std::string& path, v1::RestartFacts& facts) {
  const absl::StatusOr<std::string> text = probe::read_in_root(root, path, kTextLimit);
  if (!text.ok()) facts.add_problems(fmt::format("{}: {}", path, message_of(text.status())));
  return text.ok() && trim(*text) == "1";
}

void add_live_patches(const std::string& root, v1::RunningKernel& kernel, v1::RestartFacts& facts) {
  const absl::StatusOr<std::vector<std::string>> names =
      probe::list_in_root(root, kLivePatches, kMostPatches);
  if (absl::IsNotFound(names.status())) return;
  if (!names.ok()) {
    facts.add_problems(fmt::format("{}: {}", kLivePatches, message_of(names.status())));
    return;
  }
  for (const std::string& name : *names) {
    const std::string directory = fmt::format("{}/{}/", kLivePatches, name);
    v1::LivePatch& patch = *kernel.add_live_patches();
    patch.set_name(printable(name, kTextLimit));
    patch.set_enabled(read_flag(root, directory + "enabled", facts));
    patch.set_in_transition(read_flag(root, directory + "transition", facts));
  }
}

// Each patch of Ubuntu's and Red Hat's holds those before it. Where two that are in force tell
// different levels, which of them counts is not known.
std::string effective_level(const v1::RunningKernel& kernel) {
  std::string level;
  for (const v1::LivePatch& patch : kernel.live_patches()) {
    if (!patch.enabled() || patch.in_transition()) continue;
    std::string its_level = level_of_live_patch(patch.name(), kernel.release());
    if (!level.empty() && !its_level.empty() && level != its_level) return {};
    if (!its_level.empty()) level = std::move(its_level);
  }
  return level;
}

}  // namespace

std::string level_of_live_patch(std::string_view module, std::string_view release) {
  if (module.starts_with("lkp_Ubuntu_")) {
    const std::string_view last = module.substr(module.rfind('_') + 1);
    return is_number(last) ? std::string(last) : std::string();
  }
  const std::string beginning = fmt::format("kpatch_{}_", numbers_of(release));
  if (!module.starts_with(beginning)) return {};
  const std::string_view level = module.substr(beginning.size());
  const size_t between = level.find('_');
  if (between == std::string_view::npos || !is_number(level.substr(0, between)) ||
      !is_number(level.substr(between + 1))) {
    return {};
  }
  return fmt::format("{}-{}", level.substr(0, between), level.substr(between + 1));
}

v1::RunningKernel look_at_kernel(const std::string& root, const RunningSystem& running,
                                 v1::Virtualization machine, v1::RestartFacts& facts) {
  v1::RunningKernel kernel;
  kernel.set_release(running.kernel_release);
  kernel.set_version(running.kernel_version);
  const absl::StatusOr<std::string> signature =
      probe::read_in_root(root, "/proc/version_signature", kTextLimit);
  if (signature.ok()) kernel.set_version_signature(printable(trim(*signature), kTextLimit));
  kernel.set_modules_present(
      probe::status_in_root(root, "/lib/modules/" + running.kernel_release).ok());
  if (machine == v1::VIRTUALIZATION_CONTAINER) {
    kernel.set_state(v1::RESTART_STATE_NOT_APPLICABLE);
    kernel.set_reason("this is a container: its host has the kernel");
    return kernel;
  }
  kernel.set_reason(machine == v1::VIRTUALIZATION_UNSPECIFIED
                        ? "it could not be told whether this is a container, whose host has the "
                          "kernel"
                        : "whether a newer one is installed, the facts of the packages tell");
  add_live_patches(root, kernel, facts);
  kernel.set_effective_level(effective_level(kernel));
  return kernel;
}

}  // namespace muster::restart
