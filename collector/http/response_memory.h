// How much memory answers that are under way may hold. A body that several connections send counts
// once. Past the bound, the address that holds most loses the answer that has been under way
// longest: its reader is the slow one. The bound is never less than three of the largest body, so
// that two Prometheus may read a fleet of any size. Pure bookkeeping; one thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace muster::collector::http {

class ResponseMemory {
 public:
  using Id = const void*;

  explicit ResponseMemory(size_t bytes) : limit_(bytes) {}

  // The connection `id` of the address `block` sends `body` from now on, instead of what it sent.
  // Returns the connections that are to be closed; what they sent is no longer counted.
  std::vector<Id> hold(Id id, const std::string& block, const void* body, size_t bytes);
  // It sends nothing any more.
  void release(Id id);

  size_t bytes() const { return bytes_; }

 private:
  struct Holding {
    std::string block;
    const void* body = nullptr;
    uint64_t since = 0;
  };
  struct Body {
    size_t bytes = 0;
    size_t readers = 0;
  };
  struct Address {
    // Each of its bodies counted once.
    size_t bytes = 0;
    std::map<const void*, size_t> readers;
    std::map<uint64_t, Id> by_age;
  };
  // Takes the address out of the order by bytes while it is changed.
  void change(const std::string& block, const std::function<void(Address&)>& how);
  // The longest under way of the address that holds most; nullptr if there is only `spared`.
  Id choose(Id spared) const;

  const size_t limit_;
  size_t bytes_ = 0;
  std::multiset<size_t> sizes_;
  uint64_t holdings_made_ = 0;
  std::map<Id, Holding> holdings_;
  std::map<const void*, Body> bodies_;
  std::map<std::string, Address> addresses_;
  std::set<std::pair<size_t, std::string>> by_bytes_;
};

}  // namespace muster::collector::http
