// Whose word agent.yml is. What it says makes privileged probes read files, and has root give a
// directory away: it must come from root, or from the user that this process runs as, even where
// another user owns the directory it lies in. Small: the privileged launcher has it, too. Any
// thread.
#pragma once

#include <string>

#include "common/descriptor.h"

namespace muster::agent {

struct OpenedConfig {
  // To be read; none if it is refused.
  Descriptor file;
  // Why, and what to do; and an errno, if it could not be opened at all.
  std::string why;
  int error = 0;
};

// Taken is a regular file of root's or of this process's effective user, that nobody else may write
// and that has no second name: who owns the directory can put no other file of root's in its place
// by a hard link. Symbolic links to it, at most eight, must be root's or that user's, too.
// Whoever judges it reads this descriptor: the path may lead elsewhere by then.
OpenedConfig open_config(const std::string& path);

}  // namespace muster::agent
