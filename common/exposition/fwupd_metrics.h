// What fwupd knows of a host's firmware, as samples.
#pragma once

#include "common/exposition/sample_writer.h"
#include "muster/v1/fwupd_facts.pb.h"

namespace muster::exposition {

// Sources of metadata that have a series of their own; a host has about two.
inline constexpr int kMostRemoteSeries = 20;

void add_fwupd(SampleWriter& writer, const v1::FwupdFacts& facts);

}  // namespace muster::exposition
