// The verbs that change a host: each writes to stdout what happens now and returns the exit status.
// One thread; calls block.
#pragma once

#include <string>

#include "collector/admin/verbs.h"

namespace muster::collector {

struct HostChange {
  // The host's name.
  std::string host;
  // Why, for the log and for who asks later.
  std::string reason;
  // Of `host rename`.
  std::string new_name;
};

int revoke_host(const Config& config, const Clock& clock, const HostChange& change,
                const Presentation& presentation);
int release_host(const Config& config, const Clock& clock, const HostChange& change,
                 const Presentation& presentation);
int rename_host(const Config& config, const Clock& clock, const HostChange& change,
                const Presentation& presentation);
int remove_host(const Config& config, const Clock& clock, const HostChange& change,
                const Presentation& presentation);

// `id` as `token list` shows it.
int revoke_token(const Config& config, const Clock& clock, const std::string& id,
                 const Presentation& presentation);

}  // namespace muster::collector
