// `target check`: whether lists of targets are good, before a collector reads them. Writes to
// stdout and returns the exit status. One thread; calls block.
#pragma once

#include "collector/targets/targets_config.h"

namespace muster::collector {

// 0, with how many targets of each kind there are; or 65 (sysexits.h's EX_DATAERR) with every
// complaint on stderr, also where files are named and none is there. No server is asked.
int check_target_lists(TargetsConfig targets);

}  // namespace muster::collector
