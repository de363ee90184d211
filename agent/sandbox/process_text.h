// What is copied of every process, whatever else is told of it. Of nothing but libc, since the
// privileged launcher links it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

namespace muster::agent {

// Of stat, of cgroup. The kernel gives such a file in one piece.
inline constexpr size_t kMostOfSmallText = size_t{1} << 14;

// Append proc_pid_stat(5) up to starttime (addresses follow), and all of proc_pid_cgroup(5), of the
// process whose directory is open. How much that was; 0: the process is gone.
uint32_t copy_stat(int process, std::string& texts);
uint32_t copy_control_groups(int process, std::string& texts);

// The number of its real user, which it cannot choose as it can that of its directory's owner
// (PR_SET_DUMPABLE); kUnknownUser where the kernel does not say.
inline constexpr uint64_t kUnknownUser = UINT64_MAX;
uint64_t user_of(int process);

// Calls `take` with the number and the directory (O_PATH) of each process in `proc`.
void for_each_process(const char* proc, const std::function<void(int number, int process)>& take);

}  // namespace muster::agent
