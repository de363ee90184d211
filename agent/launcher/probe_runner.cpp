#include "agent/launcher/probe_runner.h"

#include <fmt/format.h>

#include <utility>

#include "agent/launcher/look_result.h"
#include "common/log.h"
#include "common/text.h"

namespace muster::agent {
namespace {

constexpr int kLoggedLines = 20;

void log_error_output(std::string_view probe, std::string_view text) {
  for (int lines = 0; !(text = trim(text)).empty() && lines < kLoggedLines; ++lines) {
    const std::string_view line = text.substr(0, text.find('\n'));
    log_warning("a probe says", {{"probe", probe}, {"line", printable(trim(line))}});
    text.remove_prefix(line.size());
  }
}

}  // namespace

ProbeRunner::ProbeRunner(Launcher& launcher, const Clock& clock, std::string probe_directory,
                         std::span<const ProbeRow> rows)
    : launcher_(launcher),
      clock_(clock),
      probe_directory_(std::move(probe_directory)),
      rows_(rows) {}

void ProbeRunner::set_probe_directory(std::string probe_directory) {
  probe_directory_ = std::move(probe_directory);
}

std::string ProbeRunner::program_of(const ProbeRow& row) const {
  return fmt::format("{}/{}", probe_directory_, row.program);
}

void ProbeRunner::look(const ProbeRow& row, Duration timeout, Done done) {
  LaunchRequest request;
  request.row = static_cast<size_t>(&row - rows_.data());
  request.program = program_of(row);
  request.timeout = timeout;
  launcher_.launch(request,
                   [this, &row, request, done = std::move(done)](const LaunchResult& result) {
                     v1::Section section = section_of(row, request, result, clock_.now());
                     note(row, result, section);
                     done(std::move(section));
                   });
}

void ProbeRunner::count_confirmed(const ProbeRow& row) {
  ++counts_[std::string(row.name)].confirmed;
}

LookCounts ProbeRunner::counts_of(std::string_view probe) const {
  const auto found = counts_.find(probe);
  return found == counts_.end() ? LookCounts{} : found->second;
}

void ProbeRunner::note(const ProbeRow& row, const LaunchResult& result,
                       const v1::Section& section) {
  LookCounts& counts = counts_[std::string(row.name)];
  ++counts.runs;
  counts.last_duration = result.elapsed;
  const auto milliseconds =
      std::chrono::duration_cast<std::chrono::milliseconds>(result.elapsed).count();
  log_error_output(row.name, result.error_output);
  if (section.outcome() == v1::OUTCOME_FAILED) {
    ++counts.failures;
    log_warning(
        "a look failed, what was seen before stays",
        {{"probe", row.name}, {"reason", section.reason()}, {"milliseconds", milliseconds}});
    return;
  }
  log_debug("a look ended", {{"probe", row.name},
                             {"milliseconds", milliseconds},
                             {"bytes", result.output.size()},
                             {"facts_bytes", section.facts().size()}});
}

}  // namespace muster::agent
