#include "agent/probes/protection/product_answers.h"

#include <fmt/format.h>

#include <algorithm>

#include "agent/probes/protection/product_facts.h"
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

// The first word of the text, taken off it.
std::string_view take_word(std::string_view& text) {
  const size_t blank = text.find(' ');
  const std::string_view word = text.substr(0, blank);
  text.remove_prefix(blank == std::string_view::npos ? text.size() : blank + 1);
  return word;
}

std::pair<std::string_view, std::string_view> split(std::string_view line) {
  size_t end = line.find(": ");
  if (end == std::string_view::npos && line.ends_with(':')) end = line.size() - 1;
  if (end != std::string_view::npos) return {trim(line.substr(0, end)), trim(line.substr(end + 1))};
  end = std::min(line.find('\t'), line.find("  "));
  if (end == std::string_view::npos) return {line, {}};
  return {trim(line.substr(0, end)), trim(line.substr(end))};
}

v1::Answer runs(const ProductLook& look, std::initializer_list<std::string_view> names,
                bool of_root, std::string_view fact, v1::ProtectionProduct& product) {
  constexpr std::string_view kQuestion = "processes";
  const std::string complaint = probe::complaint_about(look.answers, kQuestion);
  if (!complaint.empty()) {
    add_unread(product, fact, complaint);
    return v1::ANSWER_UNSPECIFIED;
  }
  std::string_view text = look.answers.find(kQuestion)->text;
  while (!text.empty()) {
    std::string_view line = take_line(text);
    take_word(line);
    const std::string_view user = take_word(line);
    if (of_root && user != "0") continue;
    if (std::find(names.begin(), names.end(), line) != names.end()) return v1::ANSWER_YES;
  }
  return v1::ANSWER_NO;
}

}  // namespace

std::optional<std::string_view> answer_text(const ProductLook& look, std::string_view question,
                                            std::string_view source,
                                            std::initializer_list<std::string_view> facts,
                                            v1::ProtectionProduct& product) {
  const std::string complaint = probe::complaint_about(look.answers, question);
  if (!complaint.empty()) {
    for (const std::string_view fact : facts)
      add_unread(product, fact, complaint);
    return std::nullopt;
  }
  add_source(product, source);
  return look.answers.find(question)->text;
}

v1::Answer root_runs(const ProductLook& look, std::initializer_list<std::string_view> names,
                     v1::ProtectionProduct& product) {
  return runs(look, names, true, "running", product);
}

v1::Answer process_runs(const ProductLook& look, std::initializer_list<std::string_view> names,
                        std::string_view fact, v1::ProtectionProduct& product) {
  return runs(look, names, false, fact, product);
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
