#include "agent/launcher/probe_runner.h"

#include <fmt/format.h>

#include <utility>

#include "agent/launcher/look_result.h"
#include "common/log.h"
#include "common/text.h"

namespace muster::agent {
namespace {

constexpr int kLoggedLines = 20;
// More than any kind of target needs; what is taken is not kept.
constexpr size_t kOutputOfATarget = 64 << 10;

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

LaunchRequest ProbeRunner::request_of(const ProbeRow& row, Duration timeout) const {
  LaunchRequest request;
  request.row = static_cast<size_t>(&row - rows_.data());
  request.program = program_of(row);
  request.timeout = timeout;
  return request;
}

void ProbeRunner::look(const ProbeRow& row, Duration timeout, Done done,
                       const v1::GivenSections* given) {
  const LaunchRequest request = request_of(row, timeout);
  LaunchRequest launched = request;
  if (!row.given.empty()) {
    launched.targets = given == nullptr ? std::string() : given->SerializeAsString();
  }
  launcher_.launch(
      launched, [this, &row, request, done = std::move(done)](const LaunchResult& result) {
        v1::Section section = section_of(row, request, result, clock_.now());
        note(row, result,
             section.outcome() == v1::OUTCOME_FAILED ? std::string_view(section.reason())
                                                     : std::string_view());
        done(std::move(section));
      });
}

uint64_t ProbeRunner::look_at(const ProbeRow& row, Duration timeout, const v1::TargetBatch& batch,
                              TargetRun::Taken taken, Ended ended) {
  // Shared by what it writes and its end.
  const auto run = std::make_shared<TargetRun>(row, batch, clock_, std::move(taken));
  LaunchRequest request = request_of(row, timeout);
  request.output_limit += static_cast<size_t>(batch.looks_size()) * kOutputOfATarget;
  const LaunchRequest limits = request;
  request.targets = batch.SerializeAsString();
  request.take_output = [run](std::string_view output) { return run->take(output); };
  return launcher_.launch(
      request, [this, &row, run, limits, ended = std::move(ended)](const LaunchResult& result) {
        const std::string why = run->why_it_failed(limits, result);
        note(row, result, why);
        ended(why);
      });
}

void ProbeRunner::count_confirmed(const ProbeRow& row) {
  ++counts_[std::string(row.name)].confirmed;
}

LookCounts ProbeRunner::counts_of(std::string_view probe) const {
  const auto found = counts_.find(probe);
  return found == counts_.end() ? LookCounts{} : found->second;
}

void ProbeRunner::note(const ProbeRow& row, const LaunchResult& result, std::string_view failure) {
  LookCounts& counts = counts_[std::string(row.name)];
  ++counts.runs;
  counts.last_duration = result.elapsed;
  const auto milliseconds =
      std::chrono::duration_cast<std::chrono::milliseconds>(result.elapsed).count();
  log_error_output(row.name, result.error_output);
  if (!failure.empty()) {
    ++counts.failures;
    log_warning("a look failed, what was seen before stays",
                {{"probe", row.name}, {"reason", failure}, {"milliseconds", milliseconds}});
    return;
  }
  log_debug("a look ended",
            {{"probe", row.name}, {"milliseconds", milliseconds}, {"bytes", result.output_bytes}});
}

}  // namespace muster::agent
