#include "common/terminal_text.h"

#include <fmt/format.h>
#include <locale.h>
#include <wchar.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <type_traits>
#include <utility>

#include "common/text.h"

namespace muster {
namespace {

struct Character {
  std::string_view bytes;
  char32_t code = 0;
};

// The first character of `text`, which is valid UTF-8 and not empty.
Character first_character(std::string_view text) {
  const auto lead = static_cast<uint8_t>(text[0]);
  const size_t size = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  Character character{text.substr(0, size), lead};
  if (size > 1) character.code = lead & (0x7FU >> size);
  for (const char c : character.bytes.substr(1)) {
    character.code = (character.code << 6U) | (static_cast<uint8_t>(c) & 0x3FU);
  }
  return character;
}

// wcwidth knows more than ASCII only in a UTF-8 locale. glibc has this one built in; it is chosen
// for this thread and this object's life, whatever the program's locale is.
class Utf8Locale {
 public:
  Utf8Locale()
      : locale_(newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr)),
        previous_(locale_ ? uselocale(locale_.get()) : nullptr) {}
  ~Utf8Locale() {
    if (locale_) uselocale(previous_);
  }
  Utf8Locale(const Utf8Locale&) = delete;
  Utf8Locale& operator=(const Utf8Locale&) = delete;

  static size_t width(char32_t code) {
    const int columns = wcwidth(static_cast<wchar_t>(code));
    // What it does not know, terminals show in one column.
    return columns < 0 ? 1 : static_cast<size_t>(columns);
  }

 private:
  struct Free {
    void operator()(locale_t locale) const { freelocale(locale); }
  };
  std::unique_ptr<std::remove_pointer_t<locale_t>, Free> locale_;
  locale_t previous_;
};

// How many bytes of `text` fit into `width` columns; at least one character.
size_t fitting_bytes(std::string_view text, size_t width) {
  const Utf8Locale locale;
  size_t bytes = 0;
  size_t columns = 0;
  while (bytes < text.size()) {
    const Character character = first_character(text.substr(bytes));
    columns += locale.width(character.code);
    if (columns > width && bytes > 0) break;
    bytes += character.bytes.size();
  }
  return bytes;
}

std::string_view ansi_code(Ink ink) {
  switch (ink) {
    case Ink::kPlain:
      return "0";
    case Ink::kBold:
      return "1";
    case Ink::kDim:
      return "2";
    case Ink::kRed:
      return "1;31";
    case Ink::kGreen:
      return "32";
    case Ink::kYellow:
      return "1;33";
    case Ink::kMagenta:
      return "1;35";
    case Ink::kCyan:
      return "36";
  }
  return "0";
}

}  // namespace

size_t display_width(std::string_view text) {
  const Utf8Locale locale;
  size_t columns = 0;
  while (!text.empty()) {
    const Character character = first_character(text);
    columns += locale.width(character.code);
    text.remove_prefix(character.bytes.size());
  }
  return columns;
}

std::vector<std::string> wrap_text(std::string_view text, size_t width) {
  width = std::max<size_t>(width, 1);
  std::vector<std::string> lines;
  std::string line;
  size_t columns = 0;
  while (true) {
    text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
    if (text.empty()) break;
    std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(word.size());
    size_t word_columns = display_width(word);
    if (!line.empty() && columns + 1 + word_columns > width) {
      lines.push_back(std::exchange(line, {}));
      columns = 0;
    }
    while (line.empty() && word_columns > width) {
      const size_t bytes = fitting_bytes(word, width);
      lines.emplace_back(word.substr(0, bytes));
      word.remove_prefix(bytes);
      word_columns = display_width(word);
    }
    if (word.empty()) continue;
    if (!line.empty()) line += ' ';
    columns += word_columns + (line.empty() ? 0 : 1);
    line += word;
  }
  if (!line.empty() || lines.empty()) lines.push_back(std::move(line));
  return lines;
}

std::string pad_right(std::string_view text, size_t width) {
  const size_t columns = display_width(text);
  return std::string(text).append(columns < width ? width - columns : 0, ' ');
}

std::string cut_to_width(std::string_view text, size_t width) {
  if (display_width(text) <= width) return std::string(text);
  if (width < 2) return std::string(width, '.');
  return std::string(text.substr(0, fitting_bytes(text, width - 1))) + "…";
}

std::string paint(std::string_view text, Ink ink, const TerminalStyle& style) {
  if (!style.color || ink == Ink::kPlain || text.empty()) return std::string(text);
  return fmt::format("\x1b[{}m{}\x1b[0m", ansi_code(ink), text);
}

std::string for_terminal(std::string_view text, const TerminalStyle& style) {
  if (style.unicode) return std::string(text);
  std::string ascii;
  while (!text.empty()) {
    const Character character = first_character(text);
    text.remove_prefix(character.bytes.size());
    switch (character.code) {
      case U'…':
        ascii += "...";
        break;
      case U'–':
      case U'—':
        ascii += '-';
        break;
      case U'·':
        ascii += '|';
        break;
      default:
        ascii += character.code < 0x80 ? static_cast<char>(character.code) : '?';
    }
  }
  return ascii;
}

std::string render_text_table(const std::vector<std::string>& header,
                              const std::vector<std::vector<std::string>>& rows,
                              const TerminalStyle& style) {
  std::vector<std::vector<std::string>> cells;
  std::vector<size_t> widths(header.size());
  const auto add = [&cells, &widths, &style](const std::vector<std::string>& row) {
    std::vector<std::string>& line = cells.emplace_back();
    for (size_t i = 0; i < widths.size(); ++i) {
      line.push_back(for_terminal(printable(i < row.size() ? row[i] : ""), style));
      widths[i] = std::max(widths[i], display_width(line[i]));
    }
  };
  add(header);
  for (const std::vector<std::string>& row : rows)
    add(row);
  std::string text;
  for (size_t row = 0; row < cells.size(); ++row) {
    std::string line;
    for (size_t i = 0; i < widths.size(); ++i) {
      line += i + 1 < widths.size() ? pad_right(cells[row][i], widths[i]) + "  " : cells[row][i];
    }
    line = for_terminal(cut_to_width(line, style.width), style);
    line.erase(line.find_last_not_of(' ') + 1);
    text += paint(line, row == 0 ? Ink::kDim : Ink::kPlain, style);
    text += '\n';
  }
  return text;
}

}  // namespace muster
