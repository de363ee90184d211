#include "agent/probes/intrusion_detection/ossec_log.h"

#include <array>

#include "agent/probes/protection/product_times.h"
#include "agent/probes/protection/text_lines.h"
#include "common/text.h"

namespace muster::intrusion_detection {
namespace {

enum class Meaning {
  kCheckStarted,
  kCheckEnded,
  kConnected,
  kNotConnected,
  kBufferFull,
  kBufferFine
};

struct Words {
  std::string_view words;
  Meaning meaning;
};

// Wazuh's and then OSSEC's: src/error_messages/*_messages.h, src/syscheckd/run_check.c of both.
constexpr auto kWords = std::to_array<Words>({
    {"File integrity monitoring scan started", Meaning::kCheckStarted},
    {"File integrity monitoring scan ended", Meaning::kCheckEnded},
    {"Starting syscheck scan", Meaning::kCheckStarted},
    {"Ending syscheck scan", Meaning::kCheckEnded},
    {"Connected to the server", Meaning::kConnected},
    {"Connected to server", Meaning::kConnected},
    {"Server responded. Releasing lock", Meaning::kConnected},
    {"Server unavailable. Setting lock", Meaning::kNotConnected},
    {"Waiting for server reply", Meaning::kNotConnected},
    {"Lost connection with manager", Meaning::kNotConnected},
    {"Unable to connect to '", Meaning::kNotConnected},
    {"Agent buffer is full", Meaning::kBufferFull},
    {"Agent buffer is flooded", Meaning::kBufferFull},
    {"Agent buffer is under", Meaning::kBufferFine},
});

struct LogLine {
  std::string_view time;
  std::string_view program;
  std::string_view message;
};

// "2026/11/22 18:43:25 program: INFO: message"; OSSEC has also "program(4102): INFO: message".
std::optional<LogLine> parse_line(std::string_view line) {
  constexpr size_t kTime = 19;
  if (line.size() < kTime + 2 || line[4] != '/' || line[13] != ':' || line[kTime] != ' ') {
    return std::nullopt;
  }
  const std::string_view rest = line.substr(kTime + 1);
  const size_t colon = rest.find(": ");
  if (colon == std::string_view::npos) return std::nullopt;
  return LogLine{line.substr(0, kTime), rest.substr(0, colon), rest.substr(colon + 2)};
}

// Its own daemons, whose words a logged text of others cannot stand for.
bool is_own(std::string_view program) {
  return program.starts_with("ossec-") || program.starts_with("wazuh-");
}

// Where a message begins: behind "INFO: " and "(6009): ".
bool says(std::string_view message, std::string_view words) {
  const size_t at = message.find(words);
  return at != std::string_view::npos && at <= 24;
}

std::optional<TimePoint> time_of(const LogLine& line, const absl::TimeZone& zone) {
  return protection::parse_time(line.time, {"%Y/%m/%d %H:%M:%S"}, zone);
}

void take(const LogLine& line, Meaning meaning, const absl::TimeZone& zone, OssecLog& log) {
  switch (meaning) {
    case Meaning::kCheckStarted:
      log.check_started_at = time_of(line, zone);
      return;
    case Meaning::kCheckEnded:
      log.check_ended_at = time_of(line, zone);
      return;
    case Meaning::kConnected:
    case Meaning::kNotConnected:
      log.is_connected = meaning == Meaning::kConnected;
      return;
    case Meaning::kBufferFull:
      log.buffer_trouble = printable(line.message, 200);
      return;
    case Meaning::kBufferFine:
      log.buffer_trouble.clear();
      return;
  }
}

}  // namespace

OssecLog parse_ossec_log(std::string_view text, const absl::TimeZone& zone) {
  OssecLog log;
  while (!text.empty()) {
    const std::optional<LogLine> line = parse_line(protection::take_line(text));
    if (!line || !is_own(line->program)) continue;
    log.is_log = true;
    if (!log.begins_at) log.begins_at = time_of(*line, zone);
    for (const Words& words : kWords) {
      if (!says(line->message, words.words)) continue;
      take(*line, words.meaning, zone, log);
      break;
    }
  }
  return log;
}

}  // namespace muster::intrusion_detection
