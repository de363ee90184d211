// Kinds of hardware in words, for subjects and sentences. Pure; any thread.
#pragma once

#include <string_view>

#include "muster/v1/hardware_facts.pb.h"

namespace muster::policy {

// "md", "ZFS", "LVM", "multipath", "bond", "btrfs".
std::string_view array_kind_word(v1::ArrayKind kind);
// What it has several of: "disks", "paths", "adapters".
std::string_view member_word(v1::ArrayKind kind);

}  // namespace muster::policy
