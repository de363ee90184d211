#include "agent/probes/intrusion_detection/samhain_log.h"

#include "agent/probes/intrusion_detection/take_prefix.h"
#include "agent/probes/protection/product_times.h"
#include "agent/probes/protection/text_lines.h"
#include "common/text.h"

namespace muster::intrusion_detection {
namespace {

constexpr size_t kLongestChange = 200;

// Of "MARK   :  [2026-11-22T18:41:48+0000] msg=<File check starting.>".
struct LogLine {
  std::optional<TimePoint> time;
  std::string_view message;
};

std::optional<LogLine> parse_line(std::string_view line) {
  const size_t open = line.find(":  [");
  if (open == std::string_view::npos || open > 8) return std::nullopt;
  const size_t close = line.find(']', open);
  if (close == std::string_view::npos) return std::nullopt;
  std::string_view message = trim(line.substr(close + 1));
  if (!take_prefix(message, "msg=<")) return std::nullopt;
  return LogLine{protection::parse_iso_time(line.substr(open + 4, close - open - 4)), message};
}

// Changes of files: "POLICY [ReadOnly] C-------TS", "POLICY ADDED", "POLICY MISSING"; not ports,
// processes and kernel, which it tells of in the same form.
bool is_change(std::string_view message) {
  if (!take_prefix(message, "POLICY ")) return false;
  return !message.starts_with("[Service") && !message.starts_with("[Process") &&
         !message.starts_with("KERNEL");
}

// "POLICY MISSING /etc/passwd" of "POLICY MISSING>, path=</etc/passwd>, mode_old=...".
std::string words_of(std::string_view message) {
  constexpr std::string_view kPath = "path=<";
  const std::string_view policy = message.substr(0, message.find('>'));
  const size_t path = message.find(kPath);
  if (path == std::string_view::npos) return printable(policy, kLongestChange);
  message.remove_prefix(path + kPath.size());
  return printable(std::string(policy) + " " + std::string(message.substr(0, message.find('>'))),
                   kLongestChange);
}

void take_message(const LogLine& line, std::optional<TimePoint> baseline, SamhainLog& log) {
  if (line.message.starts_with("START>")) {
    log = SamhainLog();
    log.started_at = line.time;
    log.has_start = true;
  } else if (line.message.starts_with("EXIT>")) {
    log.has_ended = true;
  } else if (line.message.starts_with("File check starting.>")) {
    log.check_started_at = line.time;
  } else if (line.message.starts_with("File check completed.>")) {
    log.check_ended_at = line.time;
  } else if (is_change(line.message)) {
    if (baseline && line.time && *line.time < *baseline) return;
    ++log.changes;
    log.last_change = words_of(line.message);
  }
}

}  // namespace

SamhainPlaces parse_samhain_settings(std::string_view samhainrc) {
  SamhainPlaces places;
  while (!samhainrc.empty()) {
    const std::string_view line = protection::take_line(samhainrc);
    const size_t equals = line.find('=');
    if (line.starts_with('#') || equals == std::string_view::npos) continue;
    const std::string_view key = trim(line.substr(0, equals));
    const std::string_view value = trim(line.substr(equals + 1));
    if (!value.starts_with('/') || value.size() > 4096) continue;
    if (key == "SetDatabasePath") places.database = std::string(value);
    if (key == "SetLogfilePath") places.log = std::string(value);
  }
  return places;
}

SamhainLog parse_samhain_log(std::string_view text, std::optional<TimePoint> baseline) {
  SamhainLog log;
  bool is_log = false;
  while (!text.empty()) {
    const std::optional<LogLine> line = parse_line(protection::take_line(text));
    if (!line) continue;
    is_log = true;
    take_message(*line, baseline, log);
  }
  log.is_log = is_log;
  return log;
}

}  // namespace muster::intrusion_detection
