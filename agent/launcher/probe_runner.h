// Runs the probes of a list: has the launcher start the program, counts it, logs it, and gives back
// a section whatever happened. The one wrapper around every probe; used by the agent's loop and by
// `muster-agent check`.
//
// One thread owns it: the one that runs the launcher's io_context.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "agent/launcher/launcher.h"
#include "agent/launcher/target_run.h"
#include "agent/looking/probe_list.h"
#include "common/clock.h"
#include "muster/v1/probe.pb.h"
#include "muster/v1/section.pb.h"

namespace muster::agent {

// What is known of a probe's looks since the agent started.
struct LookCounts {
  // Programs run, and of those the ones that did not keep the contract or said that they failed.
  uint64_t runs = 0;
  uint64_t failures = 0;
  // Looks confirmed without a run.
  uint64_t confirmed = 0;
  Duration last_duration{0};
};

class ProbeRunner {
 public:
  // `launcher`, `clock` and `rows` outlive it; the launcher has the same rows. `probe_directory` is
  // absolute.
  ProbeRunner(Launcher& launcher, const Clock& clock, std::string probe_directory,
              std::span<const ProbeRow> rows = all_probes());

  void set_probe_directory(std::string probe_directory);
  // Where the row's program is.
  std::string program_of(const ProbeRow& row) const;

  // One look, with the request that the launcher has for it. `row` is one of the rows. `done` is
  // called once, later. `given`: what a row is given that is given sections; null: nothing.
  using Done = std::function<void(v1::Section)>;
  void look(const ProbeRow& row, Duration timeout, Done done,
            const v1::GivenSections* given = nullptr);

  // One run over a batch of targets, of a row that looks at such. `taken` is called for each
  // section as it comes, `ended` once, later: with why none came of the others, empty where the
  // program ended well or was given up. At most most_runs() of a row at once. The run's number.
  using Ended = std::function<void(const std::string& why)>;
  uint64_t look_at(const ProbeRow& row, Duration timeout, const v1::TargetBatch& batch,
                   TargetRun::Taken taken, Ended ended);

  // Has such a run killed.
  void give_up(uint64_t run) { launcher_.give_up(run); }

  // Notes a look that needed no run.
  void count_confirmed(const ProbeRow& row);
  // By the row's name; zeros for one that never ran.
  LookCounts counts_of(std::string_view probe) const;

 private:
  LaunchRequest request_of(const ProbeRow& row, Duration timeout) const;
  // `failure`: why, where it failed.
  void note(const ProbeRow& row, const LaunchResult& result, std::string_view failure);

  Launcher& launcher_;
  const Clock& clock_;
  std::string probe_directory_;
  std::span<const ProbeRow> rows_;
  std::map<std::string, LookCounts, std::less<>> counts_;
};

}  // namespace muster::agent
