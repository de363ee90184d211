#include "agent/probes/protection/product_answers.h"

#include <fmt/format.h>

#include <algorithm>

#include "agent/probes/protection/product_complaint.h"
#include "agent/probes/protection/product_facts.h"
#include "agent/probes/protection/running_programs.h"
#include "common/text.h"

namespace muster::protection {
namespace {

// The first line of the text, taken off it.
std::string_view take_line(std::string_view& text) {
  const size_t newline = text.find('\n');
  const std::string_view line = text.substr(0, newline);
  text.remove_prefix(newline == std::string_view::npos ? text.size() : newline + 1);
  return line;
}

std::pair<std::string_view, std::string_view> split(std::string_view line) {
  size_t end = line.find(": ");
  if (end == std::string_view::npos && line.ends_with(':')) end = line.size() - 1;
  if (end != std::string_view::npos) return {trim(line.substr(0, end)), trim(line.substr(end + 1))};
  end = std::min(line.find('\t'), line.find("  "));
  if (end == std::string_view::npos) return {line, {}};
  return {trim(line.substr(0, end)), trim(line.substr(end))};
}

}  // namespace

std::optional<std::string_view> answer_text(const ProductLook& look, std::string_view question,
                                            std::string_view source,
                                            std::initializer_list<std::string_view> facts,
                                            v1::ProtectionProduct& product) {
  const std::string complaint = probe::complaint_about(look.answers, question);
  if (!complaint.empty()) {
    add_unread_all(product, facts, complaint);
    return std::nullopt;
  }
  add_source(product, source);
  return look.answers.find(question)->text;
}

void add_unread_all(v1::ProtectionProduct& product, std::initializer_list<std::string_view> facts,
                    std::string_view reason) {
  for (const std::string_view fact : facts)
    add_unread(product, fact, reason);
}

void set_running(const ProductLook& look, std::initializer_list<const char*> units,
                 std::string_view program, v1::ProtectionProduct& product) {
  const RunningEvidence evidence = is_running(look, units, program);
  if (evidence.runs) {
    product.set_running(answer(*evidence.runs));
  } else {
    add_unread(product, "running", evidence.reason);
  }
}

void doubt_unless_it_runs(v1::ProtectionProduct& product) {
  if (product.running() == v1::ANSWER_YES) return;
  constexpr std::string_view kReason =
      "what it says speaks for protection; that it runs is not known";
  if (product.mode() == v1::PROTECTION_MODE_ACTIVE) {
    product.clear_mode();
    product.clear_mode_words();
    add_unread(product, "mode", kReason);
  }
  if (product.real_time() == v1::ANSWER_YES) {
    product.clear_real_time();
    add_unread(product, "real_time", kReason);
  }
}

StatusLines::StatusLines(std::string_view text) {
  while (!text.empty() && lines_.size() < kMostStatusLines) {
    std::string_view line = trim(take_line(text));
    if (line.starts_with("- ")) line = trim(line.substr(2));
    if (!line.empty()) lines_.push_back(split(line));
  }
}

std::optional<std::string_view> StatusLines::find(std::string_view key) const {
  for (const auto& [name, value] : lines_) {
    if (name != key) continue;
    return value.ends_with('.') ? value.substr(0, value.size() - 1) : value;
  }
  return std::nullopt;
}

std::optional<std::string_view> StatusLines::find_any(
    std::initializer_list<std::string_view> keys) const {
  for (const std::string_view key : keys) {
    if (const auto value = find(key)) return value;
  }
  return std::nullopt;
}

void add_not_understood(std::optional<std::string_view> value, std::string_view key,
                        std::string_view fact, v1::ProtectionProduct& product) {
  if (!value) {
    add_unread(
        product, fact,
        fmt::format("its answer has no '{}': is it in another language, or of a version that "
                    "Muster does not know?",
                    key));
    return;
  }
  add_unread(product, fact,
             fmt::format("it says '{}' of '{}', which Muster does not understand",
                         product_text(*value), key));
}

std::string text_or_unread(const StatusLines& lines, std::string_view key, std::string_view fact,
                           v1::ProtectionProduct& product) {
  const auto value = lines.find(key);
  if (value && !value->empty()) return std::string(*value);
  add_not_understood(value, key, fact, product);
  return {};
}

std::optional<google::protobuf::Timestamp> time_or_unread(std::optional<TimePoint> time,
                                                          std::optional<std::string_view> value,
                                                          std::string_view key,
                                                          std::string_view fact,
                                                          v1::ProtectionProduct& product) {
  auto seconds = whole_seconds(time);
  if (!seconds) add_not_understood(value, key, fact, product);
  return seconds;
}

v1::Answer meaning_of(std::optional<std::string_view> value, std::string_view key,
                      std::initializer_list<Word> words, std::string_view fact,
                      v1::ProtectionProduct& product) {
  for (const Word& word : words) {
    if (value && *value == word.word) return word.meaning;
  }
  add_not_understood(value, key, fact, product);
  return v1::ANSWER_UNSPECIFIED;
}

}  // namespace muster::protection
