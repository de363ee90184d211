// Whether what a probe reads has changed since its last look, told by stat alone: a tenth of a
// millisecond instead of a look. Any thread; the call blocks for as long as the file system does.
//
// A directory's own time does not do in place of its entries: a file written in place changes only
// itself. And the time of change counts beside that of modification, which anyone may set.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "agent/looking/probe_list.h"

namespace muster::agent {

// More files than this are not fingerprinted.
inline constexpr size_t kFingerprintEntryLimit = 20'000;

// 32 bytes over the name, kind, mode, size, inode and times (modified and changed, in nanoseconds)
// of every input below `root` ("" for the host itself), of a kPresence whether it is there. The
// same bytes mean that nothing changed. Unset when that cannot be told: a directory that may not be
// listed, too many files. Take it before the look, so that a change during the look shows the next
// time.
std::optional<std::string> input_fingerprint(const std::string& root,
                                             std::span<const ProbeInput> inputs);

}  // namespace muster::agent
