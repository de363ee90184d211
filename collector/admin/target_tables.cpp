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
                           style);
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
  std::vector<Row> facts = {
      {"kind", cell(summary.kind())},
      {"address", cell(summary.address())},
      {"every", describe_duration(std::chrono::milliseconds(summary.interval_milliseconds()))},
      {"last look", ago(summary.has_looked_at(), summary.looked_at(), now)},
      {"by", cell(summary.looked_at_by())},
      {"labels", labels_text(summary.labels())}};
  const std::vector<Row> scope = scope_rows(summary.owner(), summary.maintenance());
  facts.insert(facts.begin() + 2, scope.begin(), scope.end());
  if (!summary.place().empty()) facts.push_back({"listed in", cell(summary.place())});
  std::string text = fact_block(summary.name(), facts, style);
  if (!summary.note().empty()) {
    for (const std::string& line : wrap_text(printable(summary.note(), kNoteShown), kNoteWidth))
      text += fmt::format("  {}  {}\n", pad_right("", kLabelWidth), for_terminal(line, style));
  }
  return text + verdicts_and_sections(detail.verdicts(), detail.sections(), now, style);
}

}  // namespace muster::collector
