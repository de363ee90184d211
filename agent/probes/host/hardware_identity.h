// The texts of SMBIOS that identify a machine. Pure; any thread.
#pragma once

#include <string>
#include <string_view>

namespace muster {

// One file of /sys/class/dmi/id as text for people: trimmed, printable, at most 256 bytes; empty
// where the maker left what stands for nothing ("To be filled by O.E.M.", "00000000").
std::string clean_identity(std::string_view content);

}  // namespace muster
