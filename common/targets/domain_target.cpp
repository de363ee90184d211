#include "common/targets/domain_target.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <functional>
#include <span>

#include "common/internet_name.h"
#include "common/text.h"

namespace muster {
namespace {

constexpr size_t kQuotedLimit = 256;
constexpr size_t kLabelLimit = 63;

// Between the separators; empty ones, too.
std::vector<std::string_view> parts_of(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (size_t end = text.find(separator); end != std::string_view::npos;
       end = text.find(separator)) {
    parts.push_back(text.substr(0, end));
    text.remove_prefix(end + 1);
  }
  parts.push_back(text);
  return parts;
}

std::string text_of(const absl::Status& status) {
  return std::string(status.message());
}

absl::Status wrong(std::string message) {
  return absl::InvalidArgumentError(std::move(message));
}

// A word that an address may have, and what takes its value.
struct Word {
  std::string_view key;      // "dkim="
  std::string_view example;  // "dkim=mail,2026a"
  std::function<absl::Status(std::string_view value)> take;
};

std::string examples_of(std::span<const Word> words) {
  std::vector<std::string_view> examples;
  for (const Word& word : words)
    examples.push_back(word.example);
  return fmt::format("{}", fmt::join(examples, " or "));
}

absl::Status take_word(std::string_view text, std::span<const Word> words,
                       std::vector<std::string_view>& seen) {
  for (const Word& word : words) {
    if (!text.starts_with(word.key)) continue;
    if (std::find(seen.begin(), seen.end(), word.key) != seen.end()) {
      return wrong(fmt::format("{} comes twice", word.key));
    }
    seen.push_back(word.key);
    return word.take(text.substr(word.key.size()));
  }
  return wrong(
      fmt::format("'{}' is nothing that an address of this kind may say: after one space each, {}",
                  printable(text, kQuotedLimit), examples_of(words)));
}

// The name of the domain in front, and each word behind it.
absl::StatusOr<std::string> read(std::string_view text, std::span<const Word> words) {
  if (text.size() > kDomainTargetLimit) {
    return wrong(fmt::format("'{}' is longer than {} bytes", printable(text, kQuotedLimit),
                             kDomainTargetLimit));
  }
  const std::vector<std::string_view> parts = parts_of(text, ' ');
  absl::StatusOr<std::string> name = to_internet_name(parts.front());
  if (!name.ok()) return name;
  std::vector<std::string_view> seen;
  for (size_t i = 1; i < parts.size(); ++i) {
    absl::Status status = take_word(parts[i], words, seen);
    if (!status.ok()) return status;
  }
  return name;
}

// The end of that day, UTC; unset for what the calendar has not.
std::optional<TimePoint> end_of_day(std::string_view text) {
  constexpr size_t kLength = 10;  // 2027-03-31
  if (text.size() != kLength || text[4] != '-' || text[7] != '-') return std::nullopt;
  const auto number = [&](size_t at, size_t count) {
    int value = -1;
    const char* const end = text.data() + at + count;
    const auto [rest, error] = std::from_chars(text.data() + at, end, value);
    return error == std::errc() && rest == end ? value : -1;
  };
  const int month = number(5, 2);
  const int day = number(8, 2);
  if (month < 0 || day < 0) return std::nullopt;
  const std::chrono::year_month_day date(std::chrono::year(number(0, 4)),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day)));
  constexpr int kFirstYear = 1970;
  if (!date.ok() || int(date.year()) < kFirstYear) return std::nullopt;
  return TimePoint(std::chrono::sys_days(date) + std::chrono::days(1));
}

absl::Status take_date(std::string_view value, std::optional<TimePoint>& date) {
  date = end_of_day(value);
  if (date) return absl::OkStatus();
  return wrong(fmt::format("'expires={}' is no day: write it like expires=2027-03-31",
                           printable(value, kQuotedLimit)));
}

// A label of DNS, or several with dots between them: letters, digits, hyphens and underscores.
bool is_label_or_several(std::string_view text) {
  for (const std::string_view label : parts_of(text, '.')) {
    if (label.empty() || label.size() > kLabelLimit) return false;
    const bool good = std::all_of(label.begin(), label.end(), [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
             c == '-' || c == '_';
    });
    if (!good) return false;
  }
  return true;
}

// Values with commas between them, each read by `read_one`; once each, in their order.
absl::Status take_list(
    std::string_view key, std::string_view value, std::vector<std::string>& list,
    const std::function<absl::StatusOr<std::string>(std::string_view)>& read_one) {
  for (const std::string_view part : parts_of(value, ',')) {
    absl::StatusOr<std::string> one = read_one(part);
    if (!one.ok()) return wrong(fmt::format("{}{}", key, text_of(one.status())));
    if (std::find(list.begin(), list.end(), *one) == list.end()) list.push_back(*std::move(one));
  }
  if (list.size() <= kMostDomainTargetValues) return absl::OkStatus();
  return wrong(
      fmt::format("{} has {} values, and may have {}", key, list.size(), kMostDomainTargetValues));
}

absl::StatusOr<std::string> selector_of(std::string_view text) {
  if (is_label_or_several(text)) return std::string(text);
  return wrong(fmt::format(" '{}' is no selector of DKIM", printable(text, kQuotedLimit)));
}

// What names are registered below: one label is enough.
absl::StatusOr<std::string> suffix_of(std::string_view text) {
  // With a label before it, a single one is checked, too.
  absl::StatusOr<std::string> name = to_internet_name("x." + std::string(text));
  if (!name.ok()) {
    return wrong(
        fmt::format(" '{}' is no top-level domain, nor any other that names are "
                    "registered below",
                    printable(text, kQuotedLimit)));
  }
  return name->substr(2);
}

// A part of a label, in any alphabet.
absl::StatusOr<std::string> word_of(std::string_view text) {
  if (text.find('.') == std::string_view::npos && !text.empty() &&
      to_internet_name("x" + std::string(text) + ".example").ok()) {
    return std::string(text);
  }
  return wrong(fmt::format(" '{}' cannot be part of a name", printable(text, kQuotedLimit)));
}

absl::StatusOr<std::string> owned_name(std::string_view text) {
  absl::StatusOr<std::string> name = to_internet_name(text);
  if (!name.ok()) return wrong(fmt::format(" {}", text_of(name.status())));
  return name;
}

}  // namespace

absl::StatusOr<DomainTarget> parse_domain_target(std::string_view text) {
  DomainTarget target;
  const std::array<Word, 1> words{{{"expires=", "expires=2027-03-31", [&](std::string_view value) {
                                      return take_date(value, target.expires_by_hand);
                                    }}}};
  absl::StatusOr<std::string> name = read(text, words);
  if (!name.ok()) return name.status();
  target.name = *std::move(name);
  return target;
}

absl::StatusOr<ZoneTarget> parse_zone_target(std::string_view text) {
  ZoneTarget target;
  const std::array<Word, 1> words{{{"dkim=", "dkim=mail,2026a", [&](std::string_view value) {
                                      return take_list("dkim=", value, target.dkim_selectors,
                                                       selector_of);
                                    }}}};
  absl::StatusOr<std::string> name = read(text, words);
  if (!name.ok()) return name.status();
  target.name = *std::move(name);
  return target;
}

absl::StatusOr<LookalikesTarget> parse_lookalikes_target(std::string_view text) {
  LookalikesTarget target;
  const std::array<Word, 3> words{{{"owned=", "owned=example.net,example.com",
                                    [&](std::string_view value) {
                                      return take_list("owned=", value, target.owned, owned_name);
                                    }},
                                   {"suffixes=", "suffixes=shop,co.uk",
                                    [&](std::string_view value) {
                                      return take_list("suffixes=", value, target.suffixes,
                                                       suffix_of);
                                    }},
                                   {"words=", "words=login,pay", [&](std::string_view value) {
                                      return take_list("words=", value, target.words, word_of);
                                    }}}};
  absl::StatusOr<std::string> name = read(text, words);
  if (!name.ok()) return name.status();
  target.name = *std::move(name);
  return target;
}

absl::StatusOr<std::string> domain_target_name(std::string_view kind, std::string_view text) {
  if (kind == "domain") {
    const absl::StatusOr<DomainTarget> target = parse_domain_target(text);
    if (!target.ok()) return target.status();
    return target->name;
  }
  if (kind == "zone") {
    const absl::StatusOr<ZoneTarget> target = parse_zone_target(text);
    if (!target.ok()) return target.status();
    return "zone:" + target->name;
  }
  if (kind == "lookalikes") {
    const absl::StatusOr<LookalikesTarget> target = parse_lookalikes_target(text);
    if (!target.ok()) return target.status();
    return "lookalikes:" + target->name;
  }
  return wrong(fmt::format("'{}' is no kind of a domain", printable(kind, kQuotedLimit)));
}

}  // namespace muster
