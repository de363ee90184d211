// How one source of the inventory stands: its last good content, since when, and what is wrong
// now. Keeps the content on disk, and says in log and metrics what changes. Guarded by its owner.
#pragma once

#include <absl/status/statusor.h>

#include <memory>
#include <optional>
#include <string>

#include "collector/inventory/inventory_metrics.h"
#include "collector/inventory/inventory_source.h"
#include "muster/v1/fleet.pb.h"

namespace muster::collector {

class SourceStanding {
 public:
  // `metrics`: null without a collector that runs: nothing is kept on disk or logged then.
  SourceStanding(InventorySource source, const std::string& state_directory,
                 InventoryMetrics* metrics);

  const InventorySource& source() const { return source_; }
  // What holds: never null, empty if there never was any.
  const std::shared_ptr<const Inventory>& content() const { return content_; }
  v1::InventorySource describe() const;

  // Takes over what is held on disk, if it is good.
  void restore();
  // Parses what the source says now, which takes long: without its owner's lock.
  struct Loaded {
    std::string text;
    std::shared_ptr<const Inventory> content;
  };
  absl::StatusOr<Loaded> parse(absl::StatusOr<std::string> text) const;
  // Takes that over, or keeps what holds; whether the content is another one now.
  bool take(const absl::StatusOr<Loaded>& loaded, TimePoint now);

 private:
  void take_failure(const absl::Status& status);
  void keep(const std::string& text, TimePoint now);
  void show();

  const InventorySource source_;
  const std::string path_;
  std::optional<InventoryMetrics::Source> metrics_;

  std::shared_ptr<const Inventory> content_ = std::make_shared<const Inventory>();
  // Of the text on disk, and when it was written.
  std::string held_sha256_;
  TimePoint held_at_;
  // Not once it never was.
  std::optional<TimePoint> last_success_;
  // Of the last load; nothing before the first.
  std::optional<absl::Status> status_;
};

}  // namespace muster::collector
