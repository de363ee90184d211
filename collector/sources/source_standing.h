// How one source stands: its last good content, and what is known of it. Guarded by its owner.
//
// A List is what a text of a source lists: size(), operator==, and empty as it is made.
#pragma once

#include <absl/status/statusor.h>

#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>

#include "collector/sources/source_record.h"

namespace muster::collector {

template <typename List>
struct ListSource {
  // For people, logs and metrics.
  std::string name;
  // How often it is asked; nothing: it is read at the start and at a reload, as files are.
  std::optional<Duration> asked_every;
  // What it says now, whatever it is. Blocks.
  std::function<absl::StatusOr<std::string>(const std::stop_token&)> read;
  std::function<absl::StatusOr<List>(const std::string&)> parse;
};

template <typename List>
class SourceStanding {
 public:
  SourceStanding(ListSource<List> source, SourceWords words, const std::string& state_directory,
                 std::optional<SourceGauges> gauges)
      : source_(std::move(source)), record_(source_.name, words, state_directory, gauges) {}

  const ListSource<List>& source() const { return source_; }
  // What holds: never null, empty if there never was any.
  const std::shared_ptr<const List>& content() const { return content_; }
  SourceState state() const { return record_.state(); }

  // Takes over what is held on disk, if it is good.
  void restore() {
    const absl::StatusOr<HeldText> held = record_.held();
    if (absl::IsNotFound(held.status())) return;
    const auto loaded = parse(held.ok() ? absl::StatusOr<std::string>(held->text) : held.status());
    if (!loaded.ok()) return record_.cannot_restore(loaded.status());
    content_ = loaded->content;
    record_.restored(*held, content_->size());
  }

  struct Loaded {
    std::string text;
    std::shared_ptr<const List> content;
  };
  // Reads and parses what the source says now, which takes long: without its owner's lock.
  absl::StatusOr<Loaded> load(const std::stop_token& stop) const {
    return parse(source_.read(stop));
  }
  // Takes that over, or keeps what holds; whether the content is another one now.
  bool take(const absl::StatusOr<Loaded>& loaded, TimePoint now) {
    if (!loaded.ok()) {
      record_.failed(loaded.status());
      return false;
    }
    const bool changed = !(*loaded->content == *content_);
    if (changed) content_ = loaded->content;
    record_.succeeded(loaded->text, content_->size(), changed, now);
    return changed;
  }

 private:
  absl::StatusOr<Loaded> parse(absl::StatusOr<std::string> text) const {
    if (!text.ok()) return text.status();
    absl::StatusOr<List> list = source_.parse(*text);
    if (!list.ok()) return list.status();
    return Loaded{.text = *std::move(text),
                  .content = std::make_shared<const List>(*std::move(list))};
  }

  const ListSource<List> source_;
  SourceRecord record_;
  std::shared_ptr<const List> content_ = std::make_shared<const List>();
};

}  // namespace muster::collector
