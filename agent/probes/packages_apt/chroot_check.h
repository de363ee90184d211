// Whether this process sees another root than the machine's: apt installs phased updates in a
// chroot at once. apt runs ischroot(1) for this, which an unprivileged process cannot rely on and a
// probe must not do. Pure; any thread.
#pragma once

#include <string_view>

namespace muster::packages_apt {

// From /proc/self/mountinfo and /proc/1/mountinfo (proc(5)): a chroot shows no mount at "/", or
// another one than process 1. Mount ids are not compared, since a service with a mount namespace of
// its own has others. Without both texts: false, as on nearly every machine.
bool is_chroot(std::string_view own_mountinfo, std::string_view init_mountinfo);

}  // namespace muster::packages_apt
