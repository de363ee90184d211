// What the agent and its launcher say to each other, over a connected Unix socket of type
// SOCK_SEQPACKET: each message is a struct of a fixed size, on one machine, between programs of one
// version. The agent orders; the launcher says hello once and then what became of each order.
//
// An order carries no path and no argument: it names a row of the probe list by its index. With one
// to look at targets comes the batch of these, and with one of a row that is given sections these,
// of which the launcher reads nothing: it is the probe's, which dials nothing that root's rules do
// not allow. The launcher trusts nothing of an
// order, see read_order.
//
// Calls do not block on a non-blocking socket. Any thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "agent/looking/probe_list.h"
#include "agent/sandbox/sandbox.h"
#include "common/descriptor.h"

namespace muster::agent {

// Another number for every change of a struct below.
inline constexpr uint32_t kLauncherProtocol = 2;

// So many runs of one row at once; an order past these is none that an agent gives. Batches of
// targets overlap, so that one that is slow does not keep the next waiting.
constexpr size_t most_runs(const ProbeRow& row) {
  return looks_at_targets(row) ? 16 : 2;
}

enum class Verb : uint32_t {
  // Start the probe of a row, with two pipes to write to, and where it is given memory that.
  kRun = 1,
  // Kill a run and its group. One that has ended meanwhile is no mistake.
  kKill = 2,
  // Read the configuration again: the launcher's own file, from its own path.
  kReload = 3,
};

struct Order {
  Verb verb = Verb::kRun;
  uint32_t row = 0;
  // The agent's name for the run. Of two that run at once, no two are the same.
  uint64_t run = 0;
  // A run is killed after this or after the row's configured time, whichever is shorter.
  uint64_t timeout_milliseconds = 0;
};

// An order as it came: with the write ends of the run's stdout and stderr, and its batch of targets
// or its sections where the row is given such.
struct ReceivedOrder {
  Order order;
  Descriptor output;
  Descriptor error_output;
  Descriptor targets;
};

enum class Event : uint32_t { kHello = 1, kEnded = 2, kNotStarted = 3 };

// The first message of a connection.
struct Hello {
  Event event = Event::kHello;
  uint32_t protocol = kLauncherProtocol;
  // Of the launcher's probe list: see table_digest.
  uint64_t table = 0;
  // Whether probes can be given what only root may do.
  uint32_t privileged = 0;
  uint32_t reserved = 0;
  // For each mechanism why probes run without it ("landlock_create_ruleset: Function not
  // implemented"), ended by a zero; empty where they have it.
  std::array<std::array<char, 96>, kMechanismCount> missing = {};
};

// Steps to a probe's first instruction that can fail.
enum class LaunchStep : uint32_t {
  kOpen,
  kSwitchedOff,
  kRequest,
  kFork,
  kDescriptors,
  kGroup,
  kSandbox,
  kDeathSignal,
  kDirectory,
  kProgram,
};
const char* step_name(LaunchStep step);

struct RunReport {
  Event event = Event::kEnded;
  enum class How : uint32_t { kExited, kSignalled, kTimedOut };
  How how = How::kExited;
  uint64_t run = 0;
  // The exit status or the signal; of a run that was not started at kSandbox the mechanism.
  int32_t code = 0;
  // Of a run that was not started.
  LaunchStep step = LaunchStep::kOpen;
  int32_t error = 0;
  uint32_t reserved = 0;
  uint64_t processor_microseconds = 0;
  uint64_t peak_kibibytes = 0;
};

// Two programs that were built with different probe lists must not talk: a row's index would mean
// another probe.
uint64_t table_digest(std::span<const ProbeRow> rows);

// What became of a read.
enum class Received { kMessage, kNothingYet, kEnd, kBroken };

// The launcher's side. kBroken with a reason (of static life) for everything that is not exactly an
// order of this table: size, verb, row, and with kRun exactly two descriptors that are pipes open
// for writing and, for a row that is given memory, a third that is sealed memory (memory_file.h).
// Descriptors that came and are not handed over are closed.
Received read_order(int socket, std::span<const ProbeRow> rows, ReceivedOrder& order,
                    const char*& complaint);

// What goes with an order to run; -1 for none.
struct OrderDescriptors {
  int output = -1;
  int error_output = -1;
  int targets = -1;
};
// The agent's side of the same. The descriptors stay the caller's. False with errno.
bool send_order(int socket, const Order& order, const OrderDescriptors& descriptors = {});

bool send_hello(int socket, const Hello& hello);
bool send_report(int socket, const RunReport& report);

// What the agent hears: a Hello or a RunReport, as `event` says.
struct ReceivedEvent {
  Event event = Event::kHello;
  Hello hello;
  RunReport report;
};
Received read_event(int socket, ReceivedEvent& event);

}  // namespace muster::agent
