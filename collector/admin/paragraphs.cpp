#include "collector/admin/paragraphs.h"

#include <algorithm>
#include <vector>

#include "common/text.h"

namespace muster::collector {
namespace {

constexpr size_t kTextShown = 2000;
// Less would be a column of words.
constexpr size_t kLeastWidth = 20;

}  // namespace

void Paragraphs::heading(std::string_view text) {
  if (!text_.empty()) text_ += "\n";
  const std::string shown = printable(text, kTextShown);
  for (const std::string& line : wrap_text(shown, style_.width))
    text_ += paint(for_terminal(line, style_), Ink::kBold, style_) + "\n";
}

void Paragraphs::paragraph(std::string_view text, size_t indent) {
  const size_t width = std::max(style_.width, indent + kLeastWidth) - indent;
  for (const std::string& line : wrap_text(printable(text, kTextShown), width))
    text_ += std::string(indent, ' ') + for_terminal(line, style_) + "\n";
}

void Paragraphs::item(std::string_view label, std::string_view text, size_t label_width,
                      size_t indent) {
  const size_t before = indent + label_width + 2;
  const size_t width = std::max(style_.width, before + kLeastWidth) - before;
  std::string head = std::string(indent, ' ') +
                     pad_right(for_terminal(printable(label, kTextShown), style_), label_width);
  for (const std::string& line : wrap_text(printable(text, kTextShown), width)) {
    text_ += head + "  " + for_terminal(line, style_) + "\n";
    head = std::string(indent + label_width, ' ');
  }
}

void Paragraphs::line(std::string_view text) {
  text_ += text;
  text_ += "\n";
}

}  // namespace muster::collector
