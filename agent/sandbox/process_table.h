// What every process has mapped and where it belongs: the table that a probe is given in memory, so
// that it needs neither the right to look into processes nor to open anything of theirs. Made by
// who still may (CAP_SYS_PTRACE), who copies the kernel's texts and reads nothing out of them. Of
// nothing but libc, since the privileged launcher links it.
//
// Why not by the probe: the capability that opens /proc/PID/maps opens /proc/PID/mem and environ as
// well, and under Landlock none of them opens (it refuses what PTRACE_MODE_READ asks for).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace muster::agent {

// Where a probe finds the table, sealed, and the directories that its records name, as O_PATH.
inline constexpr int kProcessTableDescriptor = 97;
inline constexpr int kFirstProcessRoot = 128;
inline constexpr int kMostProcessRoots = 64;

// Beyond these, what is left out is said by `error`.
inline constexpr size_t kMostOfMaps = size_t{16} << 20;      // read of one process
inline constexpr size_t kMostOfTable = size_t{48} << 20;     // of all of them
inline constexpr size_t kMostOfSmallText = size_t{1} << 14;  // stat, cgroup

// Before the texts of each process, in this machine's byte order; after it stat (proc_pid_stat(5))
// up to starttime, cgroup (proc_pid_cgroup(5)), and of maps (proc_pid_maps(5)) the lines of
// mappings that can be executed and have a path, from the rights on: where things are in memory is
// what an attacker of that process would have to guess.
struct ProcessRecord {
  int32_t process = 0;
  // Why its maps are missing (EACCES) or not whole (EFBIG), or 0. A process that went is left out.
  int32_t error = 0;
  // Number of the directory that is its root, which is open as kFirstProcessRoot and this, unless
  // Landlock is missing (all are closed then); -1: not to be had.
  int32_t root = -1;
  uint32_t stat_size = 0;
  uint32_t cgroup_size = 0;
  uint32_t maps_size = 0;
};

// Of the processes in `proc`, which is "/proc"; empty if it cannot be read. The directories stay
// open at their numbers.
std::string gather_processes(const char* proc);

}  // namespace muster::agent
