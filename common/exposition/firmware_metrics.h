// What a host's firmware is, as samples.
#pragma once

#include "common/exposition/sample_writer.h"
#include "muster/v1/firmware_facts.pb.h"

namespace muster::exposition {

// Pieces that have a series of their own; a server has about twenty.
inline constexpr int kMostFirmwareSeries = 200;

void add_firmware(SampleWriter& writer, const v1::FirmwareFacts& facts);

}  // namespace muster::exposition
