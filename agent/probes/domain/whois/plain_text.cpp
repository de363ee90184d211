#include "agent/probes/domain/whois/plain_text.h"

#include <algorithm>
#include <cctype>

#include "common/internet_name.h"

namespace muster::domains::whois {
namespace {

constexpr size_t kLongestName = 253;
constexpr size_t kLongestLabel = 63;

bool is_letter_or_digit(char byte) {
  const auto value = static_cast<unsigned char>(byte);
  return value >= 0x80 || std::isalnum(value) != 0;
}

bool is_label(std::string_view label) {
  return !label.empty() && label.size() <= kLongestLabel && label.front() != '-' &&
         label.back() != '-' && std::ranges::all_of(label, [](char byte) {
           return std::isalnum(static_cast<unsigned char>(byte)) != 0 || byte == '-' || byte == '_';
         });
}

// The labels of an ASCII name in lower case, or none of them.
std::string checked_name(std::string_view text, size_t fewest_labels) {
  if (!text.empty() && text.back() == '.') text.remove_suffix(1);
  if (text.empty() || text.size() > kLongestName || text.front() == '.' || text.back() == '.')
    return "";
  const std::vector<std::string_view> labels = parts_of(text, ".");
  if (labels.size() < fewest_labels || text.find("..") != std::string_view::npos) return "";
  if (!std::ranges::all_of(labels, is_label)) return "";
  // No top-level domain has digits alone, and every IPv4 address ends with them.
  const bool has_letter = std::ranges::any_of(
      labels.back(), [](char byte) { return std::isalpha(static_cast<unsigned char>(byte)) != 0; });
  return has_letter ? lower(text) : "";
}

}  // namespace

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& byte : result)
    if (byte >= 'A' && byte <= 'Z') byte = static_cast<char>(byte - 'A' + 'a');
  return result;
}

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  std::string word;
  for (const char byte : text) {
    if (is_letter_or_digit(byte)) {
      word.push_back(byte);
    } else if (!word.empty()) {
      words.push_back(lower(word));
      word.clear();
    }
  }
  if (!word.empty()) words.push_back(lower(word));
  return words;
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) {
    if (!text.empty()) text.push_back(' ');
    text += word;
  }
  return text;
}

std::vector<std::string_view> parts_of(std::string_view text, std::string_view separators) {
  std::vector<std::string_view> parts;
  size_t begin = text.find_first_not_of(separators);
  while (begin != std::string_view::npos) {
    const size_t end = std::min(text.find_first_of(separators, begin), text.size());
    parts.push_back(text.substr(begin, end - begin));
    begin = text.find_first_not_of(separators, end);
  }
  return parts;
}

std::string host_name(std::string_view text) {
  return checked_name(text, 2);
}

std::string domain_name(std::string_view text) {
  if (std::ranges::all_of(text, [](char byte) { return static_cast<unsigned char>(byte) < 0x80; }))
    return checked_name(text, 1);
  const auto name = to_internet_name(text);
  return name.ok() ? *name : "";
}

std::string domain_in_sentence(std::string_view word, std::string_view asked) {
  if (word.find('.') != std::string_view::npos)
    return word.size() > 4 * kLongestName ? "" : domain_name(word);
  return word.size() == asked.size() && lower(word) == asked ? std::string(asked) : "";
}

}  // namespace muster::domains::whois
