#include "agent/probes/antivirus/clamav_config.h"

#include "agent/probes/protection/text_lines.h"

namespace muster::antivirus {
namespace {

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

}  // namespace

ClamavConfig::ClamavConfig(std::string_view text) {
  while (!text.empty() && options_.size() < kMostOptions) {
    std::string_view line = protection::take_line(text);
    if (line.empty() || line.front() == '#') continue;
    const std::string_view name = protection::take_word(line);
    const bool is_quoted = line.size() >= 2 && line.front() == line.back() &&
                           (line.front() == '"' || line.front() == '\'');
    if (is_quoted) line = line.substr(1, line.size() - 2);
    options_.emplace_back(lower(name), line);
  }
}

std::vector<std::string> ClamavConfig::values(std::string_view option) const {
  const std::string name = lower(option);
  std::vector<std::string> values;
  for (const auto& [each, value] : options_) {
    if (each == name) values.push_back(value);
  }
  return values;
}

std::string ClamavConfig::value(std::string_view option, std::string_view otherwise) const {
  const std::vector<std::string> all = values(option);
  return all.empty() ? std::string(otherwise) : all.back();
}

bool ClamavConfig::flag(std::string_view option, bool otherwise) const {
  const std::string word = lower(value(option));
  if (word == "yes" || word == "true" || word == "1") return true;
  if (word == "no" || word == "false" || word == "0") return false;
  return otherwise;
}

}  // namespace muster::antivirus
