#include "agent/output/check.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <filesystem>
#include <utility>

#include "agent/config/config.h"
#include "agent/launcher/launcher.h"
#include "agent/launcher/launcher_protocol.h"
#include "agent/launcher/probe_runner.h"
#include "agent/looking/own_section.h"
#include "agent/looking/probe_list.h"
#include "agent/output/certificate_sentences.h"
#include "agent/output/certificate_table.h"
#include "agent/output/check_memory.h"
#include "agent/output/check_memory_file.h"
#include "agent/output/check_notes.h"
#include "agent/output/patch_sentences.h"
#include "agent/output/protection_sentences.h"
#include "agent/output/section_json.h"
#include "agent/output/status_text.h"
#include "agent/output/what_leaves.h"
#include "common/exposition/host_metrics.h"
#include "common/exposition/joined_families.h"
#include "common/policy/policy_path.h"
#include "common/text.h"
#include "common/timestamp.h"
#include "common/verdict_table.h"

namespace muster::agent {
namespace {

absl::StatusOr<policy::Policy> read_policy(const std::string& path) {
  if (path.empty()) return policy::default_policy();
  const absl::StatusOr<std::vector<policy::PolicyText>> texts = policy::read_policy_texts(path);
  if (!texts.ok()) return texts.status();
  return policy::parse_policy(*texts);
}

// As an agent has it whose agent.yml says nothing of probes.
Config usual_config() {
  return parse_config("collectors: ['collector.example.org:8433']", "").value_or(Config());
}

// A look that failed is "could not look", even where no control of the policy asks for it.
int exit_status_of(std::span<const v1::Verdict> verdicts, std::span<const SectionState> sections) {
  const v1::Status worst = policy::worst_of(verdicts);
  if (worst == v1::STATUS_FAIL) return 1;
  const bool looked = std::none_of(
      sections.begin(), sections.end(),
      [](const SectionState& section) { return section.outcome == v1::OUTCOME_FAILED; });
  return worst == v1::STATUS_UNKNOWN || !looked ? 2 : 0;
}

void add_paragraph(std::string& text, const std::string& paragraph, const TerminalStyle& style) {
  if (paragraph.empty()) return;
  text += "\n";
  for (const std::string& line : wrap_text(printable(paragraph), style.width))
    text += for_terminal(line, style) + "\n";
}

std::string render_table(const HostNames& host, std::span<const v1::Verdict> verdicts,
                         const std::vector<SectionState>& sections, const CheckOptions& options,
                         TimePoint now, const Remembered& remembered) {
  std::string title = printable(host.name);
  if (!host.os.empty()) title += fmt::format(" ({})", printable(host.os));
  if (options.root != "/") title += fmt::format(", looked at in {}", printable(options.root));
  std::string text;
  for (const std::string& line :
       wrap_text(fmt::format("{}, {}", title, to_iso8601(now)), options.style.width)) {
    text += paint(for_terminal(line, options.style), Ink::kBold, options.style) + "\n";
  }
  text += "\n";
  TableStyle style;
  static_cast<TerminalStyle&>(style) = options.style;
  style.now = now;
  text += render_verdict_table(verdicts, style);
  if (const std::string table = certificate_table(sections, now, options.style); !table.empty())
    text +=
        "\n" + paint("Certificates, by what ends next", Ink::kBold, options.style) + "\n\n" + table;
  for (const std::string& note : check_notes(sections, verdicts, options.runs_as_root))
    add_paragraph(text, note, options.style);
  add_paragraph(text, age_note(verdicts, remembered), options.style);
  for (const std::string& sentence :
       patch_sentences(verdicts, remembered.unknown_because.empty(), now)) {
    add_paragraph(text, sentence, options.style);
  }
  for (const std::string& sentence : certificate_sentences(verdicts))
    add_paragraph(text, sentence, options.style);
  for (const std::string& sentence : protection_sentences(verdicts))
    add_paragraph(text, sentence, options.style);
  return text;
}

// What is there of an earlier check's memory; `is_damaged` if that is nothing that makes sense.
Remembered recall(const absl::StatusOr<CheckMemoryFile>& file, bool& is_damaged) {
  Remembered remembered;
  if (!file.ok()) {
    remembered.unknown_because = text_of(file.status());
    return remembered;
  }
  remembered.is_first = file->text().empty();
  if (remembered.is_first) return remembered;
  absl::StatusOr<policy::FirstSeen> memory = read_check_memory(file->text());
  is_damaged = !memory.ok();
  if (is_damaged) {
    remembered.is_first = true;
    remembered.note = fmt::format(
        "The memory of earlier checks, {}, is damaged ({}): it is kept as {}, and deadlines count "
        "from now.",
        file->path(), text_of(memory.status()), file->damaged_path());
  } else {
    remembered.first_seen = *std::move(memory);
  }
  return remembered;
}

absl::StatusOr<CheckMemoryFile> open_memory(const CheckOptions& options) {
  if (options.root != "/") return absl::NotFoundError("checks of an image remember nothing");
  return CheckMemoryFile::open(options.memory_path);
}

// Judges with what is remembered, and remembers what comes of it.
CheckReport report_and_remember(const std::vector<SectionState>& sections,
                                const policy::Policy& policy, const CheckOptions& options,
                                TimePoint now, absl::StatusOr<CheckMemoryFile>& file) {
  bool is_damaged = false;
  Remembered remembered = recall(file, is_damaged);
  policy::FirstSeen others = take_other_controls(remembered.first_seen, policy);
  CheckReport report = report_check(sections, policy, options, now, remembered);
  if (!file.ok()) return report;
  report.first_seen.merge(others);
  const absl::Status kept = file->replace(write_check_memory(report.first_seen), is_damaged);
  if (!kept.ok() && options.format == CheckOptions::Format::kTable) {
    add_paragraph(report.text,
                  fmt::format("The next check will not remember this one: {}.", text_of(kept)),
                  options.style);
  }
  return report;
}

// As an agent whose agent.yml says nothing of probes: those that are switched on there are off.
bool is_looked_at(const ProbeRow& row) {
  return !looks_at_targets(row) && !row.is_opt_in;
}

// Looks once with every probe of this host, and lets the launcher go.
class OneLook {
 public:
  OneLook(Launcher& launcher, ProbeRunner& runner, const Clock& clock,
          std::vector<SectionState>& sections)
      : launcher_(launcher), runner_(runner), clock_(clock), sections_(sections) {}

  // Those that are given sections look when all others have.
  void next() {
    for (; phase_ < 2 && waiting_ == 0; ++phase_)
      begin(phase_ == 1);
    if (waiting_ == 0) launcher_.stop();
  }

 private:
  void begin(bool is_given) {
    auto state = sections_.begin();
    for (const ProbeRow& row : all_probes()) {
      if (!is_looked_at(row)) continue;
      SectionState& of_row = *state++;
      if (row.given.empty() == is_given) continue;
      ++waiting_;
      const v1::GivenSections given = given_to(row);
      runner_.look(
          row, row.timeout,
          [this, &of_row](const v1::Section& section) {
            apply_look(of_row, section, clock_.now());
            if (--waiting_ == 0) next();
          },
          is_given ? &given : nullptr);
    }
  }

  // Somebody waits: all that can be known is asked.
  v1::GivenSections given_to(const ProbeRow& row) const {
    v1::GivenSections given;
    given.set_all_questions(true);
    for (const SectionState& state : sections_) {
      if (std::find(row.given.begin(), row.given.end(), state.probe) == row.given.end() ||
          state.outcome == v1::OUTCOME_UNSPECIFIED) {
        continue;
      }
      v1::Section& section = *given.add_sections();
      section.set_probe(state.probe);
      section.set_outcome(state.outcome);
      section.set_reason(state.reason);
      section.set_facts_type(state.facts_type);
      section.set_facts(state.facts);
    }
    return given;
  }

  Launcher& launcher_;
  ProbeRunner& runner_;
  const Clock& clock_;
  std::vector<SectionState>& sections_;
  int phase_ = 0;
  size_t waiting_ = 0;
};

}  // namespace

std::vector<SectionState> look_once(const CheckOptions& options, const Clock& clock) {
  boost::asio::io_context context(1);
  Launcher launcher(context,
                    {.connect = options.connect_launcher, .table = table_digest(all_probes())});
  ProbeRunner runner(launcher, clock, options.probe_directory);
  std::vector<SectionState> sections;
  for (const ProbeRow& row : all_probes()) {
    if (is_looked_at(row)) sections.emplace_back().probe = std::string(row.name);
  }
  OneLook look(launcher, runner, clock, sections);
  look.next();
  context.run();
  if (options.show_what_leaves) {
    sections.emplace_back().probe = "agent";
    OwnState own;
    own.started_at = clock.now();
    own.launcher = launcher.facts();
    apply_look(sections.back(), own_section(own, usual_config(), runner, clock.now()), clock.now());
  }
  return sections;
}

CheckReport report_check(const std::vector<SectionState>& sections, const policy::Policy& policy,
                         const CheckOptions& options, TimePoint now, const Remembered& remembered) {
  const HostNames host = host_names(sections);
  policy::Evaluation evaluation = policy::evaluate({.sections = sections, .name = host.name},
                                                   remembered.first_seen, policy, now);
  CheckReport report;
  report.exit_status = exit_status_of(evaluation.verdicts, sections);
  switch (options.format) {
    case CheckOptions::Format::kTable:
      report.text = render_table(host, evaluation.verdicts, sections, options, now, remembered);
      break;
    case CheckOptions::Format::kJson:
      report.text = host_json(host, evaluation.verdicts, sections);
      break;
    case CheckOptions::Format::kPrometheus: {
      const exposition::RenderedHost rendered =
          exposition::render_host({.host = host.name,
                                   .sections = sections,
                                   .controls = policy.controls,
                                   .standings = evaluation.standings});
      report.text = exposition::join_families({&rendered, 1}, exposition::Format::kPrometheusText);
      break;
    }
  }
  report.first_seen = std::move(evaluation.first_seen);
  return report;
}

absl::StatusOr<CheckReport> check(const CheckOptions& options, const Clock& clock) {
  const absl::StatusOr<policy::Policy> policy = read_policy(options.policy_path);
  if (!policy.ok()) return policy.status();
  std::error_code error;
  if (!std::filesystem::is_directory(options.root, error)) {
    return absl::InvalidArgumentError(fmt::format("--root {}: {}", printable(options.root),
                                                  std::filesystem::exists(options.root, error)
                                                      ? "it is not a directory"
                                                      : "there is no such directory"));
  }
  if (options.show_what_leaves) {
    const std::vector<SectionState> sections = look_once(options, clock);
    return CheckReport{.text = options.format == CheckOptions::Format::kJson
                                   ? what_leaves_json(sections)
                                   : what_leaves_text(sections, options.style),
                       .exit_status = 0};
  }
  // Before the first look, which is where root is given up.
  absl::StatusOr<CheckMemoryFile> memory = open_memory(options);
  const std::vector<SectionState> sections = look_once(options, clock);
  return report_and_remember(sections, *policy, options, clock.now(), memory);
}

}  // namespace muster::agent
