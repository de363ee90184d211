#include "agent/probes/antivirus/clamav_scans.h"

#include "agent/probes/protection/product_times.h"
#include "agent/probes/protection/scheduled_jobs.h"
#include "agent/probes/protection/text_lines.h"

namespace muster::antivirus {
namespace {

using protection::take_line;
using protection::take_until;
using protection::take_word;

constexpr std::string_view kSummary = "----------- SCAN SUMMARY -----------";
constexpr std::string_view kFound = " FOUND";
constexpr std::string_view kArrow = " -> ";
// Longer names than that no file has.
constexpr size_t kLongestName = 4096;

// The line that begins each scan in a log: dashes and nothing else.
bool is_rule(std::string_view line) {
  return line.size() > 40 && line.find_first_not_of('-') == std::string_view::npos;
}

// "/srv/x" of "/srv/x: Eicar-Test FOUND"; empty for streams and relative names.
std::string_view infected_name(std::string_view line) {
  if (!line.ends_with(kFound)) return {};
  if (const size_t arrow = line.find(kArrow); arrow != std::string_view::npos && arrow < 40) {
    line.remove_prefix(arrow + kArrow.size());  // with LogTime
  }
  if (!line.starts_with('/')) return {};
  line.remove_suffix(kFound.size());
  const size_t colon = line.rfind(": ");
  return colon == std::string_view::npos || colon > kLongestName ? std::string_view()
                                                                 : line.substr(0, colon);
}

void take_summary_line(std::string_view line, const absl::TimeZone& zone, ScanLog::Scan& scan) {
  const std::string_view name = take_until(line, ':');
  std::string_view value = trim(line);
  const auto time = [&zone](std::string_view text) {
    return protection::parse_time(text, {"%Y:%m:%d %H:%M:%S"}, zone);
  };
  uint64_t number = 0;
  const bool is_number = protection::parse_number(take_word(value), number);
  if (name == "Infected files" && is_number) scan.infected = number;
  if (name == "Total errors" && is_number) scan.errors = number;
  if (name == "Scanned files" && is_number) scan.scanned = number;
  if (name == "Start Date") scan.started_at = time(line);
  if (name == "End Date") scan.ended_at = time(line);
}

}  // namespace

ScanLog parse_scan_log(std::string_view log, const absl::TimeZone& zone) {
  ScanLog found;
  bool in_summary = false;
  // Those of a scan whose summary has not come yet.
  std::set<std::string> infected;
  while (!log.empty()) {
    const std::string_view line = take_line(log);
    if (is_rule(line)) {
      found.has_open_end = true;
      in_summary = false;
      infected.clear();
    } else if (line == kSummary) {
      found.last = ScanLog::Scan{};
      found.has_open_end = false;
      found.infected.swap(infected);
      infected.clear();
      in_summary = true;
    } else if (const std::string_view name = infected_name(line); !name.empty()) {
      if (infected.size() < kMostInfected) infected.emplace(name);
    } else if (in_summary) {
      take_summary_line(line, zone, *found.last);
    }
  }
  // What an unfinished scan has found is found, and a daemon's log has no summaries.
  for (const std::string& name : infected) {
    if (found.infected.size() < kMostInfected) found.infected.insert(name);
  }
  return found;
}

ScanCommand parse_scan_command(std::string_view script) {
  ScanCommand command;
  bool has_path = false;
  bool has_root = false;
  while (!script.empty()) {
    std::string_view line = take_line(script);
    if (!protection::calls(line, {"clamscan", "clamdscan"})) continue;
    bool is_behind_program = false;
    while (!line.empty()) {
      std::string_view word = take_word(line);
      if (word.find_first_of(";|&>") != std::string_view::npos) is_behind_program = false;
      if (word.ends_with("clamscan") || word.ends_with("clamdscan")) {
        is_behind_program = true;
        continue;
      }
      if (!is_behind_program) continue;
      if (word == "-l" || word == "--log") {
        command.log = take_word(line);
      } else if (word.starts_with("--log=")) {
        command.log = word.substr(word.find('=') + 1);
      } else if (word == "-d" || word == "-f") {
        take_word(line);
      } else if (word.starts_with('/')) {
        has_path = true;
        has_root = has_root || word == "/" || word == "/*";
      }
    }
  }
  command.is_full = has_root || !has_path;
  if (!command.log.starts_with('/')) command.log.clear();
  return command;
}

}  // namespace muster::antivirus
