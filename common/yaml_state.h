// What a YamlDocument holds: the tree, and the complaints so far. Only yaml_document.cpp and
// yaml_map.cpp use it.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/yaml_reader.h"
#include "common/yaml_tree.h"

namespace muster {

struct YamlDocument::State {
  struct Complaint {
    YamlPlace place;
    std::string what;
  };

  std::string name;
  YamlTree tree;
  std::vector<Complaint> complaints;

  YamlNode& node(size_t index) { return tree.nodes[index]; }
  // Finds the key and makes it known; null if the map has none.
  YamlKey* ask(size_t map, std::string_view key);
  void complain(YamlPlace place, std::string what) {
    complaints.push_back({place, std::move(what)});
  }
  // The value of `key` if it is of that kind; a complaint and null if it is of another.
  YamlNode* value_of_kind(size_t map, std::string_view key, YamlNode::Kind kind);
  const YamlNode* scalar(size_t map, std::string_view key) {
    return value_of_kind(map, key, YamlNode::Kind::kScalar);
  }
  YamlMap open(size_t index) {
    node(index).opened = true;
    return YamlMap(this, index);
  }
  void complain_unknown_keys();
};

// Words of complaints.
namespace yaml {

// Text of the file as it is shown in a complaint.
std::string shown(std::string_view text);
// "a list".
std::string_view kind_name(YamlNode::Kind kind);

}  // namespace yaml

}  // namespace muster
