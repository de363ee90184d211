// The probe list as an operator reads it: what each may do, by which privilege, how long. Pure; any
// thread.
#pragma once

#include <string>

#include "common/terminal_text.h"
#include "muster/v1/probe_list.pb.h"

namespace muster::agent {

// The rows of all_probes.
v1::ProbeList describe_probes();

// For a terminal.
std::string probe_table(const v1::ProbeList& list, const TerminalStyle& style);
// What agent/probes/README.md has, held to it by a test.
std::string probe_markdown(const v1::ProbeList& list);
std::string probe_json(const v1::ProbeList& list);

}  // namespace muster::agent
