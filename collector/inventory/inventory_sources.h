// All sources of the inventory: loads them, keeps the last good content of each, and hands the one
// table on whenever it changes. Files are read at the start and at a reload; each server is asked
// by a thread of its own, so that a slow one delays nobody. Any thread may call; the owner starts
// and stops it.
#pragma once

#include <absl/status/status.h>

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "collector/inventory/source_standing.h"
#include "common/clock.h"

namespace muster::collector {

class InventorySources {
 public:
  // Takes the table; must not call the sources.
  using Publish = std::function<void(std::shared_ptr<const Inventory>)>;

  // `clock` and `metrics` outlive it; without a collector that runs these are null, and nothing is
  // kept on disk or logged.
  InventorySources(const std::vector<InventorySource>& sources, const std::string& state_directory,
                   const Clock& clock, InventoryMetrics* metrics, Publish publish);
  ~InventorySources();
  InventorySources(const InventorySources&) = delete;
  InventorySources& operator=(const InventorySources&) = delete;

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

  bool empty() const { return standings_.empty(); }
  std::vector<v1::InventorySource> describe() const;

 private:
  absl::Status read_files();
  void look_again(SourceStanding& standing, const std::stop_token& stop);
  // Whether something changed since the last time.
  void publish();

  const std::string state_directory_;
  const Clock& clock_;
  const Publish publish_;

  // Held while the table is put together and handed on, so that the last one handed on is the
  // newest. Before mutex_.
  std::mutex publish_mutex_;

  mutable std::mutex mutex_;
  // Below: guarded by mutex_.
  std::condition_variable_any asked_;
  // Counts reloads.
  uint64_t reloads_ = 0;
  // Of the configuration, in its order; their number stays.
  std::vector<std::unique_ptr<SourceStanding>> standings_;

  std::vector<std::jthread> threads_;
};

}  // namespace muster::collector
