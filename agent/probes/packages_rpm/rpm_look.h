// A look: the database, the configuration, the cache, and what libdnf makes of them. Calls block;
// once in a process.
#pragma once

#include "muster/v1/probe.pb.h"
#include "muster/v1/section.pb.h"

namespace muster::packages_rpm {

v1::Section look(const v1::ProbeRequest& request);

}  // namespace muster::packages_rpm
