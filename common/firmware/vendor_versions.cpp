#include "common/firmware/vendor_versions.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "common/firmware/number_versions.h"
#include "common/firmware/version_scanner.h"
#include "common/text.h"

namespace muster::firmware {
namespace {

std::vector<uint64_t> ranks_of(std::string_view code) {
  std::vector<uint64_t> ranks;
  for (const char c : code)
    ranks.push_back(rank_of(c));
  return ranks;
}

bool is_code(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), &is_code_character);
}

bool are_letters(std::string_view text) {
  return std::all_of(text.begin(), text.end(), &is_upper);
}

// A text for each day, so that two of them are the same or not.
std::string day_text(const std::vector<uint64_t>& day) {
  return fmt::format("{:04}-{:02}-{:02}", day[0], day[1], day[2]);
}

bool is_word_character(char c) {
  return c > ' ' && c <= '~';
}

std::optional<std::vector<uint64_t>> take_hpe_day(VersionScanner& scanner) {
  if (scanner.take("_")) return take_day(scanner, "mm-dd-yyyy");
  scanner.take(" ");
  const bool has_bracket = scanner.take("(");
  std::optional<std::vector<uint64_t>> day = take_day(scanner, "mm/dd/yyyy");
  if (has_bracket && !scanner.take(")")) return std::nullopt;
  return day;
}

// "Mar 16 2023".
std::optional<std::vector<uint64_t>> take_named_day(VersionScanner& scanner) {
  constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::string_view name = scanner.take_while(&is_letter);
  const auto* const month = std::find(kMonths.begin(), kMonths.end(), name);
  if (month == kMonths.end() || !scanner.take(" ")) return std::nullopt;
  const std::string_view day = scanner.take_while(&is_digit, 2);
  if (day.empty() || !scanner.take(" ")) return std::nullopt;
  const std::string_view year = scanner.take_while(&is_digit, 4);
  const std::string numbers =
      fmt::format("{}-{:02}-{:0>2}", year, month - kMonths.begin() + 1, day);
  VersionScanner again(numbers);
  return take_day(again, "yyyy-mm-dd");
}

}  // namespace

std::optional<VersionKey> read_hpe_rom(std::string_view text) {
  VersionScanner scanner(text);
  VersionKey key;
  if (text.size() > 3 && is_upper(text[0]) && is_digit(text[1]) && is_digit(text[2]) &&
      text[3] == ' ') {
    key.family = text.substr(0, 3);
    scanner.take(text.substr(0, 4));
  }
  // What begins with a day has no number.
  VersionScanner ahead = scanner;
  if (std::optional<std::vector<uint64_t>> day = take_hpe_day(ahead); day && ahead.is_done()) {
    key.form = "a day";
    key.numbers = *std::move(day);
    return key;
  }
  scanner.take("v");
  std::optional<std::vector<uint64_t>> numbers = scanner.take_dotted();
  if (!numbers || numbers->size() != 2) return std::nullopt;
  key.form = "a number";
  key.numbers = *std::move(numbers);
  if (!scanner.is_done()) {
    const std::optional<std::vector<uint64_t>> day = take_hpe_day(scanner);
    if (!day || !scanner.is_done()) return std::nullopt;
    key.remark = day_text(*day);
  }
  return key;
}

std::optional<VersionKey> read_hpe_ilo(std::string_view text) {
  VersionScanner scanner(text);
  VersionKey key;
  if (scanner.take("iLO ")) {
    const std::string_view generation = scanner.take_while(&is_digit, 2);
    if (generation.empty() || !scanner.take(" ")) return std::nullopt;
    key.family = fmt::format("iLO {}", generation);
  }
  scanner.take("v");
  std::optional<std::vector<uint64_t>> numbers = scanner.take_dotted();
  if (!numbers || numbers->size() < 2 || numbers->size() > 3) return std::nullopt;
  key.numbers = *std::move(numbers);
  if (scanner.take(" ")) {
    const std::optional<std::vector<uint64_t>> day = take_named_day(scanner);
    if (!day) return std::nullopt;
    key.remark = day_text(*day);
  }
  if (!scanner.is_done()) return std::nullopt;
  return key;
}

std::optional<VersionKey> read_lenovo_build(std::string_view text) {
  VersionScanner scanner(text);
  const bool is_wrapped = scanner.take("-[");
  const std::string_view build = scanner.take_while(&is_code_character);
  VersionKey key;
  if (build.size() == 7 && is_upper(build[6])) {
    key.family = build.substr(0, 3);
    key.form = "a build of servers";
    key.numbers = ranks_of(build.substr(3));
  } else if (build.size() == 8 && are_letters(build.substr(3, 2)) && is_upper(build[7])) {
    key.family = fmt::format("{}..{}", build.substr(0, 5), build[7]);
    key.form = "a build of ThinkPads";
    key.numbers = ranks_of(build.substr(5, 2));
  } else {
    return std::nullopt;
  }
  const bool has_brackets = scanner.take(" (");
  if (has_brackets || scanner.take("-")) {
    std::optional<std::vector<uint64_t>> numbers = scanner.take_dotted();
    if (!numbers) return std::nullopt;
    key.witness = *std::move(numbers);
    if (has_brackets) {
      scanner.take(" ");
      if (!scanner.take(")")) return std::nullopt;
    }
  }
  if (is_wrapped && !scanner.take("]-")) return std::nullopt;
  if (!scanner.is_done()) return std::nullopt;
  return key;
}

std::optional<VersionKey> read_intel_drive(std::string_view text) {
  if (text.size() != 8 || !is_code(text)) return std::nullopt;
  size_t begin = 4;
  while (begin < text.size() && is_upper(text[begin]))
    ++begin;
  if (begin == text.size()) return std::nullopt;
  return VersionKey{.family = std::string(text.substr(0, begin)),
                    .numbers = ranks_of(text.substr(begin))};
}

std::optional<VersionKey> read_samsung_drive(std::string_view text) {
  if (text.size() != 8 || !is_code(text)) return std::nullopt;
  if (are_letters(text.substr(0, 3)) && is_upper(text[7])) {
    return VersionKey{.family = fmt::format("{}..{}", text.substr(0, 3), text.substr(5)),
                      .numbers = ranks_of(text.substr(3, 2))};
  }
  if (text[1] == 'B' && is_digit(text[2]) && text[3] == 'Q' && are_letters(text.substr(4, 3)) &&
      is_digit(text[7])) {
    return VersionKey{.family = fmt::format(".{}", text.substr(1)),
                      .numbers = ranks_of(text.substr(0, 1))};
  }
  return std::nullopt;
}

std::optional<VersionKey> read_micron_drive(std::string_view text) {
  if (text.size() != 7 || !is_code(text) || !is_upper(text[0]) || !is_digit(text[1]) ||
      !are_letters(text.substr(2, 2)))
    return std::nullopt;
  return VersionKey{.family = std::string(text.substr(0, 4)), .numbers = ranks_of(text.substr(4))};
}

std::optional<VersionKey> read_seagate_drive(std::string_view text) {
  if (text.size() != 4 || !is_code(text) || !are_letters(text.substr(0, 2))) return std::nullopt;
  return VersionKey{.family = std::string(text.substr(0, 2)), .numbers = ranks_of(text.substr(2))};
}

std::optional<VersionKey> read_code(std::string_view text) {
  if (text.size() > 16 || !is_code(text)) return std::nullopt;
  size_t begin = text.size();
  while (begin > 0 && is_digit(text[begin - 1]))
    --begin;
  if (begin == text.size()) return std::nullopt;
  return VersionKey{
      .family = std::string(text.substr(0, begin)),
      .form = fmt::format("{} characters before {} digits", begin, text.size() - begin),
      .numbers = ranks_of(text.substr(begin))};
}

std::optional<VersionKey> read_mellanox(std::string_view text) {
  VersionScanner scanner(text);
  std::optional<std::vector<uint64_t>> numbers = scanner.take_dotted();
  if (!numbers || numbers->size() != 3) return std::nullopt;
  VersionKey key{.form = fmt::format("of the chip {}", numbers->front()),
                 .numbers = *std::move(numbers)};
  if (scanner.take(" (")) {
    key.family = scanner.take_while([](char c) { return is_code_character(c) || c == '_'; });
    if (key.family.empty() || !scanner.take(")")) return std::nullopt;
  }
  if (!scanner.is_done()) return std::nullopt;
  return key;
}

std::optional<VersionKey> read_broadcom_nic(std::string_view text) {
  VersionScanner scanner(text);
  VersionKey key;
  if (!scanner.take("bc ")) {
    VersionScanner ahead = scanner;
    const std::string_view chip = ahead.take_while(&is_digit, 6);
    if (!chip.empty() && ahead.take("-v")) {
      key.family = chip;
      scanner = ahead;
    }
  }
  std::optional<std::vector<uint64_t>> numbers = scanner.take_dotted();
  if (!numbers) return std::nullopt;
  key.numbers = *std::move(numbers);
  if (scanner.take("/pkg ")) {
    std::optional<std::vector<uint64_t>> package = scanner.take_dotted();
    if (!package) return std::nullopt;
    key.witness = *std::move(package);
  } else if (scanner.take(" ")) {
    key.remark = trim(scanner.take_while([](char c) { return c == ' ' || is_word_character(c); }));
    if (key.remark.empty()) return std::nullopt;
  }
  if (!scanner.is_done()) return std::nullopt;
  return key;
}

std::optional<VersionKey> read_intel_nic(std::string_view text) {
  VersionScanner scanner(text);
  std::optional<std::vector<uint64_t>> numbers = scanner.take_dotted();
  if (!numbers || numbers->size() != 2) return std::nullopt;
  VersionKey key{.numbers = *std::move(numbers)};
  if (!scanner.is_done()) {
    scanner.take(",");
    if (!scanner.take(" 0x")) return std::nullopt;
    const std::optional<uint64_t> id = scanner.take_hex(8);
    if (!id) return std::nullopt;
    key.remark = fmt::format("{:#010x}", *id);
  }
  if (!scanner.is_done()) {
    scanner.take(",");
    if (!scanner.take(" ")) return std::nullopt;
    std::optional<std::vector<uint64_t>> image = scanner.take_dotted();
    if (!image || !scanner.is_done()) return std::nullopt;
    key.witness = *std::move(image);
  }
  return key;
}

std::optional<VersionKey> read_cisco_ucs(std::string_view text) {
  VersionScanner scanner(text);
  std::optional<std::vector<uint64_t>> numbers = scanner.take_dotted();
  if (!numbers || numbers->size() != 2 || !scanner.take("(")) return std::nullopt;
  std::optional<std::vector<uint64_t>> inner = scanner.take_dotted();
  if (!inner || inner->size() > 2) return std::nullopt;
  VersionKey key{.numbers = *std::move(numbers)};
  key.numbers.push_back(inner->front());
  if (inner->size() == 2) {
    key.tail_form = "with a build";
    key.tail = {inner->back()};
  } else {
    key.tail_form = "with a letter";
    const std::string_view letter = scanner.take_while(&is_lower, 1);
    key.tail = {letter.empty() ? 0 : static_cast<uint64_t>(letter[0] - 'a' + 1)};
    if (!letter.empty()) key.tail.push_back(scanner.take_number().value_or(0));
  }
  if (!scanner.take(")") || !scanner.is_done()) return std::nullopt;
  return key;
}

}  // namespace muster::firmware
