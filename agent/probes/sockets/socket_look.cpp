#include "agent/probes/sockets/socket_look.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <tuple>
#include <utility>

#include "agent/probes/probe_program.h"
#include "agent/probes/sockets/socket_owners.h"
#include "common/counted.h"
#include "muster/v1/listener_facts.pb.h"

namespace muster::sockets {
namespace {

std::string_view text_of(const absl::Status& status) {
  return {status.message().data(), status.message().size()};
}

std::string why_nobody_owns(const SocketTable& table) {
  if (table.unreadable > 0) {
    return fmt::format("no process that could be looked into has it open; {}",
                       table.first_unreadable);
  }
  if (table.cut > 0 || !table.crowded_users.empty()) {
    return "no process has it open among the descriptors that were looked at";
  }
  return "no process has it open: it is the kernel's own, or its process has ended";
}

class FactsMaker {
 public:
  FactsMaker(const SocketTable& table, v1::SocketFacts& facts) : table_(table), facts_(facts) {}

  void add(const SocketList& list, uint64_t network) {
    for (const KernelSocket& socket : list.sockets) {
      v1::ListeningSocket& told = *facts_.add_sockets();
      told.set_address(socket.address);
      told.set_port(socket.port);
      told.set_inode(socket.inode);
      told.set_both_families(socket.both_families);
      told.set_network_namespace(network);
      const auto owner = table_.owners.find(socket.inode);
      if (owner != table_.owners.end()) {
        *told.mutable_owner() = owner->second;
      } else {
        told.mutable_owner()->set_error(why_nobody_owns(table_));
      }
    }
    omitted_ += list.omitted;
    if (list.cut) {
      facts_.add_unseen(
          network == 0
              ? std::string("sockets beyond the first of /proc/net/tcp")
              : fmt::format("sockets of the network namespace {} beyond the first", network));
    }
  }

  void finish() {
    auto& sockets = *facts_.mutable_sockets();
    std::sort(sockets.begin(), sockets.end(),
              [](const v1::ListeningSocket& a, const v1::ListeningSocket& b) {
                const auto key = [](const v1::ListeningSocket& socket) {
                  return std::tuple(socket.network_namespace(), socket.port(),
                                    std::string_view(socket.address()), socket.inode());
                };
                return key(a) < key(b);
              });
    const auto count = static_cast<size_t>(sockets.size());
    if (count > kMostSockets) {
      omitted_ += count - kMostSockets;
      sockets.DeleteSubrange(kMostSockets, static_cast<int>(count - kMostSockets));
    }
    facts_.set_sockets_omitted(static_cast<uint32_t>(omitted_));
  }

 private:
  const SocketTable& table_;
  v1::SocketFacts& facts_;
  size_t omitted_ = 0;
};

void say_what_is_unseen(const SocketTable& table, v1::SocketFacts& facts) {
  const auto networks = static_cast<size_t>(
      std::count_if(table.networks.begin(), table.networks.end(),
                    [](const Network& one) { return one.number != 0 && !one.told; }));
  if (networks > 0) {
    facts.add_unseen(
        fmt::format("the sockets of {}", counted(rounded_count(networks), "network namespace")));
  }
  if (table.unreadable > 0) {
    facts.add_unseen(fmt::format(
        "which sockets {} or more have open, and in which network namespace: root may see that",
        counted(rounded_count(table.unreadable), "process")));
  }
  if (!table.crowded_users.empty()) {
    facts.add_unseen(fmt::format(
        "all that processes of {} have open, which is more than there is room for: the first is {}",
        counted(rounded_count(table.crowded_users.size()), "user"), *table.crowded_users.begin()));
  }
  if (table.cut > 0) facts.add_unseen("all that processes with very many descriptors have open");
}

}  // namespace

v1::Section look_at_sockets(const absl::StatusOr<SocketList>& asked, std::string_view table_bytes) {
  const absl::StatusOr<SocketTable> table = parse_socket_table(table_bytes);
  if (!table.ok()) return probe::failed(text_of(table.status()));
  const bool has_own = !table->networks.empty() && table->networks.front().told;
  if (!asked.ok() && !has_own) {
    return probe::failed(
        fmt::format("{}, and /proc/net/tcp could not be read either", text_of(asked.status())));
  }
  v1::SocketFacts facts;
  FactsMaker maker(*table, facts);
  if (!asked.ok()) {
    facts.add_unseen(
        fmt::format("whether sockets at :: take IPv4 as well: {}; /proc/net/tcp was read instead",
                    text_of(asked.status())));
  }
  maker.add(asked.ok() ? *asked : table->networks.front().list, 0);
  for (size_t i = 1; i < table->networks.size(); ++i)
    maker.add(table->networks[i].list, table->networks[i].number);
  maker.finish();
  say_what_is_unseen(*table, facts);
  return probe::observed(facts);
}

}  // namespace muster::sockets
