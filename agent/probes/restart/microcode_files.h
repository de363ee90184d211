// Files of microcode, as processors' makers publish them and Linux loads them: which revision they
// hold for one processor. Foreign bytes. Pure; any thread.
//
// Intel: Intel 64 and IA-32 Architectures Software Developer's Manual, volume 3A, "Microcode Update
// Facilities". AMD: there is no document; this is what Linux reads,
// arch/x86/kernel/cpu/microcode/amd.c and asm/microcode_amd.h of kernel 6.1.
#pragma once

#include <absl/status/statusor.h>

#include <cstdint>
#include <optional>
#include <string_view>

namespace muster::restart {

// The newest update for the signature and for one of the platforms in `platform`, whose only bit is
// the one of the processor. Absent: none. InvalidArgument if the file is no row of whole updates.
absl::StatusOr<std::optional<uint32_t>> intel_revision(std::string_view file, uint32_t signature,
                                                       uint32_t platform);

// Of a container or several behind one another, each with its table of equivalent processors.
absl::StatusOr<std::optional<uint32_t>> amd_revision(std::string_view file, uint32_t signature);

}  // namespace muster::restart
