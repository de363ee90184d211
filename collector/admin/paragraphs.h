// Prose for a terminal: headings, wrapped paragraphs, items with a label. Text from hosts and
// policies is made printable here. Any thread; an object stays in one.
#pragma once

#include <string>
#include <string_view>

#include "common/terminal_text.h"

namespace muster::collector {

class Paragraphs {
 public:
  explicit Paragraphs(const TerminalStyle& style) : style_(style) {}

  // A line in bold, with an empty one before it unless it is the first.
  void heading(std::string_view text);
  void paragraph(std::string_view text, size_t indent = 0);
  // "label  text", the text below itself where it takes more lines.
  void item(std::string_view label, std::string_view text, size_t label_width, size_t indent = 2);
  // As it is: painted, or with spaces that matter.
  void line(std::string_view text);

  std::string take() { return std::move(text_); }

 private:
  const TerminalStyle& style_;
  std::string text_;
};

}  // namespace muster::collector
