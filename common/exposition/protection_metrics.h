// What protects a host and what watches it, as samples: the same families for every product.
#pragma once

#include "common/exposition/sample_writer.h"
#include "muster/v1/protection_facts.pb.h"

namespace muster::exposition {

void add_antivirus(SampleWriter& writer, const v1::AntivirusFacts& facts);
void add_intrusion_detection(SampleWriter& writer, const v1::IntrusionDetectionFacts& facts);

}  // namespace muster::exposition
