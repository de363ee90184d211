// YAML read strictly: every key is known, none comes twice, every value has its type, and each
// complaint says file:line:column and the nearest known key. A thin layer over yaml-cpp, which
// alone takes the first of two keys in silence and turns `no` into false. Any thread; an object
// stays in one.
//
//   absl::StatusOr<YamlDocument> document = YamlDocument::parse(text, "agent.yml");
//   YamlMap root = document->root();
//   config.interval = root.duration("interval").value_or(config.interval);
//   for (YamlMap probe : root.maps("probes")) ...
//   return document->finish();   // the first complaint, or OK: unknown keys are found here
#pragma once

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/clock.h"

namespace muster {

class YamlMap;

// One parsed text. Owns everything; the maps it hands out must not outlive it.
class YamlDocument {
 public:
  // InvalidArgument with "name:line:column: what" when it is not YAML, is not a map at the top, is
  // larger than so many bytes (MiB, in the complaint), is nested deeper than 32, or uses anchors or
  // aliases (no use here, and a way to grow a small file without end).
  static absl::StatusOr<YamlDocument> parse(const std::string& text, std::string name,
                                            size_t largest = size_t{4} << 20);

  YamlDocument(YamlDocument&&) noexcept;
  YamlDocument& operator=(YamlDocument&&) noexcept;
  ~YamlDocument();

  YamlMap root();

  // The complaints so far and every key nobody asked for, in the order of the file, one a line, as
  // one InvalidArgument; OK if there are none. A key that was asked for counts as known.
  absl::Status finish();

 private:
  friend class YamlMap;
  struct State;
  explicit YamlDocument(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// A map in the document. Asking for a key makes it known; a value of the wrong type is noted as a
// complaint and read as absent.
class YamlMap {
 public:
  bool has(std::string_view key) const;
  // Whether its value is a map, for what may be written shortly or in full.
  bool is_map(std::string_view key) const;
  // Whether the key is there without a value, for lists in which that means something.
  bool is_blank(std::string_view key) const;
  // How many items its list or keys its map has; else 0. For a bound before it is read.
  size_t size(std::string_view key) const;
  // Every key of this map, all known from now on: for names that the site chooses, whose values
  // are of several kinds.
  std::vector<std::string> names();

  // A scalar as it is written; `no` and `0777` stay text.
  std::optional<std::string> text(std::string_view key);
  // As `text`, one of these only; the complaint lists them and names the nearest.
  std::optional<std::string> one_of(std::string_view key, std::vector<std::string_view> allowed);
  // Exactly `true` or `false`.
  std::optional<bool> boolean(std::string_view key);
  // Decimal, within [low, high].
  std::optional<int64_t> integer(std::string_view key, int64_t low, int64_t high);
  // Decimal with a point, within [low, high].
  std::optional<double> number(std::string_view key, double low, double high);
  // As parse_duration, within [low, high].
  std::optional<Duration> duration(std::string_view key, Duration low, Duration high);
  // A time in UTC, "2026-11-21T20:58:43Z", or a date, "2026-11-21", which is its first moment.
  std::optional<TimePoint> time(std::string_view key);
  // A list of scalars. Absent: nullopt; an empty list is a list.
  std::optional<std::vector<std::string>> texts(std::string_view key);
  // A map of scalars to scalars, in the order of the file: labels.
  std::vector<std::pair<std::string, std::string>> pairs(std::string_view key);
  // The same of this map itself, as named_maps gave it.
  std::vector<std::pair<std::string, std::string>> pairs();
  // A map below this one; absent: nullopt.
  std::optional<YamlMap> map(std::string_view key);
  // A list of maps; absent: empty.
  std::vector<YamlMap> maps(std::string_view key);
  // Every key of this map whose values are maps, with its map: for names that the site chooses.
  std::vector<std::pair<std::string, YamlMap>> named_maps();

  // Notes that a required key is missing, at this map's place.
  void require(std::string_view key);
  // Notes a complaint at the value of `key`, or at the map if it is absent: for what only the
  // caller can know.
  void complain(std::string_view key, std::string_view what);
  // The same at one item of a list.
  void complain_of_item(std::string_view key, size_t item, std::string_view what);

  // "name:line:column" of the value of `key`, or of the map if it is absent: to be told later.
  std::string place(std::string_view key = "") const;

 private:
  friend class YamlDocument;
  YamlMap(YamlDocument::State* document, size_t index) : document_(document), index_(index) {}
  YamlDocument::State* document_;
  size_t index_;
};

}  // namespace muster
