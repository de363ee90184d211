// The tree below yaml_reader: YAML text as nodes with their places, made from yaml-cpp's events and
// bounded on the way. Only yaml_reader.cpp uses it.
#pragma once

#include <absl/status/statusor.h>

#include <compare>
#include <string>
#include <string_view>
#include <vector>

namespace muster {

// 1-based.
struct YamlPlace {
  int line = 1;
  int column = 1;
  // NOLINTNEXTLINE(modernize-use-nullptr): clang-tidy 14 sees a 0 in what it is rewritten to.
  auto operator<=>(const YamlPlace&) const = default;
};

// A key of a map; `value` is the index of a node.
struct YamlKey {
  std::string name;
  YamlPlace place;
  size_t value = 0;
};

struct YamlNode {
  enum class Kind { kNull, kScalar, kList, kMap } kind = Kind::kNull;
  YamlPlace place = {};
  // Of a scalar, as it is written.
  std::string text = {};
  bool quoted = false;
  // Of a list: indices of nodes.
  std::vector<size_t> items = {};
  // Of a map, in the order of the file.
  std::vector<YamlKey> keys = {};

  // What the reader notes of a map: that somebody looked into it, the keys they asked for, and
  // whether the site chooses the names in it.
  bool opened = false;
  std::vector<std::string> known = {};
  bool names_are_free = false;
};

struct YamlTree {
  std::vector<YamlNode> nodes;
  size_t root = 0;
};

// As YamlDocument::parse. An empty text is an empty map.
absl::StatusOr<YamlTree> parse_yaml_tree(const std::string& text, std::string_view name,
                                         size_t largest);

// "name:line:column: what".
std::string format_yaml_complaint(std::string_view name, YamlPlace place, std::string_view what);

}  // namespace muster
