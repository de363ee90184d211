// What is known of one source beside its content: since when it is good, and what is wrong now.
// Keeps its text on disk, and says in log and metrics what changes. Guarded by its owner.
#pragma once

#include <absl/status/statusor.h>

#include <optional>
#include <string>
#include <string_view>

#include "collector/sources/held_text.h"
#include "collector/sources/source_gauges.h"
#include "collector/sources/source_state.h"

namespace muster::collector {

// What is listed, as it is said: "inventory", "hosts". The first is the kind of its held texts too.
struct SourceWords {
  std::string_view list;
  std::string_view entries;
};

class SourceRecord {
 public:
  // `gauges`: nothing without a collector that runs: nothing is kept on disk or logged then.
  SourceRecord(std::string name, SourceWords words, const std::string& state_directory,
               std::optional<SourceGauges> gauges)
      : name_(std::move(name)),
        words_(words),
        texts_(state_directory, words.list),
        gauges_(gauges) {}

  const std::string& name() const { return name_; }
  SourceState state() const;

  // What is on disk; NotFound: nothing is. Then one of the next two is called.
  absl::StatusOr<HeldText> held() const { return texts_.read(name_); }
  void restored(const HeldText& held, size_t entries);
  void cannot_restore(const absl::Status& status) const;

  // Of a load: the text with so many entries, which are others than before if `changed`; or why
  // not.
  void succeeded(const std::string& text, size_t entries, bool changed, TimePoint now);
  void failed(const absl::Status& status);

 private:
  void keep(const std::string& text, TimePoint now);
  void show();

  const std::string name_;
  const SourceWords words_;
  const HeldTexts texts_;
  std::optional<SourceGauges> gauges_;

  size_t entries_ = 0;
  // Of the text on disk, and when it was written.
  std::string held_sha256_;
  TimePoint held_at_;
  // Not once it never was.
  std::optional<TimePoint> last_success_;
  // Of the last load; nothing before the first.
  std::optional<absl::Status> status_;
};

}  // namespace muster::collector
