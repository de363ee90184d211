// What registries and name servers say of a domain as samples of its target. Pure; any thread.
#pragma once

#include <string_view>

#include "common/exposition/sample_writer.h"
#include "common/section_state.h"
#include "muster/v1/domain_facts.pb.h"

namespace muster::exposition {

// The words of labels: "registered"; "authoritative", "timed_out"; "good", "broken"; "present".
std::string_view registry_answer_word(v1::RegistryAnswer answer);
std::string_view zone_answer_word(v1::ZoneAnswer answer);
std::string_view dnssec_word(v1::DnssecState state);
std::string_view record_word(v1::RecordState state);

// Of the section "domain". A registration does not move because nobody asked for it: what the
// registry said last stays, beside how the last look-up ended.
void add_domain(SampleWriter& writer, const SectionState& section);
// Of the section "zone", and of "lookalikes".
void add_zone(SampleWriter& writer, const v1::ZoneFacts& facts);
void add_lookalikes(SampleWriter& writer, const v1::LookalikeFacts& facts);

}  // namespace muster::exposition
