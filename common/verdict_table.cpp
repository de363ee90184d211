#include "common/verdict_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include "common/policy/rules/times.h"
#include "common/policy/status.h"
#include "common/text.h"
#include "common/timestamp.h"

namespace muster {
namespace {

constexpr size_t kStatusColumn = 9;
constexpr size_t kIndent = kStatusColumn + 2;
constexpr size_t kNarrowest = 40;
// Up to here the names of subjects make a column; longer ones (paths) are followed by a colon.
constexpr size_t kWidestNameColumn = 24;

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

// "2026-12-05", and where that is near "2026-12-05 12:00 UTC".
std::string words_of(TimePoint deadline, std::optional<TimePoint> now) {
  constexpr Duration kNear = std::chrono::hours(48);
  const std::string date = to_iso_date(deadline);
  if (!now || *now >= policy::saturating_add(deadline, kNear) ||
      deadline >= policy::saturating_add(*now, kNear)) {
    return date;
  }
  return fmt::format("{} {} UTC", date, to_iso8601(deadline).substr(date.size() + 1, 5));
}

// Whether the reason tells what of a product the subject is: "ClamAV: path /srv is excluded", of
// "clamav: path /srv".
bool is_named_in(std::string_view reason, std::string_view subject) {
  constexpr std::string_view kColon = ": ";
  const size_t colon = subject.find(kColon);
  return colon != std::string_view::npos &&
         reason.find(subject.substr(colon)) != std::string_view::npos;
}

template <typename Judged>
std::string deadline_remark(const Judged& judged, std::optional<TimePoint> now) {
  // What is waived waits for its waiver's end, which its reason tells.
  if (!judged.has_deadline() || judged.status() == v1::STATUS_WAIVED) return {};
  const std::string date = words_of(from_proto(judged.deadline()), now);
  return judged.status() == v1::STATUS_FAIL ? fmt::format(", was due by {}", date)
                                            : fmt::format(", by {}", date);
}

class Table {
 public:
  explicit Table(const TableStyle& style)
      : style_(style), width_(std::max(style.width, kNarrowest)) {}

  void add(const v1::Verdict& verdict) {
    // Air around what needs reading; what is well stands close together.
    const bool is_trouble = needs_somebody(verdict.status());
    if (!text_.empty() && (is_trouble || after_trouble_)) text_ += '\n';
    after_trouble_ = is_trouble;
    add_title(verdict, is_trouble);
    const std::vector<const v1::SubjectVerdict*> subjects = subjects_to_show(verdict);
    const bool is_all = is_trouble && subjects.empty();
    // Without a title the id is above already.
    const bool with_id = style_.show_ids && !verdict.title().empty();
    add_wrapped((with_id ? printable(verdict.control(), kLongest) + ": " : "") +
                    printable(verdict.summary(), kLongest) +
                    (is_all ? deadline_remark(verdict, style_.now) : ""),
                kIndent, kIndent, is_trouble ? Ink::kPlain : Ink::kDim);
    add_subjects(subjects);
  }

  std::string finish(std::string_view counts) {
    if (!text_.empty()) text_ += '\n';
    return std::move(text_) + std::string(counts) + "\n";
  }

 private:
  static constexpr size_t kLongest = 2000;

  static std::vector<const v1::SubjectVerdict*> subjects_to_show(const v1::Verdict& verdict) {
    std::vector<const v1::SubjectVerdict*> subjects;
    if (!needs_somebody(verdict.status())) return subjects;
    for (const v1::SubjectVerdict& subject : verdict.subjects()) {
      if (needs_somebody(subject.status())) subjects.push_back(&subject);
    }
    // One subject whose reason is the summary has been told.
    if (subjects.size() == 1 && subjects[0]->reason() == verdict.summary()) subjects.clear();
    return subjects;
  }

  void add_title(const v1::Verdict& verdict, bool is_trouble) {
    const std::string_view severity = policy::severity_name(verdict.severity());
    const size_t room = width_ - kIndent - severity.size() - 2;
    const std::string& name = verdict.title().empty() ? verdict.control() : verdict.title();
    const std::string title =
        for_terminal(cut_to_width(for_terminal(printable(name), style_), room - 2), style_);
    text_ += status_cell(verdict.status(), style_) + "  ";
    text_ += paint(title, is_trouble ? Ink::kBold : Ink::kPlain, style_);
    text_ += pad_right("", room - std::min(room, display_width(title))) + "  ";
    text_ += paint(severity, Ink::kDim, style_) + "\n";
  }

  void add_subjects(const std::vector<const v1::SubjectVerdict*>& subjects) {
    const size_t shown = std::min(subjects.size(), style_.most_subjects);
    const std::string margin(kIndent + 2, ' ');
    std::vector<std::string> names;
    size_t widest = 0;
    for (size_t i = 0; i < shown; ++i) {
      const std::string& name = subjects[i]->subject();
      const bool is_told = is_named_in(subjects[i]->reason(), name);
      names.push_back(is_told ? "" : for_terminal(printable(name, kLongest), style_));
      widest = std::max(widest, display_width(names[i]));
    }
    const bool in_columns = widest <= kWidestNameColumn && widest + 2 < width_ / 3;
    for (size_t i = 0; i < shown; ++i) {
      const std::string reason =
          printable(subjects[i]->reason(), kLongest) + deadline_remark(*subjects[i], style_.now);
      if (in_columns && widest > 0) {
        text_ += margin + pad_right(names[i], widest) + "  ";
        add_wrapped(reason, 0, kIndent + 2 + widest + 2, Ink::kPlain);
      } else {
        add_wrapped(names[i].empty() ? reason : names[i] + ": " + reason, kIndent + 2, kIndent + 4,
                    Ink::kPlain);
      }
    }
    if (shown < subjects.size()) {
      text_ +=
          margin + paint(fmt::format("and {} more", subjects.size() - shown), Ink::kDim, style_);
      text_ += '\n';
    }
  }

  // The first line behind `indent` spaces, the others behind `hanging`, none beyond the width.
  void add_wrapped(std::string_view text, size_t indent, size_t hanging, Ink ink) {
    size_t spaces = indent;
    for (const std::string& line : wrap_text(for_terminal(text, style_), width_ - hanging)) {
      text_.append(spaces, ' ').append(paint(line, ink, style_)).append("\n");
      spaces = hanging;
    }
  }

  const TableStyle& style_;
  size_t width_;
  std::string text_;
  bool after_trouble_ = false;
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
