// Who may hold how many connections. When places run out, the greediest address gives one up: of
// its connections the one that has waited longest without sending a request, else the newest. So a
// flood from one address, or from many, leaves a place for whoever holds few. Pure bookkeeping; one
// thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "collector/http/refused.h"

namespace muster::collector::http {

class ConnectionPlaces {
 public:
  using Id = const void*;

  // The last sixteenth of `total` is for loopback: whoever floods the port from outside locks out
  // neither a local Prometheus nor the operator, nor takes a place from them.
  ConnectionPlaces(size_t total, size_t per_address);

  struct Entry {
    // Set: there is no place.
    std::optional<Refused> refused;
    // Set: this one has lost its place, and is to be closed.
    Id displaced = nullptr;
  };
  // `block` is what addresses are counted by.
  Entry enter(Id id, const std::string& block, bool from_loopback);
  // It has sent a whole request.
  void proved(Id id);
  // Does nothing if it has no place.
  void leave(Id id);

  size_t size() const { return members_.size(); }

 private:
  // By their order of arrival.
  using Arrivals = std::map<uint64_t, Id>;
  struct Holder {
    Arrivals waiting;
    Arrivals proven;
    size_t count() const { return waiting.size() + proven.size(); }
  };
  // Loopback and the others.
  struct Side {
    std::map<std::string, Holder> holders;
    std::set<std::pair<size_t, std::string>> by_count;
  };
  struct Member {
    std::string block;
    bool from_loopback = false;
    uint64_t arrival = 0;
  };

  static size_t greatest(const Side& side);
  void change(Side& side, const std::string& block, const std::function<void(Holder&)>& how);
  // Of the address, for another connection; nullptr if all have proven themselves.
  static Id longest_waiting(const Side& side, const std::string& block);
  Id choose_of_greediest(bool for_loopback, size_t holds) const;

  const size_t total_;
  const size_t per_address_;
  uint64_t arrivals_ = 0;
  Side loopback_;
  Side others_;
  std::map<Id, Member> members_;
};

}  // namespace muster::collector::http
