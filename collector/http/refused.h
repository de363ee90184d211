// What the HTTP side turns away, by why: what a server tells whoever counts. Any thread.
#pragma once

#include <cstddef>
#include <functional>

namespace muster::collector::http {

enum class Refused {
  // A connection: its address holds its share, or all places are taken by addresses no greedier.
  kAddressShare,
  kConnections,
  // A connection that was open and gave its place to another address, or to a newer one of its own.
  kDisplaced,
  // A request, or an answer, that took too long.
  kTimeout,
  // What is no request, or one that two readers could read in two ways (400 and the like).
  kBadRequest,
  // A header or a body past its bound (413, 431).
  kTooLarge,
  // An answer that was cut off for want of memory, since its reader was slow.
  kSlowReader,
  // A wrong user or password (401), and too many of them (429).
  kPassword,
  kThrottled,
};

// What a server tells while it runs; an empty one is not called.
struct Observer {
  std::function<void(Refused)> refused = nullptr;
  // How many connections are open now.
  std::function<void(size_t)> connections = nullptr;
};

}  // namespace muster::collector::http
