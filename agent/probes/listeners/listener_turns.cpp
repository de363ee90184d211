#include "agent/probes/listeners/listener_turns.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>
#include <tuple>
#include <utility>

namespace muster::listeners {

std::string group_of(const v1::ListeningSocket& socket) {
  const v1::SocketOwner& owner = socket.owner();
  if (owner.processes() == 0) return fmt::format("{}", socket.inode());
  if (!owner.unit().empty()) return fmt::format("{}\n{}", owner.container(), owner.unit());
  return fmt::format("{}\n\n{}\n{}", owner.container(), owner.executable(), owner.program());
}

ListenerTurns::ListenerTurns(std::vector<Turn> turns) {
  std::stable_sort(turns.begin(), turns.end(),
                   [](const Turn& a, const Turn& b) { return a.missed > b.missed; });
  std::map<std::pair<uint32_t, std::string>, size_t> of_group;
  std::vector<std::pair<size_t, Turn>> rounds;
  for (Turn& turn : turns) {
    const size_t round = of_group[{turn.missed, turn.group}]++;
    rounds.emplace_back(round, std::move(turn));
  }
  std::stable_sort(rounds.begin(), rounds.end(), [](const auto& a, const auto& b) {
    return std::tuple(b.second.missed, a.first) < std::tuple(a.second.missed, b.first);
  });
  for (auto& [round, turn] : rounds)
    waiting_.push_back(std::move(turn));
}

std::optional<ListenerTurns::Turn> ListenerTurns::take() {
  const auto next = std::find_if(waiting_.begin(), waiting_.end(),
                                 [this](const Turn& turn) { return !busy_.contains(turn.group); });
  if (next == waiting_.end()) return std::nullopt;
  Turn turn = std::move(*next);
  waiting_.erase(next);
  busy_.insert(turn.group);
  return turn;
}

void ListenerTurns::end(const Turn& turn, bool again) {
  busy_.erase(turn.group);
  if (again) waiting_.push_back(turn);
}

}  // namespace muster::listeners
