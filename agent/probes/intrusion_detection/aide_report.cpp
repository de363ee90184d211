#include "agent/probes/intrusion_detection/aide_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

#include "agent/probes/intrusion_detection/take_prefix.h"
#include "agent/probes/protection/product_json.h"
#include "agent/probes/protection/product_times.h"
#include "agent/probes/protection/text_lines.h"
#include "common/text.h"

namespace muster::intrusion_detection {
namespace {

// aide(1): the bits of an exit status that tells of changes; 14 and above are errors.
constexpr int kFirstError = 14;

struct Counts {
  std::optional<uint64_t> added;
  std::optional<uint64_t> removed;
  std::optional<uint64_t> changed;
};

std::optional<uint64_t> number_of(std::string_view text) {
  text = trim(text);
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end == text.data()) return std::nullopt;
  return number;
}

// Beyond what a count may be it is as good as that.
uint64_t sum(uint64_t a, uint64_t b) {
  return a > std::numeric_limits<uint64_t>::max() - b ? std::numeric_limits<uint64_t>::max()
                                                      : a + b;
}

void take_counts(const Counts& counts, AideReport& report) {
  if (!counts.added && !counts.removed && !counts.changed) return;
  const uint64_t added = counts.added.value_or(0);
  const uint64_t removed = counts.removed.value_or(0);
  const uint64_t changed = counts.changed.value_or(0);
  report.found = sum(sum(added, removed), changed);
  report.result = *report.found > 0 ? v1::CHECK_RESULT_FOUND : v1::CHECK_RESULT_CLEAN;
  report.detail = fmt::format("{} added, {} removed and {} changed", added, removed, changed);
}

// What AIDE says of a run as a whole.
void take_outline(std::string_view words, AideReport& report) {
  if (words.find("found NO differences") != std::string_view::npos ||
      words.find("All files match AIDE database") != std::string_view::npos) {
    report.result = v1::CHECK_RESULT_CLEAN;
    report.found = 0;
  } else if (words.find("found differences between") != std::string_view::npos) {
    report.result = v1::CHECK_RESULT_FOUND;
  } else if (words.find("initialized database") != std::string_view::npos ||
             words.find("database initialized") != std::string_view::npos) {
    report.result = v1::CHECK_RESULT_NEVER;
    report.detail = "the database was made, and nothing has been compared with it since";
  }
}

void fail(AideReport& report, std::string detail) {
  report.result = v1::CHECK_RESULT_FAILED;
  report.found.reset();
  report.detail = std::move(detail);
}

std::optional<TimePoint> time_of(std::string_view text, const absl::TimeZone& zone) {
  // What follows it is in brackets.
  text = trim(text.substr(0, text.find('(')));
  if (const auto time = protection::parse_iso_time(text)) return time;
  return protection::parse_time(text, {"%Y-%m-%d %H:%M:%S %z", "%Y-%m-%d %H:%M:%S"}, zone);
}

// Without the frame of stars that Debian's /usr/share/aide/bin/dailyaidecheck draws.
std::string_view without_frame(std::string_view line) {
  const size_t first = line.find_first_not_of(" *");
  if (first == std::string_view::npos) return {};
  return line.substr(first, line.find_last_not_of(" *") + 1 - first);
}

// Of the same script: "AIDE returned with exit code 4. Changed entries detected!" or, in a frame,
// "AIDE returned with exit code 17. Invalid configuration!".
void take_exit_code(std::string_view words, AideReport& report) {
  constexpr std::string_view kExitCode = "AIDE returned with exit code ";
  if (words.starts_with("AIDE returned with a zero exit code")) {
    report.result = v1::CHECK_RESULT_CLEAN;
    report.found = 0;
    return;
  }
  if (!words.starts_with(kExitCode)) return;
  const auto status = number_of(words.substr(kExitCode.size()));
  if (!status) return;
  if (*status >= kFirstError) return fail(report, std::string(words));
  report.result = *status == 0 ? v1::CHECK_RESULT_CLEAN : v1::CHECK_RESULT_FOUND;
  if (*status == 0) report.found = 0;
}

// A check that ended before AIDE did, in the words of the same script.
bool is_early_end(std::string_view words) {
  constexpr auto kWords = std::to_array<std::string_view>(
      {"terminated with signal", "database not present", "terminated by fatal error",
       "terminated because lock", "ARETVAL not initialized", "terminated:"});
  return std::any_of(kWords.begin(), kWords.end(),
                     [words](std::string_view start) { return words.starts_with(start); });
}

// Reads lines; each start of a report forgets the one before.
class TextReader {
 public:
  explicit TextReader(const absl::TimeZone& zone) : zone_(zone) {}

  void take(std::string_view line) {
    if (is_among_names()) return take_further(line);
    if (line.starts_with("aide run on ")) {
      start();
      is_wrapped_ = true;
      const size_t time = line.rfind(" started at ");
      if (time == std::string_view::npos) return;
      std::string_view text = line.substr(time + 12);
      if (text.ends_with('.')) text.remove_suffix(1);
      report_.started_at = time_of(text, zone_);
    } else if (take_prefix(line, "Start timestamp: ")) {
      // In the log of Debian's check the report is within what tells of the run.
      if (!is_wrapped_ || has_start_) start();
      has_start_ = true;
      report_.started_at = time_of(line, zone_);
      if (const size_t at = line.find("(AIDE "); at != std::string_view::npos) {
        const std::string_view version = line.substr(at + 6);
        report_.version = std::string(version.substr(0, std::min(version.find(')'), size_t{64})));
        has_end_ahead_ = true;
      }
    } else if (!has_report_) {
      return take_first(line);
    } else {
      take_further(line);
    }
  }

  absl::StatusOr<AideReport> end() {
    if (!has_report_) {
      return absl::InvalidArgumentError("it is no report of AIDE in its own words");
    }
    if (report_.result == v1::CHECK_RESULT_FAILED) return report_;
    take_counts(counts_, report_);
    if (report_.result == v1::CHECK_RESULT_UNSPECIFIED) {
      fail(report_, "its report breaks off before it says what was found");
    }
    return report_;
  }

 private:
  void start() {
    report_ = {};
    counts_ = {};
    has_report_ = true;
    has_start_ = false;
    is_wrapped_ = false;
    has_end_ahead_ = false;
  }

  // Behind its counts a report has the names of files, which may have lines of their own, until it
  // ends; that of 0.15 and older, which does not say its version behind the time, has no end.
  bool is_among_names() const {
    return has_end_ahead_ && (counts_.added || counts_.removed || counts_.changed);
  }

  // AIDE 0.15 and older: "AIDE 0.15.1 found differences ..." stands before the time.
  void take_first(std::string_view line) {
    if (!line.starts_with("AIDE ") && !line.starts_with("AIDE, ")) return;
    AideReport outlined;
    take_outline(line, outlined);
    if (outlined.result == v1::CHECK_RESULT_UNSPECIFIED) return;
    start();
    is_wrapped_ = true;  // by this line: the time that follows is of the same report
    take_outline(line, report_);
    std::string_view version = line.substr(5);
    version = version.substr(0, version.find(' '));
    if (!version.empty() && version[0] >= '0' && version[0] <= '9' && version.size() <= 64) {
      report_.version = std::string(version);
    }
  }

  void take_further(std::string_view line) {
    if (report_.result == v1::CHECK_RESULT_FAILED) return;
    // What the script says stands before what AIDE says, which has names of files in it.
    if (is_wrapped_ && !has_start_) {
      const std::string_view words = without_frame(line);
      if (is_early_end(words)) return fail(report_, std::string(words));
      take_exit_code(words, report_);
    }
    if (take_prefix(line, "End timestamp: ")) {
      report_.ended_at = time_of(line, zone_);
      has_end_ahead_ = false;
    } else if (line.starts_with("AIDE ")) {
      take_outline(line, report_);
    } else {
      take_count(line);
    }
  }

  // "  Added entries:\t\t1", and of 0.15 "  Added files:\t\t\t1"; headings have no number.
  void take_count(std::string_view line) {
    line = trim(line);
    const size_t colon = line.find(':');
    if (colon == std::string_view::npos) return;
    const std::string_view key = line.substr(0, colon);
    const auto number = number_of(line.substr(colon + 1));
    if (!number) return;
    take_once(key == "Added entries" || key == "Added files", number, counts_.added);
    take_once(key == "Removed entries" || key == "Removed files", number, counts_.removed);
    take_once(key == "Changed entries" || key == "Changed files", number, counts_.changed);
  }

  static void take_once(bool is_it, std::optional<uint64_t> number,
                        std::optional<uint64_t>& count) {
    if (is_it && !count) count = number;
  }

  const absl::TimeZone& zone_;
  AideReport report_;
  Counts counts_;
  bool has_report_ = false;
  bool has_start_ = false;
  bool is_wrapped_ = false;
  bool has_end_ahead_ = false;
};

std::optional<uint64_t> count_in(const boost::json::object& report, std::string_view name) {
  const auto number = protection::json_number(report, name);
  if (!number || *number < 0) return std::nullopt;
  return static_cast<uint64_t>(*number);
}

absl::StatusOr<AideReport> parse_json(std::string_view text, const absl::TimeZone& zone) {
  // With report_append=yes there are several: the last counts. Only the first bracket of a report
  // begins a line.
  const size_t last = text.rfind("\n{");
  if (last != std::string_view::npos) text.remove_prefix(last + 1);
  const auto object = protection::json_object_of(text);
  if (!object.ok()) return object.status();
  AideReport report;
  const auto outline = protection::json_text(*object, "outline");
  if (!outline) return absl::InvalidArgumentError("it is JSON, and no report of AIDE");
  report.version = protection::json_text(*object, "aide_version").value_or("");
  report.started_at = time_of(protection::json_text(*object, "start_time").value_or(""), zone);
  report.ended_at = time_of(protection::json_text(*object, "end_time").value_or(""), zone);
  take_outline(*outline, report);
  if (report.result == v1::CHECK_RESULT_NEVER) return report;
  // Zeros are left out.
  take_counts({.added = count_in(*object, "number_of_entries.added"),
               .removed = count_in(*object, "number_of_entries.removed"),
               .changed = count_in(*object, "number_of_entries.changed")},
              report);
  if (report.result == v1::CHECK_RESULT_UNSPECIFIED) {
    return absl::InvalidArgumentError("it does not say what was found: " + printable(*outline, 80));
  }
  return report;
}

}  // namespace

absl::StatusOr<AideReport> parse_aide_report(std::string_view text, const absl::TimeZone& zone) {
  if (trim(text.substr(0, 64)).starts_with('{')) return parse_json(text, zone);
  TextReader reader(zone);
  while (!text.empty())
    reader.take(protection::take_until(text, '\n'));
  return reader.end();
}

}  // namespace muster::intrusion_detection
