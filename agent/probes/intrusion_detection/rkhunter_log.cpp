#include "agent/probes/intrusion_detection/rkhunter_log.h"

#include <algorithm>
#include <utility>

#include "agent/probes/intrusion_detection/take_prefix.h"
#include "agent/probes/protection/product_times.h"
#include "agent/probes/protection/text_lines.h"
#include "common/text.h"

namespace muster::intrusion_detection {
namespace {

constexpr size_t kLongestWarning = 200;

// As date(1) prints it: "Sun Nov 22 18:43:25 UTC 2026", in English locales also "Sun 22 Nov 2026
// 06:43:25 PM CET". Zones have abbreviations that several share: all but UTC are the host's.
std::optional<TimePoint> parse_date(std::string_view text, const absl::TimeZone& zone) {
  std::string words;
  bool is_utc = false;
  while (!(text = trim(text)).empty() && words.size() < 64) {
    const std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(word.size());
    const bool is_zone = word != "AM" && word != "PM" && word.size() >= 2 &&
                         std::all_of(word.begin(), word.end(), [](char c) {
                           return (c >= 'A' && c <= 'Z') || c == '+' || c == '-';
                         });
    if (is_zone) {
      is_utc = word == "UTC" || word == "GMT";
    } else {
      words += words.empty() ? "" : " ";
      words += word;
    }
  }
  return protection::parse_time(words,
                                {"%a %b %d %H:%M:%S %Y", "%a %b %d %I:%M:%S %p %Y",
                                 "%a %d %b %Y %I:%M:%S %p", "%a %d %b %Y %H:%M:%S"},
                                is_utc ? absl::UTCTimeZone() : zone);
}

// What follows "[18:43:25] "; empty if the line begins otherwise.
std::string_view message_of(std::string_view line) {
  const bool is_stamped = line.size() > 11 && line[0] == '[' && line[3] == ':' && line[6] == ':' &&
                          line[9] == ']' && line[10] == ' ';
  return is_stamped ? line.substr(11) : std::string_view();
}

class LogReader {
 public:
  explicit LogReader(const absl::TimeZone& zone) : zone_(zone) {}

  void take(std::string_view message) {
    if (take_prefix(message, "Running Rootkit Hunter version ")) {
      end_run();
      log_.is_log = true;
      is_in_run_ = true;
      run_.version = std::string(message.substr(0, std::min(message.find(' '), size_t{64})));
    } else if (!is_in_run_) {
      return;
    } else if (take_prefix(message, "Info: Start date is ")) {
      run_.started_at = parse_date(message, zone_);
    } else if (take_prefix(message, "Info: End date is ")) {
      run_.ended_at = parse_date(message, zone_);
      run_.is_whole = true;
    } else if (message.starts_with("Starting system checks...")) {
      is_check_ = true;
    } else if (message.starts_with("Possible rootkits: ") &&
               !message.starts_with("Possible rootkits: 0")) {
      run_.rootkits = printable(trim(message), kLongestWarning);
    } else if (take_prefix(message, "Warning: ")) {
      if (++run_.warnings == 1) run_.first_warning = printable(trim(message), kLongestWarning);
    }
  }

  RkhunterLog end() {
    end_run();
    return std::move(log_);
  }

 private:
  void end_run() {
    log_.ends_with_it = is_check_;
    if (is_in_run_ && is_check_) {
      if (run_.is_whole) log_.last_whole = run_;
      log_.last = std::move(run_);
    }
    run_ = {};
    is_in_run_ = false;
    is_check_ = false;
  }

  const absl::TimeZone& zone_;
  RkhunterLog log_;
  RkhunterRun run_;
  bool is_in_run_ = false;
  bool is_check_ = false;
};

}  // namespace

void parse_rkhunter_settings(std::string_view text, RkhunterSettings& settings) {
  while (!text.empty()) {
    const std::string_view line = protection::take_line(text);
    const size_t equals = line.find('=');
    if (line.starts_with('#') || equals == std::string_view::npos) continue;
    const std::string_view key = trim(line.substr(0, equals));
    std::string_view value = trim(line.substr(equals + 1));
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"') {
      value = value.substr(1, value.size() - 2);
    }
    if (!value.starts_with('/') || value.size() > 4096) continue;
    if (key == "LOGFILE") settings.log = std::string(value);
    if (key == "DBDIR") settings.data = std::string(value);
  }
}

RkhunterLog parse_rkhunter_log(std::string_view text, const absl::TimeZone& zone) {
  LogReader reader(zone);
  while (!text.empty())
    reader.take(message_of(protection::take_line(text)));
  return reader.end();
}

}  // namespace muster::intrusion_detection
