#include "agent/probes/intrusion_detection/aide_config.h"

#include <algorithm>

#include "agent/probes/intrusion_detection/take_prefix.h"
#include "agent/probes/protection/text_lines.h"
#include "common/text.h"

namespace muster::intrusion_detection {
namespace {

constexpr size_t kLongestValue = 4096;

// With each @@{NAME} replaced, once: a value was expanded when it was defined.
std::string expanded(std::string_view text, const AideConfig& config) {
  std::string result;
  while (!text.empty() && result.size() <= kLongestValue) {
    const size_t start = text.find("@@{");
    const size_t end = start == std::string_view::npos ? start : text.find('}', start);
    if (end == std::string_view::npos) break;
    result += text.substr(0, start);
    const auto definition = config.definitions.find(text.substr(start + 3, end - start - 3));
    if (definition != config.definitions.end()) result += definition->second;
    text.remove_prefix(end + 1);
  }
  result += text;
  result.resize(std::min(result.size(), kLongestValue));
  return result;
}

// "/x" of "file:/x" and of "file:///x"; empty where it is no file.
std::string path_of(std::string_view url) {
  if (!take_prefix(url, "file:")) return {};
  if (url.starts_with("//")) url.remove_prefix(2);
  return url.starts_with('/') ? std::string(url) : std::string();
}

void take_directive(std::string_view line, AideConfig& config) {
  const std::string_view directive = protection::take_word(line);
  if (directive == "@@define" && config.definitions.size() < kMostAideDefinitions) {
    const std::string name(protection::take_word(line));
    config.definitions[name] = expanded(line, config);
  } else if (directive == "@@undef") {
    if (const auto found = config.definitions.find(line); found != config.definitions.end()) {
      config.definitions.erase(found);
    }
  } else if ((directive == "@@include" || directive == "@@x_include") &&
             config.includes.size() < kMostAideIncludes) {
    const std::string path = expanded(protection::take_word(line), config);
    if (path.starts_with('/')) config.includes.push_back(path);
  }
}

}  // namespace

void parse_aide_config(std::string_view text, AideConfig& config) {
  while (!text.empty()) {
    const std::string_view line = protection::take_line(text);
    if (line.starts_with("@@")) take_directive(line, config);
    const size_t equals = line.find('=');
    if (line.empty() || line.front() == '#' || equals == std::string_view::npos) continue;
    const std::string_view key = trim(line.substr(0, equals));
    if (key != "database_in" && key != "database" && key != "database_out" && key != "report_url") {
      continue;
    }
    const std::string path = path_of(expanded(trim(line.substr(equals + 1)), config));
    if (path.empty()) continue;
    if (key == "report_url") {
      const auto& known = config.reports;
      const bool is_new = std::find(known.begin(), known.end(), path) == known.end();
      if (is_new && known.size() < kMostAideReports) config.reports.push_back(path);
    } else if (key == "database_out") {
      if (config.new_database.empty()) config.new_database = path;
    } else if (config.database.empty()) {
      config.database = path;
    }
  }
}

}  // namespace muster::intrusion_detection
