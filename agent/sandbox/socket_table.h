// Which sockets each process has open, in which network namespace it is, and what listens in those
// that are not this one: told to a probe by who may look (the launcher's child, before it becomes
// the probe), because its sandbox lets it look into no other process. This only copies what the
// kernel says. Of nothing but libc, since the privileged launcher links it.
//
// Why not by the probe: the capability that opens /proc/PID/fd opens /proc/PID/mem as well
// (docs/adr/0017 and 0019).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace muster::agent {

// A probe finds it, sealed, as kProcessTableDescriptor (process_table.h). Beyond these, what is
// left out is said by `error`, or seen by the size.
inline constexpr int kMostDescriptors = 1 << 16;             // of one process
inline constexpr size_t kMostOfTcpText = size_t{256} << 10;  // of each of tcp and tcp6
inline constexpr size_t kMostNetworks = 64;                  // of which these are copied
// Of the text of these, apart from all else.
inline constexpr size_t kMostOfNetworks = size_t{8} << 20;
inline constexpr size_t kMostOfSocketTable = size_t{32} << 20;  // of all else
// Of one user, so that nobody hides whose the sockets of others are; as much is kept for root. What
// is mapped into user namespaces counts by the 65,536 numbers, since a user has so many to use.
inline constexpr size_t kMostOfOneUser = size_t{8} << 20;
inline constexpr size_t kMostNetworksOfOneUser = 16;  // root may have all

// Before what is told of each process, in this machine's byte order. After it: the numbers of its
// sockets, eight bytes each, ascending and each once; where its link `exe` leads; stat up to
// starttime; cgroup (process_text.h); net/tcp and net/tcp6 (proc_pid_net(5)), which begin with what
// listens, for the first process of each network namespace. The first record is of whoever made the
// table, with the sizes of its own namespace and `process` 0. Left out: processes without a socket
// that could be looked into.
struct SocketRecord {
  int32_t process = 0;
  // Why its sockets are missing (EACCES) or not all here (EFBIG), or 0. EDQUOT: from this process
  // on those of its user are missing, whose share is full.
  int32_t error = 0;
  // The number of its real user, or kUnknownUser (process_text.h).
  uint64_t user = 0;
  // The inode of its network namespace; 0: not to be had.
  uint64_t network = 0;
  uint32_t sockets = 0;
  uint32_t executable_size = 0;
  uint32_t stat_size = 0;
  uint32_t cgroup_size = 0;
  uint32_t tcp_size = 0;
  uint32_t tcp6_size = 0;
};

// Of the processes in `proc`, which is "/proc"; empty if it cannot be read.
std::string gather_sockets(const char* proc, size_t most_of_one_user = kMostOfOneUser);

}  // namespace muster::agent
