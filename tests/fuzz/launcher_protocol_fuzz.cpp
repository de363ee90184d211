// Any bytes as an order to the launcher, as an event to the agent, and as a request table.
#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "agent/launcher/launcher_protocol.h"
#include "agent/launcher_program/request_table.h"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer gives the name.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  namespace agent = muster::agent;
  static constexpr std::array<agent::ProbeRow, 3> kTable{
      {{.name = "host"},
       {.name = "certificates"},
       {.name = "tcp", .sandbox = {.reach = agent::SandboxDeclaration::Reach::kNetwork}}}};
  constexpr size_t kRows = kTable.size();
  int ends[2];
  require(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, ends) == 0);
  const muster::Descriptor from(ends[0]);
  const muster::Descriptor to(ends[1]);
  if (size > 0 && ::send(from.get(), data, size, MSG_NOSIGNAL) > 0 &&
      ::send(from.get(), data, size, MSG_NOSIGNAL) > 0) {
    agent::ReceivedOrder order;
    const char* complaint = nullptr;
    const agent::Received received = agent::read_order(to.get(), kTable, order, complaint);
    require((received == agent::Received::kBroken) == (complaint != nullptr));
    // No descriptors came, so nothing can be run.
    require(received != agent::Received::kMessage || order.order.verb != agent::Verb::kRun);
    agent::ReceivedEvent event;
    if (agent::read_event(to.get(), event) == agent::Received::kMessage) {
      for (const auto& text : event.hello.missing)
        require(text.back() == '\0');
    }
  }
  const auto table = agent::parse_request_table({reinterpret_cast<const char*>(data), size}, kRows);
  if (table) {
    require(table->rows.size() == kRows);
    for (const agent::ProbeOrders& row : table->rows) {
      require(row.request.size() <= agent::kRequestLimit);
      require(row.paths.size() <= agent::kRequestPaths);
      for (const std::string& path : row.paths)
        require(path.starts_with('/') && path.size() <= agent::kRequestPathLimit);
    }
  }
  return 0;
}
