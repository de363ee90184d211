// Text laid out for a terminal: how wide it is, wrapped, padded, coloured. It measures columns, not
// bytes, so that wide and combining characters keep tables straight. Text is made printable
// (text.h) before it gets here. Pure; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace muster {

// What the terminal can do; main finds out (a pipe, NO_COLOR, the locale, the window).
struct TerminalStyle {
  bool color = false;
  // False: only ASCII is written.
  bool unicode = true;
  size_t width = 80;
};

enum class Ink { kPlain, kBold, kDim, kRed, kGreen, kYellow, kMagenta, kCyan };

// Columns that the text takes: 2 for a wide character, 0 for a combining one.
size_t display_width(std::string_view text);

// Lines of at most `width` columns, broken at spaces; a word that is longer is broken where it must
// be. At least one line; runs of spaces become one.
std::vector<std::string> wrap_text(std::string_view text, size_t width);

// With spaces behind, up to `width` columns; longer text stays as it is.
std::string pad_right(std::string_view text, size_t width);

// At most `width` columns, with an ellipsis where it was cut.
std::string cut_to_width(std::string_view text, size_t width);

// In that ink, where the style has colours.
std::string paint(std::string_view text, Ink ink, const TerminalStyle& style);

// As the style can show it: without unicode, what is not ASCII becomes the nearest ASCII or '?'.
std::string for_terminal(std::string_view text, const TerminalStyle& style);

// Cells below each other, two spaces between columns, the header dim. Columns are as wide as their
// widest cell; the last one is cut where the line is too long. Every row has as many cells as the
// header. Cells are made printable here.
std::string render_text_table(const std::vector<std::string>& header,
                              const std::vector<std::vector<std::string>>& rows,
                              const TerminalStyle& style);

}  // namespace muster
