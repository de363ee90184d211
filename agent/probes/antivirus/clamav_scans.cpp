#include "agent/probes/antivirus/clamav_scans.h"

#include <algorithm>
#include <utility>

#include "agent/probes/protection/product_times.h"
#include "agent/probes/protection/text_lines.h"

namespace muster::antivirus {
namespace {

using protection::take_line;
using protection::take_until;
using protection::take_word;

constexpr std::string_view kSummary = "----------- SCAN SUMMARY -----------";
constexpr std::string_view kFound = " FOUND";
constexpr std::string_view kArrow = " -> ";
// More than that a summary may count, and is not believed.
constexpr uint64_t kMostUnnamed = 1'000'000;
constexpr std::string_view kWithoutDaemon = "ERROR: Could not connect to clamd";
// Longer names than that no file has.
constexpr size_t kLongestName = 4096;

// The line that begins each scan in a log: 79 dashes of clamscan's, 38 of clamdscan's.
bool is_rule(std::string_view line) {
  return line.size() >= 38 && line.find_first_not_of('-') == std::string_view::npos;
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

// What a scan says of a file that it has not found infected.
bool is_of_a_file(std::string_view line) {
  for (const std::string_view end :
       {": OK", ": Empty file", ": Excluded", ": Symbolic link", ": Access denied"}) {
    if (line.ends_with(end)) return true;
  }
  return false;
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

class LogReader {
 public:
  LogReader(const absl::TimeZone& zone, LogKind kind) : zone_(zone), kind_(kind) {}

  void take(std::string_view line) {
    if (line.ends_with(kFound)) return take_finding(line);
    if (kind_ == LogKind::kDaemon) return;
    if (is_rule(line)) return take_rule();
    if (line == kSummary) return take_summary();
    if (line.starts_with(kWithoutDaemon)) is_without_daemon_ = true;
    if (!has_summary_) return;
    if (is_of_a_file(line)) found_.is_forged = true;
    take_summary_line(line, zone_, *found_.last);
  }

  ScanLog finish() {
    end_run();
    for (const std::string& name : kept_)
      found_.earlier.erase(name);
    found_.infected = std::move(kept_);
    found_.unnamed = kept_unnamed_;
    return std::move(found_);
  }

 private:
  static void keep_name(std::string_view name, std::set<std::string>& names, uint64_t& unnamed) {
    if (names.size() < kMostInfected) {
      names.emplace(name);
    } else if (!names.contains(std::string(name))) {
      ++unnamed;
    }
  }

  void take_finding(std::string_view line) {
    found_.has_open_findings = found_.has_open_end;
    if (has_summary_) found_.is_forged = true;
    const std::string_view name = infected_name(line);
    if (!name.empty()) {
      keep_name(name, names_, unnamed_);
    } else if (kind_ == LogKind::kScans) {
      ++unnamed_;
    }
  }

  void take_rule() {
    end_run();
    if (found_.is_forged) found_.last.reset();
    found_.is_forged = false;
    found_.has_open_end = true;
    found_.has_open_findings = false;
    is_without_daemon_ = false;
  }

  // A second one before the next rule ends the same scan, and the first was a name.
  void take_summary() {
    found_.last = ScanLog::Scan{};
    found_.last->is_without_daemon = is_without_daemon_;
    found_.is_forged = false;
    found_.has_open_end = false;
    found_.has_open_findings = false;
    has_summary_ = true;
    // The same file may be without a name in each of them.
    uint64_t unnamed = kept_unnamed_;
    for (const std::string& name : kept_)
      keep_name(name, found_.earlier, unnamed);
    found_.earlier_unnamed = std::max(found_.earlier_unnamed, unnamed);
    kept_.clear();
    kept_unnamed_ = 0;
  }

  // What its summary counts and its lines do not name was before the log's beginning, or behind a
  // rule that was a name.
  void end_run() {
    if (has_summary_) {
      const uint64_t infected = std::min(found_.last->infected, kMostUnnamed);
      unnamed_ = std::max(unnamed_, infected - std::min<uint64_t>(infected, names_.size()));
    }
    kept_unnamed_ += unnamed_;
    for (const std::string& name : names_)
      keep_name(name, kept_, kept_unnamed_);
    has_summary_ = false;
    names_.clear();
    unnamed_ = 0;
  }

  const absl::TimeZone& zone_;
  const LogKind kind_;
  ScanLog found_;
  // Between its summary and the next rule.
  bool has_summary_ = false;
  bool is_without_daemon_ = false;
  // Of the run that is read.
  std::set<std::string> names_;
  uint64_t unnamed_ = 0;
  // Of the last one that came to its end, and of those after it: what an unfinished scan has found
  // stays found.
  std::set<std::string> kept_;
  uint64_t kept_unnamed_ = 0;
};

}  // namespace

ScanLog parse_scan_log(std::string_view log, const absl::TimeZone& zone, LogKind kind) {
  LogReader reader(zone, kind);
  while (!log.empty())
    reader.take(take_line(log));
  return reader.finish();
}

}  // namespace muster::antivirus
