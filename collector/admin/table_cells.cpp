#include "collector/admin/table_cells.h"

#include <fmt/format.h>

#include <algorithm>

#include "common/duration.h"
#include "common/policy/status.h"
#include "common/text.h"
#include "common/timestamp.h"
#include "common/verdict_table.h"

namespace muster::collector {
namespace {

constexpr size_t kCellLimit = 60;
constexpr size_t kLabelWidth = 11;
// Of one control; the rest is counted.
constexpr size_t kMostSubjects = 10;

std::string outcome_name(v1::Outcome outcome) {
  switch (outcome) {
    case v1::OUTCOME_OBSERVED:
      return "observed";
    case v1::OUTCOME_NOT_APPLICABLE:
      return "not applicable";
    case v1::OUTCOME_FAILED:
      return "failed";
    default:
      return "unknown";
  }
}

}  // namespace

std::string cell(std::string_view text) {
  return text.empty() ? "-" : printable(text, kCellLimit);
}

std::string ago(bool present, const google::protobuf::Timestamp& time, TimePoint now) {
  if (!present) return "never";
  return describe_duration(now - from_proto(time)) + " ago";
}

std::string labels_text(const google::protobuf::Map<std::string, std::string>& labels) {
  std::vector<std::string> pairs;
  for (const auto& [name, value] : labels)
    pairs.push_back(fmt::format("{}={}", name, value));
  std::sort(pairs.begin(), pairs.end());
  return cell(fmt::format("{}", fmt::join(pairs, " ")));
}

std::string status_word(v1::Status status, const TerminalStyle& style) {
  TerminalStyle plain = style;
  plain.color = false;
  return std::string(trim(status_cell(status, plain)));
}

std::vector<Row> scope_rows(const v1::Owner& owner,
                            const google::protobuf::RepeatedPtrField<std::string>& maintenance) {
  std::vector<Row> rows{{"owner", cell(owner.team())}};
  if (!owner.contact().empty()) rows.push_back({"contact", cell(owner.contact())});
  if (!owner.escalation().empty()) rows.push_back({"escalation", cell(owner.escalation())});
  if (!maintenance.empty()) {
    rows.push_back({"maintenance", cell(fmt::format("{}", fmt::join(maintenance, ", ")))});
  }
  return rows;
}

std::string fact_block(std::string_view name, const std::vector<Row>& facts,
                       const TerminalStyle& style) {
  std::string text = paint(cell(name), Ink::kBold, style) + "\n";
  for (const Row& fact : facts)
    text +=
        fmt::format("  {}  {}\n", pad_right(fact[0], kLabelWidth), for_terminal(fact[1], style));
  return text;
}

std::string verdicts_and_sections(
    const google::protobuf::RepeatedPtrField<v1::Verdict>& verdicts,
    const google::protobuf::RepeatedPtrField<v1::FleetSection>& sections, TimePoint now,
    const TerminalStyle& style) {
  TableStyle table;
  static_cast<TerminalStyle&>(table) = style;
  table.most_subjects = kMostSubjects;
  table.show_ids = true;
  table.now = now;
  std::string text =
      "\n" +
      render_verdict_table(std::vector<v1::Verdict>(verdicts.begin(), verdicts.end()), table) +
      "\n";
  std::vector<Row> rows;
  for (const v1::FleetSection& section : sections) {
    rows.push_back({cell(section.probe()), outcome_name(section.outcome()),
                    ago(true, section.looked_at(), now), printable(section.reason(), 200)});
  }
  return text + render_text_table({"PROBE", "OUTCOME", "LAST LOOK", "REASON"}, rows, style);
}

}  // namespace muster::collector
