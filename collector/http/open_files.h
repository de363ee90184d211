// How many files, and so connections, the process may hold.
#pragma once

#include <cstddef>

namespace muster::collector::http {

// Raises the soft limit of open files to the hard one and returns it: the soft one (1024 on many
// systems) is for programs that use select(), and every agent that is connected takes one.
size_t raise_open_files();

}  // namespace muster::collector::http
