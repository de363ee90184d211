#include "agent/probes/antivirus/clamav_update.h"

#include "agent/probes/protection/product_facts.h"
#include "agent/probes/protection/product_times.h"
#include "agent/probes/protection/text_lines.h"

namespace muster::antivirus {
namespace {

constexpr std::string_view kStarted = "ClamAV update process started at ";
constexpr std::string_view kArrow = " -> ";
constexpr size_t kMostWarnings = 10;
// What nobody has to do anything about: a mirror has no DNS entry, or one database is not asked
// for.
constexpr std::string_view kNoNews = "DNS Update Info disabled";

struct Run {
  TimePoint started_at;
  bool succeeded = false;
  bool failed = false;
  std::string error;
  std::vector<std::string> warnings;
};

// Takes "WARNING: " (or the mark of older versions, "^") away from the line.
bool take_prefix(std::string_view& line, std::string_view prefix, char mark) {
  if (line.starts_with(prefix)) {
    line.remove_prefix(prefix.size());
    return true;
  }
  if (line.starts_with(mark)) {
    line.remove_prefix(1);
    return true;
  }
  return false;
}

bool has(std::string_view line, std::string_view words) {
  return line.find(words) != std::string_view::npos;
}

void take_message(std::string_view line, Run& run) {
  if (take_prefix(line, "ERROR: ", '!')) {
    run.failed = run.failed || line.starts_with("Update failed") || has(line, "process failed");
    // "Update failed." says the least, the end of the process the most.
    const bool says_more = has(line, "process failed") || run.error.empty();
    if (says_more && line != "Update failed.") run.error = protection::product_text(line);
  } else if (take_prefix(line, "WARNING: ", '^')) {
    if (run.warnings.size() < kMostWarnings && !line.starts_with(kNoNews)) {
      run.warnings.push_back(protection::product_text(line));
    }
  } else if (has(line, "is up-to-date") || has(line, "is up to date") ||
             has(line, " updated (version: ")) {
    run.succeeded = true;
  }
}

void take_run(const Run& run, UpdateHistory& history) {
  const bool is_success = run.succeeded && !run.failed;
  if (!is_success && !run.failed && run.error.empty()) return;  // it goes on
  history.tried_at = run.started_at;
  history.error = is_success ? "" : run.error;
  if (!is_success && history.error.empty()) history.error = "Update failed.";
  history.warnings = run.warnings;
  if (is_success) history.succeeded_at = run.started_at;
}

}  // namespace

UpdateHistory parse_freshclam_log(std::string_view log, const absl::TimeZone& zone) {
  UpdateHistory history;
  std::optional<Run> run;
  while (!log.empty()) {
    std::string_view line = protection::take_line(log);
    // With LogTime; the last, since some errors are written without the end of their line.
    if (const size_t arrow = line.rfind(kArrow); arrow != std::string_view::npos) {
      line.remove_prefix(arrow + kArrow.size());
    }
    if (line.starts_with(kStarted)) {
      if (run) take_run(*run, history);
      run.reset();
      const auto time = protection::parse_ctime(line.substr(kStarted.size()), zone);
      if (!time) continue;
      history.has_runs = true;
      run = Run{.started_at = *time, .error = {}, .warnings = {}};
    } else if (run) {
      take_message(line, *run);
    }
  }
  if (run) take_run(*run, history);
  return history;
}

}  // namespace muster::antivirus
