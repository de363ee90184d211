// All sources of targets: loads them, keeps the last good content of each, and hands the one table
// on whenever it changes. The files are one source: where one of them is wrong, what they said
// before stays. They are read at the start and at a reload; each server is asked by a thread of its
// own. A name that two sources list is the first's, files before servers. Any thread may call; the
// owner starts and stops it.
#pragma once

#include <absl/status/status.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "collector/sources/source_state.h"
#include "collector/targets/target_source_metrics.h"
#include "collector/targets/target_table.h"
#include "collector/targets/targets_config.h"
#include "common/clock.h"

namespace muster::collector {

class TargetSources {
 public:
  // Takes the table; must not call the sources.
  using Publish = std::function<void(std::shared_ptr<const TargetTable>)>;

  // `clock` and `metrics` outlive it; without a collector that runs these are null, and nothing is
  // kept on disk or logged.
  TargetSources(const TargetsConfig& config, const std::string& state_directory, const Clock& clock,
                TargetSourceMetrics* metrics, Publish publish);
  ~TargetSources();
  TargetSources(const TargetSources&) = delete;
  TargetSources& operator=(const TargetSources&) = delete;

  // Takes over what is held on disk, reads the files over it, and publishes. A source that fails
  // is in log and metrics, and no reason not to start.
  void load();
  // Asks the servers now and from here on.
  void start();
  // Reads the files anew, and has the servers asked soon. What is wrong with files, a line each;
  // what these said before stays.
  absl::Status reload();
  // Gives up what is under way. Idempotent.
  void stop();

  // Whether the configuration names none.
  bool empty() const;
  // Whether each has said something, now or before a restart: until then, what the table lacks may
  // be listed nevertheless.
  bool complete() const;
  // Of each source, in the order of the configuration.
  std::vector<SourceState> describe() const;

 private:
  class Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace muster::collector
