#include "collector/inventory/source_standing.h"

#include <utility>

#include "collector/inventory/held_inventory.h"
#include "common/digest.h"
#include "common/log.h"
#include "common/timestamp.h"

namespace muster::collector {
namespace {

// How old the time on disk may be while the content stays the same.
constexpr Duration kWriteAgainAfter = std::chrono::hours(1);

std::string text_of(const absl::Status& status) {
  return std::string(status.message());
}

}  // namespace

SourceStanding::SourceStanding(InventorySource source, const std::string& state_directory,
                               InventoryMetrics* metrics)
    : source_(std::move(source)), path_(held_inventory_path(state_directory, source_)) {
  if (metrics != nullptr) metrics_.emplace(metrics->source(source_.name));
}

v1::InventorySource SourceStanding::describe() const {
  v1::InventorySource described;
  described.set_name(source_.name);
  described.set_hosts(static_cast<uint32_t>(content_->hosts().size()));
  if (last_success_) *described.mutable_last_success_at() = to_proto(*last_success_);
  if (status_) described.set_error(text_of(*status_));
  return described;
}

void SourceStanding::restore() {
  const absl::StatusOr<HeldInventory> held = read_held_inventory(path_, source_);
  if (absl::IsNotFound(held.status())) return;
  const auto loaded = parse(held.ok() ? absl::StatusOr<std::string>(held->text) : held.status());
  if (!loaded.ok()) {
    if (!metrics_) return;
    log_warning("what was held of a source of the inventory cannot be used",
                {{"source", source_.name}, {"file", path_}, {"error", text_of(loaded.status())}});
    return;
  }
  content_ = loaded->content;
  held_sha256_ = sha256(held->text);
  held_at_ = held->loaded_at;
  last_success_ = held->loaded_at;
  show();
}

absl::StatusOr<SourceStanding::Loaded> SourceStanding::parse(
    absl::StatusOr<std::string> text) const {
  if (!text.ok()) return text.status();
  absl::StatusOr<Inventory> inventory = parse_source(source_, *text);
  if (!inventory.ok()) return inventory.status();
  return Loaded{.text = *std::move(text),
                .content = std::make_shared<const Inventory>(*std::move(inventory))};
}

bool SourceStanding::take(const absl::StatusOr<Loaded>& loaded, TimePoint now) {
  if (!loaded.ok()) {
    take_failure(loaded.status());
    return false;
  }
  const bool changed = loaded->content->hosts() != content_->hosts();
  if (changed) content_ = loaded->content;
  const bool failed_before = status_ && !status_->ok();
  if (metrics_ && (changed || failed_before || !status_)) {
    log_info(failed_before ? "the inventory is loaded again" : "loaded the inventory",
             {{"source", source_.name}, {"hosts", content_->hosts().size()}});
  }
  status_ = absl::OkStatus();
  last_success_ = now;
  if (metrics_) keep(loaded->text, now);
  show();
  return changed;
}

void SourceStanding::take_failure(const absl::Status& status) {
  // Once for each fault, not at each look.
  if (metrics_ && (!status_ || text_of(*status_) != text_of(status))) {
    log_error(last_success_ ? "cannot load the inventory; what it said last stays"
                            : "cannot load the inventory, and have nothing of it from before",
              {{"source", source_.name},
               {"error", text_of(status)},
               {"hosts", content_->hosts().size()},
               {"as_of", last_success_ ? to_iso8601(*last_success_) : "never"}});
  }
  status_ = status;
  show();
}

void SourceStanding::keep(const std::string& text, TimePoint now) {
  std::string digest = sha256(text);
  if (digest == held_sha256_ && now - held_at_ < kWriteAgainAfter && now >= held_at_) return;
  const absl::Status status = hold_inventory(path_, source_, {.text = text, .loaded_at = now});
  if (!status.ok()) {
    // It is tried again at the next load.
    log_warning("cannot keep the inventory for a restart while its source is away",
                {{"source", source_.name}, {"error", text_of(status)}});
    return;
  }
  held_sha256_ = std::move(digest);
  held_at_ = now;
}

void SourceStanding::show() {
  if (!metrics_) return;
  metrics_->last_success.Set(last_success_ ? to_unix_seconds(*last_success_) : 0);
  metrics_->last_load_successful.Set(status_ && status_->ok() ? 1 : 0);
  metrics_->hosts.Set(static_cast<double>(content_->hosts().size()));
}

}  // namespace muster::collector
