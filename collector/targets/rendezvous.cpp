#include "collector/targets/rendezvous.h"

#include <cmath>

#include "common/stable_hash.h"

namespace muster::collector {
namespace {

// ln of the hash as a number between 0 and 1, never either.
double log_of(uint64_t hash) {
  constexpr double kSteps = static_cast<double>(uint64_t{1} << 53);
  return std::log((static_cast<double>(hash >> 11) + 0.5) / kSteps);
}

}  // namespace

uint64_t rendezvous_hash(std::string_view name) {
  return stable_hash(name);
}

Score::Score(uint64_t target, const Candidate& candidate)
    : hash_(mix_bits(mix_bits(target ^ candidate.hash) * 0xc4ceb9fe1a85ec53)),
      weight_(candidate.weight) {}

bool Score::operator>(const Score& other) const {
  // Most have one weight, and then the logarithms need not be known.
  if (weight_ == other.weight_) return hash_ > other.hash_;
  return -weight_ / log_of(hash_) > -other.weight_ / log_of(other.hash_);
}

}  // namespace muster::collector
