// Every probe the agent can run, in one visible table: what it is, what it may, what it reads. A
// new probe is a folder in agent/probes/ and one row here. The launcher enforces the same rows that
// `muster-agent probes` shows and agent/probes/README.md is made from.
#pragma once

#include <span>
#include <string_view>

#include "agent/sandbox/sandbox.h"
#include "common/clock.h"

namespace muster::agent {

// A file or directory that a probe's answer depends on.
struct ProbeInput {
  enum class Kind {
    // One file; it need not exist.
    kFile,
    // A directory and each of its entries.
    kDirectory,
    // A directory and everything below it.
    kTree,
    // Whether anything is there, whatever it is.
    kPresence,
  };
  std::string_view path;
  Kind kind = Kind::kFile;
};

// What a probe writes to stdout. Declared, never sniffed.
enum class ProbeEncoding {
  // Sections of muster.v1, each preceded by its size as a varint.
  kProtobuf,
};

// A setting that agent.yml may give a probe, by the name that the probe knows it by.
struct ProbeSettingRow {
  // kPaths: absolute paths or globs, which the probe may then read.
  enum class Kind { kTexts, kPaths, kBoolean };
  std::string_view name;
  Kind kind = Kind::kTexts;
};

struct ProbeRow {
  // "packages-apt": the section's probe, the key in agent.yml.
  std::string_view name;
  // File name in the probe directory.
  std::string_view program = {};
  // How often it looks and how long one look may take; agent.yml may change both. Where it looks at
  // targets: within how long the looks of one run begin, each target having an interval and a
  // time-out of its own, and how long that run may take.
  Duration interval{0};
  Duration timeout{0};
  // What its answer depends on, where that is all of it: while a stat shows these unchanged, the
  // last look is confirmed without running the probe. Empty: every look runs.
  std::span<const ProbeInput> inputs = {};
  std::span<const ProbeSettingRow> settings = {};
  // What the sandbox gives it, and what for: "the serial number", or "" where it needs nothing.
  SandboxDeclaration sandbox = {};
  std::string_view privilege_reason = {};
  // Probes of this host whose last sections it is given (GivenSections), its own among them where
  // it goes on from there. One with a network then looks at this host by it, rather than at
  // targets.
  std::span<const std::string_view> given = {};
  // Of one that looks at targets: it leaves bytes for its next runs, which the agent keeps and does
  // not read (a section without an entity; agent/targets/probe_memory.h).
  bool keeps_memory = false;
  // It looks only where agent.yml says so: a look does more than looking.
  bool is_opt_in = false;
  // The facts it emits, a message of muster.v1.
  std::string_view facts = {};
  ProbeEncoding encoding = ProbeEncoding::kProtobuf;
};

// Whether it looks at targets, a batch of them in each run, rather than at this host.
constexpr bool looks_at_targets(const ProbeRow& row) {
  return row.sandbox.reach == SandboxDeclaration::Reach::kNetwork && row.given.empty();
}

// Whether the agent gives it something for each run, as sealed memory: targets, or sections.
constexpr bool is_given_memory(const ProbeRow& row) {
  return looks_at_targets(row) || !row.given.empty();
}

// However long agent.yml lets a look take, the launcher ends it here.
inline constexpr Duration kLongestTimeout = std::chrono::hours(1);

// All of them, in the order in which they are shown.
std::span<const ProbeRow> all_probes();

}  // namespace muster::agent
