// Selectors, and what they may name: the vocabulary of labels, and groups. A selector that can
// never match is a complaint. Pure.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/policy/file/fields.h"
#include "common/policy/policy.h"
#include "common/yaml_reader.h"

namespace muster::policy {

using Vocabulary = std::map<std::string, std::vector<std::string>>;

// `labels:` of all files: names with the values they may have; none given: any.
Vocabulary read_vocabulary(std::span<YamlMap> files);

class SelectorReader {
 public:
  // Knows no group yet.
  explicit SelectorReader(Vocabulary labels) : labels_(std::move(labels)) {}

  // Reads the selector itself. `usual_kind`: what it is about where it does not say; empty: hosts
  // and targets, unless it asks for what only one of them has.
  Selector read(YamlMap& map, std::string_view usual_kind);
  // Reads it at `key`; everything of that kind if it is absent.
  Selector read_at(YamlMap& map, std::string_view key, std::string_view usual_kind);
  // As above, where leaving it out would be a slip.
  Selector require_at(YamlMap& map, std::string_view key, std::string_view usual_kind);

  // Names that selectors may name from now on, with their indices.
  void set_groups(std::map<std::string, size_t, std::less<>> groups) {
    groups_ = std::move(groups);
  }

 private:
  void read_labels(YamlMap& map, Selector& selector);
  void check_value(YamlMap& labels, const std::string& name, size_t item, const std::string& value);
  void read_groups(YamlMap& map, Selector& selector);
  void read_except(YamlMap& map, Selector& selector);
  std::string undeclared(std::string_view name) const;

  Vocabulary labels_;
  std::map<std::string, size_t, std::less<>> groups_;
};

}  // namespace muster::policy
