// Names that could be taken for a domain: its own label with a slip of the finger or of the eye,
// with a word beside it, or below another top-level domain. Pure; any thread.
#pragma once

#include <absl/status/statusor.h>

#include <string>
#include <vector>

#include "agent/probes/domain/names/public_suffixes.h"
#include "muster/v1/domain_facts.pb.h"

namespace muster::lookalikes {

struct Candidate {
  std::string name;   // as DNS has it
  std::string shown;  // where that is another alphabet, as it may be shown; else empty
  v1::LookalikeKind kind = v1::LOOKALIKE_KIND_UNSPECIFIED;
};

struct Candidates {
  // By name, each once, with the first of its kinds; never the domain itself.
  std::vector<Candidate> names;
  // Beyond `most`: of the kinds that tell the least.
  size_t left_out = 0;
};

// What a target gives besides.
struct Wishes {
  std::vector<std::string> suffixes;  // "shop", "co.uk"
  std::vector<std::string> words;     // "login"
};

// Of a registrable name. Names that IDNA does not allow are none, and of other alphabets only such
// count as some registry takes: one character of another alphabet, or all of them.
Candidates candidates_of(const domains::RegistrableName& domain, const Wishes& wishes, size_t most);

}  // namespace muster::lookalikes
