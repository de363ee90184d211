// The version that firmware tells as a number, such as EFI's ESRT (UEFI 2.10, 23.4) does, as a
// text, by the format that the number has. Pure; any thread.
#pragma once

#include <absl/status/statusor.h>

#include <cstdint>
#include <string>

#include "common/firmware/version_format.h"

namespace muster::firmware {

// "1.15.2" for 0x010f0201 as kDellBiosMsb. InvalidArgument where the format is none of numbers of
// this width: all of fwupd's are of 32 bits.
absl::StatusOr<std::string> format_version(uint32_t raw, VersionFormat format);

// Of 64 bits: plain, number, pair, quad, hex and compal-bios.
absl::StatusOr<std::string> format_version64(uint64_t raw, VersionFormat format);

}  // namespace muster::firmware
