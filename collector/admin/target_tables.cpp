#include "collector/admin/target_tables.h"

#include <fmt/format.h>

#include <algorithm>

#include "collector/admin/table_cells.h"
#include "common/counted.h"
#include "common/duration.h"
#include "common/text.h"

namespace muster::collector {
namespace {

constexpr size_t kNoteShown = 300;
constexpr size_t kNoteWidth = 65;
constexpr size_t kLabelWidth = 11;
// A longer name would leave no room for who looks at it; `target show` and --format json have it.
constexpr size_t kNameWidth = 28;
constexpr const char* kNoTargets =
    "There are no targets: `targets:` in collector.yml names their lists, and `targets.own` in an\n"
    "agent.yml lists those of one host.\n";

// How long agents hold what they look at; nothing where no collector runs.
std::string lease_text(const v1::TargetList& list, const TerminalStyle& style) {
  const std::chrono::milliseconds lease(list.lease_milliseconds());
  const std::chrono::milliseconds configured(list.configured_lease_milliseconds());
  if (lease.count() == 0) return "";
  std::string words = fmt::format("An agent that falls silent keeps its targets for {}",
                                  format_duration(configured));
  if (lease > configured) {
    words = fmt::format(
        "An agent that falls silent keeps its targets for {}: three of the reports that it is told "
        "to make. targets.lease is {}",
        format_duration(lease), format_duration(configured));
  }
  std::string text = "\n";
  for (const std::string& line : wrap_text(words + ".", style.width))
    text += for_terminal(line, style) + "\n";
  return text;
}

// "1 minute, for 10 seconds at most".
std::string every_words(const v1::TargetSummary& summary) {
  std::string words = describe_duration(std::chrono::milliseconds(summary.interval_milliseconds()));
  if (summary.timeout_milliseconds() > 0) {
    words +=
        fmt::format(", for {} at most",
                    format_duration(std::chrono::milliseconds(summary.timeout_milliseconds())));
  }
  return words;
}

}  // namespace

std::string target_table(const v1::TargetList& list, TimePoint now, const TerminalStyle& style) {
  if (list.targets().empty()) return kNoTargets;
  std::vector<Row> rows;
  for (const v1::TargetSummary& target : list.targets()) {
    rows.push_back(
        {cut_to_width(cell(target.name()), kNameWidth), status_word(target.status(), style),
         ago(target.has_looked_at(), target.looked_at(), now), cell(target.looked_at_by()),
         cell(target.owner().team()), cell(target.address())});
  }
  return render_text_table({"TARGET", "STATUS", "LAST LOOK", "BY", "OWNER", "ADDRESS"}, rows,
                           style) +
         lease_text(list, style);
}

std::string chosen_target_table(const v1::TargetList& list, TimePoint now,
                                const TerminalStyle& style) {
  return list.targets().empty() ? "No target stands so.\n" : target_table(list, now, style);
}

std::string missing_targets_text(const v1::TargetList& list, TimePoint now,
                                 const TerminalStyle& style) {
  if (list.targets().empty()) return "Somebody looks at every target.\n";
  std::string text;
  for (const v1::TargetSummary& target : list.targets()) {
    text += for_terminal(fmt::format("{} (last look: {})", cell(target.name()),
                                     ago(target.has_looked_at(), target.looked_at(), now)),
                         style) +
            "\n";
    const std::string note = target.note().empty() ? "no collector runs that could tell why"
                                                   : printable(target.note(), kNoteShown);
    for (const std::string& line : wrap_text(note, kNoteWidth))
      text += "    " + for_terminal(line, style) + "\n";
  }
  return text;
}

std::string target_text(const v1::TargetDetail& detail, TimePoint now, const TerminalStyle& style) {
  const v1::TargetSummary& summary = detail.summary();
  std::vector<Row> facts = {{"kind", cell(summary.kind())},
                            {"address", cell(summary.address())},
                            {"every", every_words(summary)},
                            {"last look", ago(summary.has_looked_at(), summary.looked_at(), now)},
                            {"by", cell(summary.looked_at_by())},
                            {"labels", labels_text(summary.labels())}};
  const std::vector<Row> scope = scope_rows(summary.owner(), summary.maintenance());
  facts.insert(facts.begin() + 2, scope.begin(), scope.end());
  if (!summary.place().empty()) facts.push_back({"listed in", cell(summary.place())});
  std::string text = fact_block(summary.name(), facts, style);
  if (!summary.note().empty()) {
    std::string_view label = "note";
    for (const std::string& line : wrap_text(printable(summary.note(), kNoteShown), kNoteWidth)) {
      text += fmt::format("  {}  {}\n", pad_right(label, kLabelWidth), for_terminal(line, style));
      label = {};
    }
  }
  return text + verdicts_and_sections(detail.verdicts(), detail.sections(), now, style);
}

}  // namespace muster::collector
