#include "collector/http/response_memory.h"

namespace muster::collector::http {

void ResponseMemory::change(const std::string& block, const std::function<void(Address&)>& how) {
  Address& address = addresses_[block];
  by_bytes_.erase({address.bytes, block});
  how(address);
  if (address.by_age.empty()) {
    addresses_.erase(block);
  } else {
    by_bytes_.insert({address.bytes, block});
  }
}

std::vector<ResponseMemory::Id> ResponseMemory::hold(Id id, const std::string& block,
                                                     const void* body, size_t bytes) {
  const auto before = holdings_.find(id);
  // What was compressed is still the same answer.
  const uint64_t since = before == holdings_.end() ? ++holdings_made_ : before->second.since;
  release(id);
  holdings_[id] = {.block = block, .body = body, .since = since};
  Body& entry = bodies_[body];
  if (++entry.readers == 1) {
    entry.bytes = bytes;
    bytes_ += bytes;
    sizes_.insert(bytes);
  }
  change(block, [&](Address& address) {
    if (++address.readers[body] == 1) address.bytes += entry.bytes;
    address.by_age[since] = id;
  });
  std::vector<Id> closed;
  while (bytes_ > limit_ && bytes_ > 3 * *sizes_.rbegin()) {
    const Id slow = choose(id);
    if (slow == nullptr) break;
    release(slow);
    closed.push_back(slow);
  }
  return closed;
}

void ResponseMemory::release(Id id) {
  const auto found = holdings_.find(id);
  if (found == holdings_.end()) return;
  const Holding holding = found->second;
  holdings_.erase(found);
  const auto body = bodies_.find(holding.body);
  change(holding.block, [&](Address& address) {
    address.by_age.erase(holding.since);
    if (--address.readers[holding.body] > 0) return;
    address.readers.erase(holding.body);
    address.bytes -= body->second.bytes;
  });
  if (--body->second.readers > 0) return;
  bytes_ -= body->second.bytes;
  sizes_.erase(sizes_.find(body->second.bytes));
  bodies_.erase(body);
}

ResponseMemory::Id ResponseMemory::choose(Id spared) const {
  for (auto greediest = by_bytes_.rbegin(); greediest != by_bytes_.rend(); ++greediest) {
    for (const auto& [since, id] : addresses_.at(greediest->second).by_age) {
      if (id != spared) return id;
    }
  }
  return nullptr;
}

}  // namespace muster::collector::http
