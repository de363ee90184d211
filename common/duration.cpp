#include "common/duration.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <chrono>
#include <cstdlib>

namespace muster {
namespace {

using std::chrono::duration_cast;

struct Unit {
  std::string_view name;
  Duration length;
};

// Largest first: a duration names its units in this order.
constexpr std::array<Unit, 6> kUnits{{
    {"w", std::chrono::weeks(1)},
    {"d", std::chrono::days(1)},
    {"h", std::chrono::hours(1)},
    {"m", std::chrono::minutes(1)},
    {"s", std::chrono::seconds(1)},
    {"ms", std::chrono::milliseconds(1)},
}};
constexpr Duration kLongest = std::chrono::days(3653);

absl::Status not_a_duration(std::string_view text) {
  return absl::InvalidArgumentError(
      fmt::format("'{}' is not a duration: write it like 90s, 15m, 1h30m, 14d", text));
}

}  // namespace

absl::StatusOr<Duration> parse_duration(std::string_view text) {
  if (text.empty()) return not_a_duration(text);
  Duration total{0};
  size_t next_unit = 0;
  std::string_view rest = text;
  while (!rest.empty()) {
    uint32_t count = 0;
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), count);
    if (error != std::errc()) return not_a_duration(text);
    rest.remove_prefix(static_cast<size_t>(end - rest.data()));
    const std::string_view name = rest.substr(0, rest.find_first_of("0123456789"));
    while (next_unit < kUnits.size() && kUnits[next_unit].name != name)
      ++next_unit;
    if (next_unit == kUnits.size()) return not_a_duration(text);
    const Duration length = kUnits[next_unit++].length;
    if (count > kLongest / length) {
      return absl::InvalidArgumentError(fmt::format("'{}' is more than ten years", text));
    }
    total += count * length;
    rest.remove_prefix(name.size());
  }
  if (total > kLongest) {
    return absl::InvalidArgumentError(fmt::format("'{}' is more than ten years", text));
  }
  return total;
}

std::string format_duration(Duration duration) {
  std::string text;
  for (const Unit& unit : kUnits) {
    if (unit.name == "w") continue;
    const auto count = duration / unit.length;
    if (count == 0) continue;
    text += fmt::format("{}{}", count, unit.name);
    duration -= count * unit.length;
  }
  return text.empty() ? "0s" : text;
}

std::string describe_duration(Duration duration) {
  struct Word {
    const char* name;
    Duration length;
  };
  constexpr std::array<Word, 4> kWords{{{"day", std::chrono::days(1)},
                                        {"hour", std::chrono::hours(1)},
                                        {"minute", std::chrono::minutes(1)},
                                        {"second", std::chrono::seconds(1)}}};
  for (const Word& word : kWords) {
    const auto count = duration / word.length;
    if (count >= 1) return fmt::format("{} {}{}", count, word.name, count == 1 ? "" : "s");
  }
  return "0 seconds";
}

}  // namespace muster
