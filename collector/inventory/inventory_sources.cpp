#include "collector/inventory/inventory_sources.h"

#include <fmt/format.h>

#include <utility>

#include "collector/inventory/held_inventory.h"

namespace muster::collector {

InventorySources::InventorySources(const std::vector<InventorySource>& sources,
                                   const std::string& state_directory, const Clock& clock,
                                   InventoryMetrics* metrics, Publish publish)
    : state_directory_(state_directory), clock_(clock), publish_(std::move(publish)) {
  for (const InventorySource& source : sources)
    standings_.push_back(std::make_unique<SourceStanding>(source, state_directory, metrics));
}

InventorySources::~InventorySources() {
  stop();
}

void InventorySources::load() {
  {
    const std::lock_guard guard(mutex_);
    for (const std::unique_ptr<SourceStanding>& standing : standings_)
      standing->restore();
  }
  (void)read_files();
  publish();
}

void InventorySources::start() {
  for (const std::unique_ptr<SourceStanding>& standing : standings_) {
    if (!standing->source().http) continue;
    threads_.emplace_back([this, standing = standing.get()](const std::stop_token& stop) {
      look_again(*standing, stop);
    });
  }
}

absl::Status InventorySources::reload() {
  {
    const std::lock_guard guard(mutex_);
    ++reloads_;
  }
  asked_.notify_all();
  absl::Status status = read_files();
  publish();
  return status;
}

void InventorySources::stop() {
  for (std::jthread& thread : threads_)
    thread.request_stop();
  threads_.clear();
}

std::vector<v1::InventorySource> InventorySources::describe() const {
  const std::lock_guard guard(mutex_);
  std::vector<v1::InventorySource> described;
  for (const std::unique_ptr<SourceStanding>& standing : standings_)
    described.push_back(standing->describe());
  return described;
}

absl::Status InventorySources::read_files() {
  std::string complaints;
  for (const std::unique_ptr<SourceStanding>& standing : standings_) {
    if (standing->source().http) continue;
    const auto loaded = standing->parse(read_source(standing->source(), {}));
    const std::lock_guard guard(mutex_);
    standing->take(loaded, clock_.now());
    if (loaded.ok()) continue;
    complaints +=
        fmt::format("{}{}", complaints.empty() ? "" : "\n", std::string(loaded.status().message()));
  }
  return complaints.empty() ? absl::OkStatus() : absl::InvalidArgumentError(complaints);
}

void InventorySources::look_again(SourceStanding& standing, const std::stop_token& stop) {
  const InventorySource& source = standing.source();
  for (;;) {
    uint64_t seen = 0;
    {
      const std::lock_guard guard(mutex_);
      seen = reloads_;
    }
    const auto loaded = standing.parse(read_source(source, stop));
    // What was given up says nothing of the source.
    if (stop.stop_requested()) return;
    bool changed = false;
    {
      const std::lock_guard guard(mutex_);
      changed = standing.take(loaded, clock_.now());
    }
    if (changed) publish();
    std::unique_lock lock(mutex_);
    asked_.wait_for(lock, stop, source.interval, [this, seen] { return reloads_ != seen; });
    if (stop.stop_requested()) return;
  }
}

void InventorySources::publish() {
  const std::lock_guard publishing(publish_mutex_);
  auto inventory = std::make_shared<Inventory>();
  std::vector<std::shared_ptr<const Inventory>> contents;
  {
    const std::lock_guard guard(mutex_);
    for (const std::unique_ptr<SourceStanding>& standing : standings_)
      contents.push_back(standing->content());
  }
  for (const std::shared_ptr<const Inventory>& content : contents)
    inventory->put_over(*content);
  publish_(std::move(inventory));
}

}  // namespace muster::collector
