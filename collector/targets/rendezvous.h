// Rendezvous hashing: which of several agents a target falls to, as their names and weights alone
// decide. Each agent has a score for each target, and the highest has it; so who comes or goes
// moves only its own share, and everybody who knows the agents comes to the same result. Pure; any
// thread.
//
// D. Thaler, C. Ravishankar: Using name-based mappings to increase hit rates (1998); weights as in
// draft-ietf-bess-weighted-hrw: -weight / ln(hash).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace muster::collector {

struct Candidate {
  // Of what names it; different for each.
  uint64_t hash = 0;
  double weight = 1;
  // Its site's number; 0: none.
  uint32_t site = 0;
  bool operator==(const Candidate&) const = default;
};

uint64_t rendezvous_hash(std::string_view name);

// How well an agent suits a target.
class Score {
 public:
  Score(uint64_t target, const Candidate& candidate);
  bool operator>(const Score& other) const;

 private:
  uint64_t hash_;
  double weight_;
};

// The number of the best candidate. Those that `avoid(number)` names are chosen only if there are
// only such; of the rest, those of the target's site if there is any. `excluded(number)` is never
// chosen. Unset: there is none.
template <typename Avoid, typename Excluded>
std::optional<size_t> choose(uint64_t target, uint32_t site, std::span<const Candidate> candidates,
                             const Avoid& avoid, const Excluded& excluded) {
  std::optional<size_t> best;
  int best_rank = -1;
  std::optional<Score> best_score;
  for (size_t number = 0; number < candidates.size(); ++number) {
    if (excluded(number)) continue;
    const Candidate& candidate = candidates[number];
    const int rank = (avoid(number) ? 0 : 2) + (site != 0 && candidate.site == site ? 1 : 0);
    if (rank < best_rank) continue;
    const Score score(target, candidate);
    if (rank == best_rank && !(score > *best_score)) continue;
    best = number;
    best_rank = rank;
    best_score = score;
  }
  return best;
}

}  // namespace muster::collector
