// Messages that nobody would send: every field with what is most likely to hurt whoever believes
// it. The same seed gives the same messages.
#pragma once

#include <google/protobuf/message.h>

#include <random>
#include <string>

namespace muster::hostile {

using Random = std::mt19937_64;

// Fills every field, and those of the messages in it: numbers at their ends, names of files, shell
// words, long and broken text, lists with one, many or no elements.
void fill_at_random(google::protobuf::Message& message, Random& random);

// A text of that kind. `utf8`: valid UTF-8, as a field of type string must be.
std::string hostile_text(Random& random, bool utf8);

// Bits turned, parts cut out, doubled or replaced. At least one change.
void mutate(std::string& bytes, Random& random);

}  // namespace muster::hostile
