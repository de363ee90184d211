// Whose sockets are, and what listens in other network namespaces, of a table that gather_sockets
// made (agent/sandbox/socket_table.h). Names of processes, programs and control groups are whatever
// their owners made them: bounded, and printable when they leave here. Pure; any thread.
#pragma once

#include <absl/status/statusor.h>

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "agent/probes/sockets/kernel_sockets.h"
#include "muster/v1/listener_facts.pb.h"

namespace muster::sockets {

// A network namespace in which some process is.
struct Network {
  uint64_t number = 0;
  // What listens there; with `told` only.
  SocketList list;
  bool told = false;
};

struct SocketTable {
  // By the number of the socket: its owner, without `error`.
  std::map<uint64_t, v1::SocketOwner> owners;
  // The first is the probe's own.
  std::vector<Network> networks;
  // Processes whose sockets could not be seen, and the first of them: "nginx (812): Permission
  // denied".
  size_t unreadable = 0;
  std::string first_unreadable;
  // Those with more descriptors than are looked at.
  size_t cut = 0;
  // Users whose processes have more open than there is room for, by number.
  std::set<uint64_t> crowded_users;
};

// InvalidArgument if it is no whole table.
absl::StatusOr<SocketTable> parse_socket_table(std::string_view table);

// 1, else the largest of 2, 10, 100, … that is no more: an exact number of workers would make new
// facts of every look.
uint32_t rounded_count(size_t count);

}  // namespace muster::sockets
