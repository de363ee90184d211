#include "agent/output/check.h"

#include <fmt/format.h>

#include <boost/asio/io_context.hpp>
#include <filesystem>
#include <utility>

#include "agent/config/config.h"
#include "agent/launcher/launcher.h"
#include "agent/launcher/launcher_protocol.h"
#include "agent/launcher/probe_runner.h"
#include "agent/looking/own_section.h"
#include "agent/looking/probe_list.h"
#include "agent/output/check_notes.h"
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

std::string render_table(const HostNames& host, std::span<const v1::Verdict> verdicts,
                         const std::vector<SectionState>& sections, const CheckOptions& options,
                         TimePoint now) {
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
  text += render_verdict_table(verdicts, style);
  for (const std::string& note : check_notes(sections, verdicts, options.runs_as_root)) {
    text += "\n";
    for (const std::string& line : wrap_text(printable(note), options.style.width))
      text += for_terminal(line, options.style) + "\n";
  }
  return text;
}

}  // namespace

std::vector<SectionState> look_once(const CheckOptions& options, const Clock& clock) {
  boost::asio::io_context context(1);
  Launcher launcher(context,
                    {.connect = options.connect_launcher, .table = table_digest(all_probes())});
  ProbeRunner runner(launcher, clock, options.probe_directory);
  std::vector<SectionState> sections;
  for (const ProbeRow& row : all_probes()) {
    if (!looks_at_targets(row)) sections.emplace_back().probe = std::string(row.name);
  }
  size_t waiting = sections.size();
  auto state = sections.begin();
  for (const ProbeRow& row : all_probes()) {
    if (looks_at_targets(row)) continue;
    runner.look(row, row.timeout,
                [&state = *state, &clock, &waiting, &launcher](const v1::Section& section) {
                  apply_look(state, section, clock.now());
                  if (--waiting == 0) launcher.stop();
                });
    ++state;
  }
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
                         const CheckOptions& options, TimePoint now) {
  const HostNames host = host_names(sections);
  const policy::Evaluation evaluation =
      policy::evaluate({.sections = sections, .name = host.name}, {}, policy, now);
  CheckReport report;
  report.exit_status = exit_status_of(evaluation.verdicts, sections);
  switch (options.format) {
    case CheckOptions::Format::kTable:
      report.text = render_table(host, evaluation.verdicts, sections, options, now);
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
  const std::vector<SectionState> sections = look_once(options, clock);
  if (options.show_what_leaves) {
    return CheckReport{.text = options.format == CheckOptions::Format::kJson
                                   ? what_leaves_json(sections)
                                   : what_leaves_text(sections, options.style),
                       .exit_status = 0};
  }
  return report_check(sections, *policy, options, clock.now());
}

}  // namespace muster::agent
