// Who is asked next, in a look that may have no time for all: whoever has waited longest, so that
// no number of slow sockets keeps another from its turn. The sockets of one group are asked one
// after the other. Pure; one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "muster/v1/listener_facts.pb.h"

namespace muster::listeners {

// What is asked one after the other: a unit's sockets, of which a user may have few whatever
// programs it starts; without a unit, a program's.
std::string group_of(const v1::ListeningSocket& socket);

class ListenerTurns {
 public:
  struct Turn {
    // Its number among the listeners.
    size_t listener = 0;
    std::string group = {};
    // Looks in a row that had no time for it.
    uint32_t missed = 0;
  };

  // Of those that have waited equally long, the first of each group comes before the second of any.
  explicit ListenerTurns(std::vector<Turn> turns);

  // The next, of which nobody else of its group is being asked; none: others have to end first, or
  // it was the last.
  std::optional<Turn> take();
  // It was asked; `again`: it has more questions, behind all that wait.
  void end(const Turn& turn, bool again);

  // Whom nobody came to.
  const std::vector<Turn>& left() const { return waiting_; }

 private:
  std::vector<Turn> waiting_;
  std::set<std::string> busy_;
};

}  // namespace muster::listeners
