// What every network probe program shares: the contract of probe.proto on stdin, descriptor 99 and
// stdout, and the tool that an operator runs by hand. A probe's own folder holds one look.
//
//   muster-probe-tcp                                    as the agent runs it: a ProbeRequest on
//                                                       stdin, its batch on descriptor 99
//   muster-probe-tcp --target www.example.org:443 --format json   by hand: reads nothing, may look
//                                                       anywhere
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "agent/probes/network/look_runner.h"
#include "agent/probes/probe_program.h"

namespace muster::network_probe {

// What a probe is given besides, by the word of its row.
enum class Needs {
  kNothing,
  // Root's file of credentials, which its row inherits after the resolver's.
  kCredentials,
};

// What a run leaves for the next ones of its probe, where its row keeps that.
struct Kept {
  // Full name of the message: "muster.v1.RegistryMemory".
  std::string_view type;
  // What was left, bytes from outside, before the first look; empty: nothing.
  std::function<void(const std::string& memory)> take;
  // What is left, behind the last one; empty: as before.
  std::function<std::string()> leave;
};

// Runs the program: exit status 0 when every look that was due has a section (failed ones too), 64
// on a usage error, 65 on a broken request, batch or file of credentials, 74 when stdout could not
// be written. The description's name is the probe's and the kind's.
int run(int argc, char** argv, const probe::Description& description, LookFunction look,
        Needs needs = Needs::kNothing, const Kept* kept = nullptr);

}  // namespace muster::network_probe
