#include "common/yaml_tree.h"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <sstream>
#include <unordered_set>
#include <utility>

#include "common/text.h"

namespace muster {
namespace {

constexpr size_t kDeepest = 32;

YamlPlace place_of(const YAML::Mark& mark) {
  return {mark.line + 1, mark.column + 1};
}

// Builds the tree. It refuses by throwing what yaml-cpp throws, because a handler has no other way
// to stop the parser; parse_yaml_tree catches both.
class TreeBuilder : public YAML::EventHandler {
 public:
  YamlTree take() {
    if (tree_.nodes.empty()) tree_.nodes.push_back({.kind = YamlNode::Kind::kMap});
    return std::move(tree_);
  }
  // A document that says nothing is an empty map; anything else must be one.
  bool top_is_a_map() const {
    return tree_.nodes.empty() || tree_.nodes[0].kind == YamlNode::Kind::kMap;
  }

  // NOLINTBEGIN(readability-identifier-naming): the names are yaml-cpp's.
  void OnDocumentStart(const YAML::Mark& /*mark*/) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    if (open_.empty()) return;  // an empty document
    add(mark, "", anchor, YamlNode::Kind::kNull, "");
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t /*anchor*/) override {
    throw YAML::ParserException(mark, "aliases (*name) are not used here: write the value again");
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    add(mark, tag, anchor, YamlNode::Kind::kScalar, value);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value /*style*/) override {
    open(mark, add(mark, tag, anchor, YamlNode::Kind::kList, ""));
  }
  void OnSequenceEnd() override { open_.pop_back(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value /*style*/) override {
    open(mark, add(mark, tag, anchor, YamlNode::Kind::kMap, ""));
  }
  void OnMapEnd() override { open_.pop_back(); }
  // NOLINTEND(readability-identifier-naming)

 private:
  // A list or map that has begun and not ended; of a map, whether its key was read.
  struct Open {
    size_t node;
    bool has_key = false;
    // Of a map: the keys so far, to find a second one in a file that is made to be slow.
    std::unordered_set<std::string> names = {};
  };

  size_t add(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
             YamlNode::Kind kind, const std::string& text) {
    if (anchor != YAML::NullAnchor) {
      throw YAML::ParserException(mark, "anchors (&name) are not used here: remove it");
    }
    // yaml-cpp's marks for "no tag": `?` of a plain value, `!` of a quoted one.
    if (!tag.empty() && tag != "?" && tag != "!") {
      throw YAML::ParserException(mark, "tags (!name) are not used here: remove it");
    }
    if (!open_.empty()) {
      YamlNode& parent = tree_.nodes[open_.back().node];
      if (parent.kind == YamlNode::Kind::kMap && !open_.back().has_key) {
        add_key(parent, mark, kind, text);
        return 0;
      }
    }
    const size_t index = tree_.nodes.size();
    YamlNode node{.kind = kind, .place = place_of(mark), .text = text, .quoted = tag == "!"};
    if (!open_.empty()) {
      YamlNode& parent = tree_.nodes[open_.back().node];
      if (parent.kind == YamlNode::Kind::kMap) {
        parent.keys.back().value = index;
        open_.back().has_key = false;
      } else {
        parent.items.push_back(index);
      }
    }
    tree_.nodes.push_back(std::move(node));
    return index;
  }

  void add_key(YamlNode& map, const YAML::Mark& mark, YamlNode::Kind kind,
               const std::string& text) {
    if (kind != YamlNode::Kind::kScalar) {
      throw YAML::ParserException(mark, "a key must be a single value");
    }
    if (!open_.back().names.insert(text).second) {
      const auto first = std::find_if(map.keys.begin(), map.keys.end(),
                                      [&text](const YamlKey& key) { return key.name == text; });
      throw YAML::ParserException(mark, fmt::format("the key '{}' comes twice, first in line {}",
                                                    printable(text, 80), first->place.line));
    }
    map.keys.push_back({text, place_of(mark), 0});
    open_.back().has_key = true;
  }

  void open(const YAML::Mark& mark, size_t index) {
    if (open_.size() >= kDeepest) {
      throw YAML::ParserException(mark, fmt::format("nested deeper than {} levels", kDeepest));
    }
    open_.push_back({index});
  }

  YamlTree tree_;
  std::vector<Open> open_;
};

// Where the first byte that is not UTF-8 stands.
YamlPlace place_of_bad_byte(std::string_view text) {
  YamlPlace place;
  while (true) {
    const std::string_view line = text.substr(0, text.find('\n'));
    if (!is_valid_utf8(line)) break;
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    ++place.line;
  }
  return place;
}

absl::Status complaint(std::string_view name, YamlPlace place, std::string_view what) {
  return absl::InvalidArgumentError(format_yaml_complaint(name, place, what));
}

}  // namespace

std::string format_yaml_complaint(std::string_view name, YamlPlace place, std::string_view what) {
  return fmt::format("{}:{}:{}: {}", name, place.line, place.column, what);
}

absl::StatusOr<YamlTree> parse_yaml_tree(const std::string& text, std::string_view name,
                                         size_t largest) {
  if (text.size() > largest) {
    return complaint(name, {}, fmt::format("larger than {} MiB", largest >> 20));
  }
  if (!is_valid_utf8(text)) {
    return complaint(name, place_of_bad_byte(text), "this line is not UTF-8 text");
  }
  // A byte that is not white space and that YAML does not allow ends yaml-cpp's stream in silence.
  if (const size_t nul = text.find('\0'); nul != std::string::npos) {
    const auto line =
        std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(nul), '\n');
    return complaint(name, {static_cast<int>(line) + 1, 1}, "this line has a NUL byte");
  }
  TreeBuilder builder;
  try {
    std::istringstream stream(text);
    YAML::Parser parser(stream);
    parser.HandleNextDocument(builder);
    TreeBuilder second;
    if (parser.HandleNextDocument(second)) {
      return complaint(name, {}, "holds more than one YAML document (a second '---')");
    }
  } catch (const YAML::Exception& error) {
    // It may quote one byte of a character that has more.
    return complaint(name, error.mark.is_null() ? YamlPlace{} : place_of(error.mark),
                     printable(error.msg));
  }
  if (!builder.top_is_a_map()) {
    return complaint(name, {}, "must be a map of keys and values at the top");
  }
  return builder.take();
}

}  // namespace muster
