#include "collector/admin/explain_text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <vector>

#include "collector/admin/paragraphs.h"
#include "common/counted.h"
#include "common/duration.h"
#include "common/policy/status.h"
#include "common/text.h"
#include "common/timestamp.h"
#include "common/verdict_table.h"

namespace muster::collector {
namespace {

using google::protobuf::Timestamp;

constexpr int kMostSubjects = 10;
constexpr size_t kWidestLabel = 24;
// "✗ fail" and what else status_cell pads to.
constexpr size_t kSubjectIndent = 4;

// "2026-11-19T00:00:00Z (3 days ago)", "… (in 3 days)".
std::string when(const Timestamp& timestamp, TimePoint now) {
  const TimePoint time = from_proto(timestamp);
  const std::string distance =
      time <= now ? describe_duration(now - time) + " ago" : "in " + describe_duration(time - now);
  return fmt::format("{} ({})", to_iso8601(time), distance);
}

// Since when it is unmet and until when it may be; empty where it is met.
std::string times_words(const v1::SubjectVerdict& subject, TimePoint now) {
  std::string words;
  if (subject.has_first_failed_at()) words = "unmet since " + when(subject.first_failed_at(), now);
  if (subject.has_deadline()) {
    words += fmt::format("{}deadline {}", words.empty() ? "" : ", ", when(subject.deadline(), now));
  }
  return words;
}

bool is_of_target(const v1::Explanation& explanation) {
  return explanation.has_target();
}

// What it is about, as sentences call it.
const char* noun_of(const v1::Explanation& explanation) {
  return is_of_target(explanation) ? "target" : "host";
}

void tell_verdict(const v1::Explanation& explanation, TimePoint now, const TerminalStyle& style,
                  Paragraphs& text) {
  const v1::Verdict& verdict = explanation.verdict();
  text.heading(fmt::format(
      "{} on {}", verdict.control(),
      is_of_target(explanation) ? explanation.target().name() : explanation.host().name()));
  text.paragraph(
      fmt::format("{} (severity {}).", verdict.title(), policy::severity_name(verdict.severity())));
  text.line("");
  text.line(std::string(trim(status_cell(verdict.status(), style))));
  text.paragraph(verdict.summary(), kSubjectIndent);
  if (verdict.has_deadline()) {
    text.paragraph("The first deadline: " + when(verdict.deadline(), now), kSubjectIndent);
  }
}

void tell_subjects(const v1::Explanation& explanation, TimePoint now, const TerminalStyle& style,
                   Paragraphs& text) {
  const v1::Verdict& verdict = explanation.verdict();
  const bool is_the_host_alone =
      verdict.subjects_size() == 1 && verdict.subjects(0).subject().empty();
  if (is_the_host_alone) {
    const std::string times = times_words(verdict.subjects(0), now);
    if (!times.empty()) text.paragraph(times, kSubjectIndent);
    return;
  }
  // Those that do not apply are shown and not counted.
  text.heading(verdict.subject_count() == 0
                   ? "Why"
                   : fmt::format("Why: {}", counted(verdict.subject_count(), "subject")));
  const int shown = std::min(verdict.subjects_size(), kMostSubjects);
  for (int i = 0; i < shown; ++i) {
    const v1::SubjectVerdict& subject = verdict.subjects(i);
    const std::string name = subject.subject().empty()
                                 ? fmt::format("the {} itself", noun_of(explanation))
                                 : subject.subject();
    text.line("  " + std::string(trim(status_cell(subject.status(), style))) + "  " +
              for_terminal(printable(name, 200), style));
    text.paragraph(subject.reason(), kSubjectIndent);
    const std::string times = times_words(subject, now);
    if (!times.empty()) text.paragraph(times, kSubjectIndent);
  }
  const int more = verdict.subjects_size() - shown;
  if (more > 0) {
    text.paragraph(fmt::format("and {} more, none worse; --format json has them", more), 2);
  }
}

void tell_rule(const v1::ControlDescription& control, Paragraphs& text) {
  text.heading(fmt::format("The rule: {}", control.rule()));
  text.paragraph(control.asks(), 2);
  size_t width = 0;
  for (const v1::PolicyParameter& parameter : control.parameters())
    width = std::max(width, parameter.name().size());
  for (const v1::PolicyParameter& parameter : control.parameters()) {
    text.item(
        parameter.name(),
        parameter.value() + (parameter.is_usual() ? " (as usual: the policy says nothing)" : ""),
        width);
  }
  text.paragraph(fmt::format("It is required of {}.", control.applies_to()), 2);
}

std::string look_words(const v1::FleetSection& section, TimePoint now) {
  std::string words = section.has_observed_at() ? "seen " + when(section.observed_at(), now)
                                                : std::string("never seen");
  if (section.outcome() == v1::OUTCOME_OBSERVED) return words;
  words += section.outcome() == v1::OUTCOME_NOT_APPLICABLE ? "; not applicable"
                                                           : "; the last look failed";
  if (section.has_looked_at()) words += " " + when(section.looked_at(), now);
  if (!section.reason().empty()) words += ": " + section.reason();
  return words;
}

void tell_facts(const v1::Explanation& explanation, TimePoint now, Paragraphs& text) {
  text.heading("The facts it rests on");
  size_t width =
      std::string_view(is_of_target(explanation) ? "looked at by" : "last report").size();
  for (const v1::FleetSection& section : explanation.sections())
    width = std::max(width, std::min(section.probe().size(), kWidestLabel));
  for (const v1::FleetSection& section : explanation.sections())
    text.item(section.probe(), look_words(section, now), width);
  if (is_of_target(explanation)) {
    const v1::TargetSummary& target = explanation.target();
    text.item("looked at by", target.looked_at_by().empty() ? "nobody" : target.looked_at_by(),
              width);
    if (!target.note().empty()) text.paragraph(target.note(), 2);
    return;
  }
  const v1::HostSummary& host = explanation.host();
  text.item("last report",
            host.has_last_sync_at() ? when(host.last_sync_at(), now) : std::string("never"), width);
}

void tell_waivers(const v1::Explanation& explanation, TimePoint now, Paragraphs& text) {
  if (explanation.waivers().empty()) return;
  text.heading(fmt::format("Waivers of it for this {}", noun_of(explanation)));
  for (const v1::WaiverDescription& waiver : explanation.waivers()) {
    const TimePoint starts = from_proto(waiver.starts());
    const TimePoint ends = from_proto(waiver.ends());
    const std::string time =
        ends <= now     ? "ended " + when(waiver.ends(), now)
        : starts <= now ? "until " + when(waiver.ends(), now)
                        : "from " + when(waiver.starts(), now) + " until " + to_iso8601(ends);
    const std::string of = waiver.subjects().empty()
                               ? "every subject"
                               : fmt::format("{}", fmt::join(waiver.subjects(), ", "));
    text.paragraph(fmt::format("{}, of {}: {}", waiver.id(), of, time), 2);
    text.paragraph(fmt::format("approved by {}{}: {}", waiver.approved_by(),
                               waiver.ticket().empty() ? "" : fmt::format(" ({})", waiver.ticket()),
                               waiver.reason()),
                   kSubjectIndent);
  }
}

template <typename Summary>
void tell_owner(const Summary& host, const char* noun, Paragraphs& text) {
  text.heading("Whom to call");
  if (!host.has_owner()) {
    text.paragraph(fmt::format("The policy names no owner of this {}.", noun), 2);
  } else {
    const v1::Owner& owner = host.owner();
    text.paragraph(owner.team() + (owner.contact().empty() ? "" : ", " + owner.contact()), 2);
    if (!owner.escalation().empty()) {
      text.paragraph("if nobody answers: " + owner.escalation(), 2);
    }
  }
  if (!host.maintenance().empty()) {
    text.paragraph(
        fmt::format("The {} is in maintenance now: {}.", noun, fmt::join(host.maintenance(), ", ")),
        2);
  }
}

void tell_frameworks(const v1::ControlDescription& control, Paragraphs& text) {
  if (control.frameworks().empty()) return;
  text.heading("What it meets");
  size_t width = 0;
  for (const v1::Framework& framework : control.frameworks())
    width = std::max(width, std::min(framework.name().size(), kWidestLabel));
  for (const v1::Framework& framework : control.frameworks())
    text.item(framework.name(), fmt::format("{}", fmt::join(framework.ids(), ", ")), width);
}

// What is met needs nothing, and what does not apply neither.
bool is_open(v1::Status status) {
  return status != v1::STATUS_PASS && status != v1::STATUS_NOT_APPLICABLE;
}

void tell_end(const v1::Explanation& explanation, TimePoint now, Paragraphs& text) {
  const v1::Verdict& verdict = explanation.verdict();
  text.line("");
  text.paragraph(verdict.has_valid_until()
                     ? fmt::format("This holds until {}, or until facts or policy change.",
                                   when(verdict.valid_until(), now))
                     : "This holds until facts or policy change.");
  if (!verdict.policy_sha256().empty()) {
    text.paragraph("By policy " + verdict.policy_sha256());
  }
}

}  // namespace

std::string explanation_text(const v1::Explanation& explanation, TimePoint now,
                             const TerminalStyle& style) {
  Paragraphs text(style);
  tell_verdict(explanation, now, style, text);
  tell_subjects(explanation, now, style, text);
  tell_rule(explanation.control(), text);
  tell_facts(explanation, now, text);
  if (is_open(explanation.verdict().status())) {
    text.heading("What would make it pass");
    text.paragraph(explanation.control().remedy(), 2);
  }
  tell_waivers(explanation, now, text);
  if (is_of_target(explanation)) {
    tell_owner(explanation.target(), noun_of(explanation), text);
  } else {
    tell_owner(explanation.host(), noun_of(explanation), text);
  }
  tell_frameworks(explanation.control(), text);
  tell_end(explanation, now, text);
  return text.take();
}

}  // namespace muster::collector
