// Keeps what is told of one endpoint within what a section of a target may have: what a server
// sends may be larger. What is left out is counted where the facts have a place for it. Pure.
#pragma once

#include <cstddef>

#include "muster/v1/tls_facts.pb.h"

namespace muster::tls {

// Of a section's 64 KiB, with room for what is around the facts.
inline constexpr size_t kMostFactsBytes = size_t{56} << 10;

// Leaves out alternative names, then certificates behind the leaf, until it fits: first of those
// that have most.
void keep_within(v1::TlsFacts& facts, size_t most_bytes = kMostFactsBytes);

}  // namespace muster::tls
