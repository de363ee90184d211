// The verbs of `muster-collector ca`: each writes to stdout and returns the exit status, as those
// of verbs.h do. One thread; calls block.
#pragma once

#include <string>

#include "collector/admin/verbs.h"
#include "muster/v1/fleet.pb.h"

namespace muster::collector {

struct CaChange {
  bool force = false;
  // Of `ca activate`: a fingerprint, hex; empty: the newest.
  std::string sha256;
};

int show_ca(const Config& config, const Clock& clock, const Presentation& presentation);
int prepare_ca(const Config& config, const Clock& clock, const Presentation& presentation);
int activate_ca(const Config& config, const Clock& clock, const CaChange& change,
                const Presentation& presentation);
int retire_ca(const Config& config, const Clock& clock, const CaChange& change,
              const Presentation& presentation);

// Pure.
std::string ca_text(const v1::CaStatus& status, TimePoint now, const TerminalStyle& style);

}  // namespace muster::collector
