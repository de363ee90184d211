// One run of a probe over a batch of targets, as the agent hears it: each target's section as it
// comes, so that a slow target keeps no other's waiting, held to the batch that was asked for. The
// thread of the launcher's io_context.
#pragma once

#include <functional>
#include <set>
#include <string>
#include <string_view>

#include "agent/launcher/launcher.h"
#include "agent/looking/probe_list.h"
#include "common/clock.h"
#include "muster/v1/probe.pb.h"
#include "muster/v1/section.pb.h"

namespace muster::agent {

class TargetRun {
 public:
  // Of one look of the batch, or without an entity of a row that keeps a memory: with the row's
  // name, an observed_at that is not before the run nor after now.
  using Taken = std::function<void(v1::Section)>;

  // `clock` outlives it.
  TargetRun(const ProbeRow& row, const v1::TargetBatch& batch, const Clock& clock, Taken taken);

  // As LaunchRequest.take_output. What breaks the probe contract ends the taking.
  size_t take(std::string_view output);
  // Why there is no section of those of which none was taken, with the program's name; empty where
  // the program ended well and kept the contract, or was given up. `request` is what was launched.
  std::string why_it_failed(const LaunchRequest& request, const LaunchResult& result) const;

 private:
  // What is wrong with it; empty if nothing is.
  std::string complaint_about(const v1::Section& section);

  const ProbeRow& row_;
  const Clock& clock_;
  const TimePoint began_;
  // A target that is looked at often is in a batch more than once.
  std::multiset<std::string, std::less<>> awaited_;
  Taken taken_;
  std::string broken_;
};

}  // namespace muster::agent
