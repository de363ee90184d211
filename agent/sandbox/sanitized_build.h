// Whether this is a build with a sanitizer, which needs of its sandbox what no release may: its
// leak check makes a process that traces the first, and its shadow memory is terabytes.
#pragma once

namespace muster::agent {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool kSanitizedBuild = true;
#else
inline constexpr bool kSanitizedBuild = false;
#endif

}  // namespace muster::agent
