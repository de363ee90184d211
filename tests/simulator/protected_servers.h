// What protects and watches simulated hosts: the facts of the probes "antivirus" and
// "intrusion-detection".
#pragma once

#include <cstddef>

#include "common/clock.h"
#include "muster/v1/protection_facts.pb.h"

namespace muster::simulator {

// One host in four has something wrong of every kind, one has no antivirus, and one does not know.
v1::AntivirusFacts antivirus_facts(size_t host, TimePoint started);
v1::IntrusionDetectionFacts intrusion_detection_facts(size_t host, TimePoint started);

}  // namespace muster::simulator
