// One look of the probe "certificates": settings checked, places searched, facts gathered. Calls
// block; one thread.
#pragma once

#include "agent/probes/certificates/certificate_collection.h"
#include "agent/probes/certificates/certificate_search.h"
#include "muster/v1/probe.pb.h"
#include "muster/v1/section.pb.h"

namespace muster {

// For a request that probe::run has checked. Failed if a setting cannot be understood or the root
// is no directory; else observed, with an error at each file that could not be read.
v1::Section look_at_certificates(const v1::ProbeRequest& request,
                                 const SearchLimits& search_limits = {},
                                 const CollectionLimits& collection_limits = {});

}  // namespace muster
