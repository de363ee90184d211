// Which files a probe sees, as rules of Landlock (landlock(7)). Pure but for landlock_rules, which
// opens what it makes rules of. Any thread.
//
// Landlock judges what is opened, by where the opened file is and not by the name that led there;
// it does not hide that a file exists, nor its size and times.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "agent/sandbox/sandbox.h"

namespace muster::agent {

// The newest version of Landlock whose rights are known here.
inline constexpr int kLandlockVersion = 7;

// What is forbidden unless a rule allows it, as a kernel of this version understands it: everything
// that it knows. A file probe may also make no TCP connection, where the kernel can forbid it.
LandlockAttributes landlock_attributes(SandboxDeclaration::Reach reach, int version);
// How much of the attributes such a kernel knows, in bytes.
size_t landlock_attributes_size(int version);

// Rights beneath a path. The descriptor is open (O_PATH) and the caller's to close.
struct LandlockRule {
  int descriptor = -1;
  uint64_t rights = 0;
};
// Paths that do not exist or cannot be reached make no rule: nothing is there to be read.
std::vector<LandlockRule> landlock_rules(const SandboxPlan& plan, int version);

// What a setting that names a path or a glob makes readable: the path itself, or of a glob the
// directory before its first wildcard. "/srv/*/tls" -> "/srv".
std::string readable_part(std::string_view path_or_glob);

}  // namespace muster::agent
