// What a host is made of, and how what it has twice fares, as samples.
#pragma once

#include "common/exposition/sample_writer.h"
#include "muster/v1/hardware_facts.pb.h"

namespace muster::exposition {

// Of each that have series of their own; a server has a dozen.
inline constexpr int kMostDiskSeries = 200;
inline constexpr int kMostArraySeries = 200;
inline constexpr int kMostModuleSeries = 200;

void add_hardware(SampleWriter& writer, const v1::HardwareFacts& facts);

}  // namespace muster::exposition
