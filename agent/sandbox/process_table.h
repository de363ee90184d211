// What every process has mapped and where it belongs: the table that a probe is given in memory, so
// that it needs neither the right to look into processes nor to open anything of theirs. Made by
// who still may (CAP_SYS_PTRACE), who copies what the kernel says and makes nothing of it. Of
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
inline constexpr size_t kMostOfMaps = size_t{16} << 20;   // read of one process
inline constexpr size_t kMostOfTable = size_t{48} << 20;  // of all of them

// Before what is told of each process, in this machine's byte order. After it: which files it can
// execute code of, where Linux can be asked for that (since 6.11) as a FileRecord for each mapping,
// else as the lines of maps (proc_pid_maps(5)) of mappings that can be executed and have a path,
// from the rights on; stat (proc_pid_stat(5)) up to starttime; cgroup (proc_pid_cgroup(5)). Where
// things are in memory is what an attacker of that process would have to guess.
struct ProcessRecord {
  int32_t process = 0;
  // Why its mappings are missing (EACCES) or not whole (EFBIG), or 0. Left out: threads of the
  // kernel, which map nothing, and processes that went.
  int32_t error = 0;
  // Number of the directory that is its root, which is open as kFirstProcessRoot and this, unless
  // Landlock is missing (all are closed then); kMostProcessRoots: so many others are open; -1: not
  // to be had.
  int32_t root = -1;
  uint32_t files_size = 0;
  uint32_t maps_size = 0;
  uint32_t stat_size = 0;
  uint32_t cgroup_size = 0;
};

// As the kernel answers. After it the path: as in maps, but newlines are what they are.
struct FileRecord {
  uint64_t inode = 0;
  uint32_t device_major = 0;
  uint32_t device_minor = 0;
  // With the zero at its end.
  uint32_t path_size = 0;
  uint32_t build_id_size = 0;
};

// Of the processes in `proc`, which is "/proc"; empty if it cannot be read. The directories stay
// open at their numbers.
std::string gather_processes(const char* proc);

}  // namespace muster::agent
