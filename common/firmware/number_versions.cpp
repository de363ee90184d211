#include "common/firmware/number_versions.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace muster::firmware {

std::optional<VersionKey> read_numbers(std::string_view text, size_t count) {
  VersionScanner scanner(text);
  std::optional<std::vector<uint64_t>> numbers = scanner.take_dotted();
  if (!numbers || numbers->size() != count || !scanner.is_done()) return std::nullopt;
  return VersionKey{.numbers = *std::move(numbers)};
}

std::optional<VersionKey> read_bcd(std::string_view text) {
  std::optional<VersionKey> key = read_numbers(text, 4);
  if (!key) key = read_numbers(text, 2);
  if (!key || std::any_of(key->numbers.begin(), key->numbers.end(),
                          [](uint64_t number) { return number > 99; }))
    return std::nullopt;
  key->form = key->numbers.size() == 2 ? "of two numbers" : "of four numbers";
  return key;
}

std::optional<VersionKey> read_hex(std::string_view text) {
  VersionScanner scanner(text);
  if (!scanner.take("0x")) scanner.take("0X");
  const std::optional<uint64_t> number = scanner.take_hex(16);
  if (!number || !scanner.is_done()) return std::nullopt;
  return VersionKey{.numbers = {*number}};
}

std::optional<VersionKey> read_compal_bios(std::string_view text) {
  if (text.size() != 5) return std::nullopt;
  VersionScanner scanner(text);
  std::optional<std::vector<uint64_t>> numbers = scanner.take_dotted(true);
  if (!numbers || numbers->size() != 2 || text[2] != '.' || !scanner.is_done()) return std::nullopt;
  return VersionKey{.numbers = *std::move(numbers)};
}

std::optional<VersionKey> read_dotted(std::string_view text) {
  VersionScanner scanner(text);
  if (!scanner.take("v")) scanner.take("V");
  std::optional<std::vector<uint64_t>> numbers = scanner.take_dotted();
  if (!numbers) return std::nullopt;
  VersionKey key{.numbers = *std::move(numbers)};
  if (scanner.take("-")) {
    const std::optional<uint64_t> build = scanner.take_number();
    if (!build) return std::nullopt;
    key.tail_form = "with a build";
    key.tail = {*build};
  }
  if (!scanner.is_done()) return std::nullopt;
  return key;
}

std::optional<VersionKey> read_dotted_hex(std::string_view text) {
  VersionScanner scanner(text);
  std::optional<std::vector<uint64_t>> numbers = scanner.take_dotted(true);
  if (!numbers || !scanner.is_done()) return std::nullopt;
  return VersionKey{.numbers = *std::move(numbers)};
}

std::optional<VersionKey> read_dotted_letter(std::string_view text) {
  VersionScanner scanner(text);
  std::optional<std::vector<uint64_t>> numbers = scanner.take_dotted();
  if (!numbers) return std::nullopt;
  const std::string_view letter = scanner.take_while(&is_letter);
  if (letter.size() > 1 || !scanner.is_done()) return std::nullopt;
  // "1.0B" and "1.0b" are one release.
  const uint64_t rank =
      letter.empty() ? 0 : static_cast<uint64_t>(static_cast<unsigned char>(letter[0]) & 0x1f);
  return VersionKey{.numbers = *std::move(numbers), .tail = {rank}};
}

std::optional<std::vector<uint64_t>> take_day(VersionScanner& scanner, std::string_view form) {
  uint64_t year = 0;
  uint64_t month = 0;
  uint64_t day = 0;
  while (!form.empty()) {
    const char letter = form.front();
    const size_t count = std::min(form.find_first_not_of(letter), form.size());
    if (letter == 'y' || letter == 'm' || letter == 'd') {
      const std::optional<uint64_t> number = scanner.take_digits(count);
      if (!number) return std::nullopt;
      (letter == 'y' ? year : letter == 'm' ? month : day) = *number;
    } else if (!scanner.take(form.substr(0, count))) {
      return std::nullopt;
    }
    form.remove_prefix(count);
  }
  const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(year)),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (year < 1970 || !date.ok()) return std::nullopt;
  return std::vector<uint64_t>{year, month, day};
}

std::optional<VersionKey> read_day(std::string_view text, std::string_view form) {
  VersionScanner scanner(text);
  std::optional<std::vector<uint64_t>> day = take_day(scanner, form);
  if (!day || !scanner.is_done()) return std::nullopt;
  return VersionKey{.numbers = *std::move(day)};
}

}  // namespace muster::firmware
