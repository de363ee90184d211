#include "common/verdict_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include "common/policy/policy.h"
#include "common/text.h"
#include "common/timestamp.h"

namespace muster {
namespace {

constexpr size_t kStatusColumn = 9;
constexpr size_t kSeverityColumn = 8;
constexpr size_t kIndent = kStatusColumn + 2 + kSeverityColumn + 2;
constexpr size_t kNarrowest = 40;

struct StatusLook {
  v1::Status status;
  std::string_view symbol;
  std::string_view ascii;
  std::string_view word;
  Ink ink;
};

// In the order of the counting line.
constexpr std::array<StatusLook, 6> kLooks{{
    {v1::STATUS_PASS, "✓", "+", "pass", Ink::kGreen},
    {v1::STATUS_WAIVED, "w", "w", "waived", Ink::kCyan},
    {v1::STATUS_DUE, "!", "!", "due", Ink::kYellow},
    {v1::STATUS_FAIL, "✗", "x", "fail", Ink::kRed},
    {v1::STATUS_UNKNOWN, "?", "?", "unknown", Ink::kMagenta},
    {v1::STATUS_NOT_APPLICABLE, "–", "-", "n/a", Ink::kDim},
}};

const StatusLook& look_of(v1::Status status) {
  for (const StatusLook& look : kLooks) {
    if (look.status == status) return look;
  }
  return look_of(v1::STATUS_UNKNOWN);
}

bool needs_somebody(v1::Status status) {
  return status != v1::STATUS_PASS && status != v1::STATUS_NOT_APPLICABLE;
}

template <typename Judged>
std::string deadline_remark(const Judged& judged) {
  if (!judged.has_deadline()) return {};
  const std::string date = to_iso_date(from_proto(judged.deadline()));
  return judged.status() == v1::STATUS_FAIL ? fmt::format(", was due by {}", date)
                                            : fmt::format(", by {}", date);
}

class Table {
 public:
  explicit Table(const TableStyle& style)
      : style_(style), width_(std::max(style.width, kNarrowest)) {}

  void add(const v1::Verdict& verdict) {
    if (ends_with_subjects_) text_ += '\n';
    ends_with_subjects_ = false;
    add_title(verdict);
    std::vector<const v1::SubjectVerdict*> subjects;
    if (needs_somebody(verdict.status())) {
      for (const v1::SubjectVerdict& subject : verdict.subjects()) {
        if (needs_somebody(subject.status())) subjects.push_back(&subject);
      }
    }
    // One subject whose reason is the summary has been told.
    if (subjects.size() == 1 && subjects[0]->reason() == verdict.summary()) subjects.clear();
    const std::string remark = subjects.empty() && needs_somebody(verdict.status())
                                   ? deadline_remark(verdict)
                                   : std::string();
    add_wrapped(printable(verdict.summary(), 2000) + remark, kIndent, kIndent, Ink::kPlain);
    const size_t shown = std::min(subjects.size(), style_.most_subjects);
    for (size_t i = 0; i < shown; ++i)
      add_subject(*subjects[i]);
    if (shown < subjects.size()) {
      add_wrapped(fmt::format("and {} more", subjects.size() - shown), kIndent + 2, kIndent + 2,
                  Ink::kDim);
    }
    ends_with_subjects_ = !subjects.empty();
  }

  std::string finish(std::string_view counts) {
    return std::move(text_) + "\n" + std::string(counts) + "\n";
  }

 private:
  void add_title(const v1::Verdict& verdict) {
    const std::string severity =
        pad_right(policy::severity_name(verdict.severity()), kSeverityColumn);
    const std::string& name = verdict.title().empty() ? verdict.control() : verdict.title();
    const std::string title = cut_to_width(for_terminal(printable(name), style_), width_ - kIndent);
    text_ += fmt::format("{}  {}  {}\n", status_cell(verdict.status(), style_),
                         paint(severity, Ink::kDim, style_),
                         paint(for_terminal(title, style_), Ink::kBold, style_));
  }

  void add_subject(const v1::SubjectVerdict& subject) {
    const std::string name = printable(subject.subject(), 2000);
    const std::string reason = printable(subject.reason(), 2000) + deadline_remark(subject);
    add_wrapped(name.empty() ? reason : fmt::format("{}: {}", name, reason), kIndent + 2,
                kIndent + 4, Ink::kDim);
  }

  void add_wrapped(std::string_view text, size_t indent, size_t hanging, Ink ink) {
    // Every line gets the room of the narrower ones: simple, and two columns matter to nobody.
    const std::string shown = for_terminal(text, style_);
    size_t spaces = indent;
    for (const std::string& line : wrap_text(shown, width_ - hanging)) {
      text_.append(spaces, ' ').append(paint(line, ink, style_)).append("\n");
      spaces = hanging;
    }
  }

  const TableStyle& style_;
  size_t width_;
  std::string text_;
  bool ends_with_subjects_ = false;
};

}  // namespace

std::string status_cell(v1::Status status, const TerminalStyle& style) {
  const StatusLook& look = look_of(status);
  const std::string text =
      fmt::format("{} {}", style.unicode ? look.symbol : look.ascii, look.word);
  return paint(pad_right(text, kStatusColumn), look.ink, style);
}

std::string count_statuses(std::span<const v1::Verdict> verdicts, const TerminalStyle& style) {
  std::string text;
  for (const StatusLook& look : kLooks) {
    const auto count = std::count_if(
        verdicts.begin(), verdicts.end(),
        [&look](const auto& verdict) { return look_of(verdict.status()).status == look.status; });
    if (count == 0) continue;
    if (!text.empty()) text += style.unicode ? " · " : ", ";
    const std::string_view word =
        look.status == v1::STATUS_NOT_APPLICABLE ? "not applicable" : look.word;
    text += paint(fmt::format("{} {}", count, word), look.ink, style);
  }
  return text.empty() ? "no controls" : text;
}

std::string render_verdict_table(std::span<const v1::Verdict> verdicts, const TableStyle& style) {
  std::vector<const v1::Verdict*> order;
  for (const v1::Verdict& verdict : verdicts)
    order.push_back(&verdict);
  std::stable_sort(order.begin(), order.end(), [](const v1::Verdict* a, const v1::Verdict* b) {
    if (a->status() == b->status()) return a->severity() > b->severity();
    return policy::worse(a->status(), b->status()) == a->status();
  });
  Table table(style);
  for (const v1::Verdict* verdict : order)
    table.add(*verdict);
  return table.finish(count_statuses(verdicts, style));
}

}  // namespace muster
