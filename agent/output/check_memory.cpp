#include "agent/output/check_memory.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "common/text.h"
#include "common/timestamp.h"

namespace muster::agent {
namespace {

constexpr std::string_view kFirstLine = "muster-check-memory 1\n";
constexpr std::string_view kLastLine = "end\n";

// Up to the separator, which goes with it; nothing: there is none.
std::optional<std::string_view> take_until(std::string_view& text, char separator) {
  const size_t end = text.find(separator);
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view taken = text.substr(0, end);
  text.remove_prefix(end + 1);
  return taken;
}

bool can_be_a_line(const policy::SubjectKey& key) {
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; };
  return key.entity.empty() && std::none_of(key.control.begin(), key.control.end(), is_control) &&
         std::none_of(key.subject.begin(), key.subject.end(), is_control);
}

absl::Status damaged(size_t line) {
  return absl::InvalidArgumentError(fmt::format("line {} is damaged", line));
}

}  // namespace

std::string write_check_memory(const policy::FirstSeen& memory) {
  std::vector<std::pair<TimePoint, const policy::SubjectKey*>> entries;
  for (const auto& [key, since] : memory) {
    if (can_be_a_line(key)) entries.emplace_back(since, &key);
  }
  std::stable_sort(entries.begin(), entries.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::string text(kFirstLine);
  size_t count = 0;
  for (const auto& [since, key] : entries) {
    const std::string line =
        fmt::format("{}\t{}\t{}\n", to_iso8601(since), key->control, key->subject);
    if (++count > kMostRemembered ||
        text.size() + line.size() + kLastLine.size() > kCheckMemoryLimit) {
      break;
    }
    text += line;
  }
  return text += kLastLine;
}

bool is_whole_check_memory(std::string_view text) {
  return text.size() <= kCheckMemoryLimit && text.starts_with(kFirstLine) &&
         text.ends_with(kLastLine);
}

absl::StatusOr<policy::FirstSeen> read_check_memory(std::string_view text) {
  if (!is_whole_check_memory(text)) {
    return absl::InvalidArgumentError("it does not begin and end as this version writes it");
  }
  text.remove_prefix(kFirstLine.size());
  policy::FirstSeen memory;
  for (size_t number = 2;; ++number) {
    const std::optional<std::string_view> line = take_until(text, '\n');
    if (!line) return damaged(number);
    if (*line == "end") break;
    std::string_view rest = *line;
    const std::optional<std::string_view> time = take_until(rest, '\t');
    const std::optional<std::string_view> control = take_until(rest, '\t');
    if (!time || !control || control->empty() || memory.size() == kMostRemembered) {
      return damaged(number);
    }
    const std::optional<TimePoint> since = parse_iso8601(*time);
    const policy::SubjectKey key{
        .entity = "", .control = std::string(*control), .subject = std::string(rest)};
    if (!since || !can_be_a_line(key) || !is_valid_utf8(*line)) return damaged(number);
    memory.emplace(key, *since);
  }
  if (!text.empty()) return absl::InvalidArgumentError("something follows its end");
  return memory;
}

policy::FirstSeen take_other_controls(policy::FirstSeen& memory, const policy::Policy& policy) {
  policy::FirstSeen others;
  for (auto entry = memory.begin(); entry != memory.end();) {
    const auto is_its = [&entry](const policy::Control& control) {
      return control.id == entry->first.control;
    };
    if (std::any_of(policy.controls.begin(), policy.controls.end(), is_its)) {
      ++entry;
    } else {
      others.insert(memory.extract(entry++));
    }
  }
  return others;
}

}  // namespace muster::agent
