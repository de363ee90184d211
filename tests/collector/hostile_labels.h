// Whatever bytes hosts say: random ones and the worst known go the way of a report into the fleet
// and out as an exposition, and two parsers and a linter that are not ours must find in it exactly
// the series that were said, each once, with its value (hostile_labels.py).
//
// Facts carry text that an agent's probe has repaired to UTF-8, since protobuf refuses the rest;
// names of probes carry the bytes as they are, to show that the exposition does not rely on that.
#pragma once

namespace muster::collector {

// With 100,000 strings made from the seed.
void expect_that_readers_find_what_was_said(unsigned seed);

}  // namespace muster::collector
