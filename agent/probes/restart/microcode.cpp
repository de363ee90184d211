#include "agent/probes/restart/microcode.h"

#include <fmt/format.h>

#include <charconv>
#include <optional>

#include "agent/probes/restart/microcode_files.h"
#include "agent/probes/restart/processors.h"
#include "agent/probes/root_files.h"
#include "common/text.h"

namespace muster::restart {
namespace {

constexpr size_t kFileLimit = 16 << 20;
constexpr size_t kFlagsLimit = 64;
constexpr char kPlatform[] = "/sys/devices/system/cpu/cpu0/microcode/processor_flags";
// The first family of AMD's whose microcode is a file of its own.
constexpr uint32_t kFirstOwnFile = 0x15;

void say(v1::Microcode& microcode, v1::RestartState state, std::string reason) {
  microcode.set_state(state);
  microcode.set_reason(std::move(reason));
}

std::string file_of(const Processors& processors) {
  if (processors.vendor == "GenuineIntel") {
    return "/lib/firmware/intel-ucode/" + processor_name(processors);
  }
  if (processors.family < kFirstOwnFile) return "/lib/firmware/amd-ucode/microcode_amd.bin";
  return fmt::format("/lib/firmware/amd-ucode/microcode_amd_fam{:02x}h.bin", processors.family);
}

// Which of Intel's platforms it is, one bit: what the kernel made of a register that only it reads.
std::optional<uint32_t> read_platform(const std::string& root) {
  const absl::StatusOr<std::string> text = probe::read_in_root(root, kPlatform, kFlagsLimit);
  if (!text.ok()) return std::nullopt;
  std::string_view digits = trim(*text);
  if (digits.starts_with("0x")) digits.remove_prefix(2);
  uint32_t flags = 0;
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), flags, 16);
  if (error != std::errc() || end != digits.data() + digits.size() || flags == 0) {
    return std::nullopt;
  }
  return flags;
}

void compare(const std::string& path, uint32_t available, v1::Microcode& microcode) {
  microcode.set_available_revision(available);
  const uint32_t running = microcode.running_revision();
  if (running < available) {
    say(microcode, v1::RESTART_STATE_PENDING,
        fmt::format("the processors run revision {:#x}, and {} has {:#x}: it is loaded when the "
                    "system starts",
                    running, path, available));
  } else {
    say(microcode, v1::RESTART_STATE_CURRENT,
        fmt::format("{} has revision {:#x}, which is not newer than {:#x}", path, available,
                    running));
  }
}

void look_at_file(const std::string& root, const Processors& processors, v1::Microcode& microcode) {
  const std::string path = file_of(processors);
  const absl::StatusOr<std::string> file = probe::read_in_root(root, path, kFileLimit);
  if (absl::IsNotFound(file.status())) {
    for (const std::string_view suffix : {".xz", ".zst"}) {
      if (!probe::status_in_root(root, path + std::string(suffix)).ok()) continue;
      return say(microcode, v1::RESTART_STATE_UNSPECIFIED,
                 fmt::format("{}{} is compressed, and is not unpacked", path, suffix));
    }
    return say(microcode, v1::RESTART_STATE_CURRENT,
               fmt::format("there is no {}: what the firmware has loaded is all there is", path));
  }
  const bool is_intel = processors.vendor == "GenuineIntel";
  const std::optional<uint32_t> platform = read_platform(root);
  if (file.ok() && is_intel && !platform) {
    return say(microcode, v1::RESTART_STATE_UNSPECIFIED,
               fmt::format("{} does not tell which of Intel's platforms this is", kPlatform));
  }
  const auto available = [&]() -> absl::StatusOr<std::optional<uint32_t>> {
    if (!file.ok()) return file.status();
    const uint32_t signature = processor_signature(processors);
    return is_intel ? intel_revision(*file, signature, *platform) : amd_revision(*file, signature);
  }();
  if (!available.ok()) {
    const absl::string_view why = available.status().message();
    return say(microcode, v1::RESTART_STATE_UNSPECIFIED,
               fmt::format("{}: {}", path, std::string_view(why.data(), why.size())));
  }
  if (!*available) {
    return say(microcode, v1::RESTART_STATE_CURRENT,
               fmt::format("{} has none for this processor: what the firmware has loaded is all "
                           "there is",
                           path));
  }
  compare(path, **available, microcode);
}

}  // namespace

v1::Microcode look_at_microcode(const std::string& root, v1::Virtualization machine,
                                std::string_view proc_cpuinfo) {
  v1::Microcode microcode;
  const Processors processors = parse_cpu_info(proc_cpuinfo);
  const bool is_known = processors.vendor == "GenuineIntel" || processors.vendor == "AuthenticAMD";
  if (machine == v1::VIRTUALIZATION_CONTAINER) {
    say(microcode, v1::RESTART_STATE_NOT_APPLICABLE, "a container's host loads microcode");
  } else if (machine == v1::VIRTUALIZATION_VIRTUAL_MACHINE) {
    say(microcode, v1::RESTART_STATE_NOT_APPLICABLE, "a virtual machine's host loads microcode");
  } else if (proc_cpuinfo.empty()) {
    say(microcode, v1::RESTART_STATE_UNSPECIFIED, "/proc/cpuinfo could not be read");
  } else if (!is_known) {
    say(microcode, v1::RESTART_STATE_NOT_APPLICABLE,
        "Linux loads microcode into processors of Intel and AMD only");
  } else if (processors.revision == 0) {
    say(microcode, v1::RESTART_STATE_UNSPECIFIED,
        "/proc/cpuinfo does not tell the revision that runs");
  } else {
    microcode.set_processor(processor_name(processors));
    microcode.set_running_revision(processors.revision);
    look_at_file(root, processors, microcode);
    if (machine == v1::VIRTUALIZATION_UNSPECIFIED &&
        microcode.state() == v1::RESTART_STATE_PENDING) {
      say(microcode, v1::RESTART_STATE_UNSPECIFIED,
          "it could not be told whether this is a container, whose host loads microcode");
    }
  }
  return microcode;
}

}  // namespace muster::restart
