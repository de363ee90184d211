// What the system keeps more than once, or reaches by more than one way, as the kernel tells in
// sysfs and procfs. Calls block; one thread.
//
// What a source does not tell is unspecified, never healthy.
#pragma once

#include <string>
#include <vector>

#include "agent/probes/hardware/machine_files.h"
#include "agent/probes/host_answers.h"
#include "muster/v1/hardware_facts.pb.h"

namespace muster::hardware {

inline constexpr size_t kMostMembers = 256;

using Arrays = std::vector<v1::RedundantArray>;

// Of /sys/block/md*/md (Documentation/admin-guide/md.rst). Containers of firmware's RAID are no
// arrays; those inside are.
Arrays look_at_md(MachineFiles& files);

// Of /proc/spl/kstat/zfs: the state of each pool. How its disks fare, and whether it is being
// filled, is not told there.
Arrays look_at_zfs(MachineFiles& files);

// Of /sys/block/dm-*: multipath, and volumes that LVM keeps more than once. Which paths failed and
// which legs are filled, the device mapper tells root alone: in `answers` ("dm-0/status").
Arrays look_at_mappings(const probe::HostAnswers& answers, MachineFiles& files);

// Of /sys/class/net/*/bonding and bonding_slave, which is what /proc/net/bonding has, a file for
// each word (Documentation/networking/bonding.rst). A bond that is down and has no legs is none.
Arrays look_at_bonds(MachineFiles& files);

// Of /sys/fs/btrfs: file systems that are mounted, on more than one device
// (Documentation/ABI/testing/sysfs-fs-btrfs).
Arrays look_at_btrfs(MachineFiles& files);

// Adds the members, by name, at most kMostMembers, the rest noted.
void set_members(std::vector<v1::ArrayMember> members, const std::string& path,
                 v1::RedundantArray& array, MachineFiles& files);

}  // namespace muster::hardware
