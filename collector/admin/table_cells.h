// Cells and rows that tables of hosts and tables of targets have in common: text from outside made
// printable and short. Pure; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/clock.h"
#include "common/terminal_text.h"
#include "muster/v1/fleet.pb.h"

namespace muster::collector {

using Row = std::vector<std::string>;

// "-" for nothing.
std::string cell(std::string_view text);
// "40 seconds ago", "never".
std::string ago(bool present, const google::protobuf::Timestamp& time, TimePoint now);
// "role=web site=fra".
std::string labels_text(const google::protobuf::Map<std::string, std::string>& labels);
// "✗ fail", without the spaces that a table adds itself.
std::string status_word(v1::Status status, const TerminalStyle& style);
// Who answers, and the windows that it is in, as far as somebody has said so.
std::vector<Row> scope_rows(const v1::Owner& owner,
                            const google::protobuf::RepeatedPtrField<std::string>& maintenance);
// A name in bold, and rows of what and value, in a block.
std::string fact_block(std::string_view name, const std::vector<Row>& facts,
                       const TerminalStyle& style);
// Verdicts with some subjects of each; and what the probes saw last.
std::string verdicts_and_sections(
    const google::protobuf::RepeatedPtrField<v1::Verdict>& verdicts,
    const google::protobuf::RepeatedPtrField<v1::FleetSection>& sections, TimePoint now,
    const TerminalStyle& style);

}  // namespace muster::collector
