#include "collector/sources/source_record.h"

#include <fmt/format.h>

#include <utility>

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

SourceState SourceRecord::state() const {
  return {.name = name_, .entries = entries_, .last_success = last_success_, .status = status_};
}

void SourceRecord::restored(const HeldText& held, size_t entries) {
  entries_ = entries;
  held_sha256_ = sha256(held.text);
  held_at_ = held.loaded_at;
  last_success_ = held.loaded_at;
  show();
}

void SourceRecord::cannot_restore(const absl::Status& status) const {
  if (!gauges_) return;
  log_warning(fmt::format("what was held of a source of the {} cannot be used", words_.list),
              {{"source", name_}, {"file", texts_.path(name_)}, {"error", text_of(status)}});
}

void SourceRecord::succeeded(const std::string& text, size_t entries, bool changed, TimePoint now) {
  entries_ = entries;
  const bool failed_before = status_ && !status_->ok();
  if (gauges_ && (changed || failed_before || !status_)) {
    log_info(
        fmt::format("loaded the {}{}", words_.list, failed_before ? " again, after it failed" : ""),
        {{"source", name_}, {words_.entries, entries_}});
  }
  status_ = absl::OkStatus();
  last_success_ = now;
  if (gauges_) keep(text, now);
  show();
}

void SourceRecord::failed(const absl::Status& status) {
  // Once for each fault, not at each look.
  if (gauges_ && (!status_ || text_of(*status_) != text_of(status))) {
    log_error(fmt::format("cannot load the {}{}", words_.list,
                          last_success_ ? "; what its source said last stays"
                                        : ", and have nothing of its source from before"),
              {{"source", name_},
               {"error", text_of(status)},
               {words_.entries, entries_},
               {"as_of", last_success_ ? to_iso8601(*last_success_) : "never"}});
  }
  status_ = status;
  show();
}

void SourceRecord::keep(const std::string& text, TimePoint now) {
  std::string digest = sha256(text);
  if (digest == held_sha256_ && now - held_at_ < kWriteAgainAfter && now >= held_at_) return;
  const absl::Status status = texts_.hold(name_, {.text = text, .loaded_at = now});
  if (!status.ok()) {
    // It is tried again at the next load.
    log_warning(
        fmt::format("cannot keep the {} for a restart while its source is away", words_.list),
        {{"source", name_}, {"error", text_of(status)}});
    return;
  }
  held_sha256_ = std::move(digest);
  held_at_ = now;
}

void SourceRecord::show() {
  if (!gauges_) return;
  gauges_->last_success.Set(last_success_ ? to_unix_seconds(*last_success_) : 0);
  gauges_->last_load_successful.Set(status_ && status_->ok() ? 1 : 0);
  gauges_->entries.Set(static_cast<double>(entries_));
}

}  // namespace muster::collector
