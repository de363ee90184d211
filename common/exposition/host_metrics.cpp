#include "common/exposition/host_metrics.h"

#include <algorithm>
#include <cmath>

#include "common/exposition/host_families.h"
#include "common/exposition/sample_writer.h"
#include "common/exposition/section_metrics.h"
#include "common/timestamp.h"

namespace muster::exposition {
namespace {

void add_controls(SampleWriter& writer, std::span<const v1::Verdict> verdicts) {
  for (const v1::Verdict& verdict : verdicts) {
    writer.add(kControlStatus,
               {{"control", verdict.control()},
                {"severity", policy::severity_name(verdict.severity())},
                {"status", policy::status_name(verdict.status())}},
               1);
    if (verdict.has_deadline()) {
      writer.add(kControlDeadline, {{"control", verdict.control()}},
                 to_unix_seconds(from_proto(verdict.deadline())));
    }
  }
}

void add_moving(SampleWriter& writer, const HostMetricsInput& input) {
  if (input.last_sync) writer.add(kHostLastSync, {}, to_unix_seconds(*input.last_sync));
  if (!input.reporting) return;
  if (input.clock_offset_seconds && std::isfinite(*input.clock_offset_seconds)) {
    writer.add(kHostClockOffset, {}, *input.clock_offset_seconds);
  }
  add_times_and_measurements(writer, input.sections);
}

void add_settled(SampleWriter& writer, const HostMetricsInput& input) {
  if (input.last_sync || !input.reporting) {
    writer.add(kHostReporting, {}, input.reporting ? 1 : 0);
  }
  add_controls(writer, input.verdicts);
  if (input.reporting) add_outcomes_and_facts(writer, input.sections);
}

}  // namespace

std::span<const Family> host_families() {
  return kHostFamilies;
}

std::vector<std::string> render_host(const HostMetricsInput& input) {
  SampleWriter writer(input.host);
  add_moving(writer, input);
  add_settled(writer, input);
  return writer.take();
}

std::vector<std::string> render_host(const HostMetricsInput& input, FamilyKind kind) {
  SampleWriter writer(input.host);
  if (kind == FamilyKind::kMoving) add_moving(writer, input);
  if (kind == FamilyKind::kSettled) add_settled(writer, input);
  return writer.take();
}

bool are_written_alike(std::span<const v1::Verdict> one, std::span<const v1::Verdict> other) {
  const auto is_same = [](const v1::Verdict& a, const v1::Verdict& b) {
    return a.control() == b.control() && a.severity() == b.severity() && a.status() == b.status() &&
           a.has_deadline() == b.has_deadline() &&
           a.deadline().seconds() == b.deadline().seconds() &&
           a.deadline().nanos() == b.deadline().nanos();
  };
  return std::equal(one.begin(), one.end(), other.begin(), other.end(), is_same);
}

std::string join_families(std::span<const std::vector<std::string>* const> hosts, Format format) {
  std::string text;
  size_t size = 0;
  for (const std::vector<std::string>* host : hosts) {
    for (const std::string& samples : *host)
      size += samples.size();
  }
  constexpr size_t kHeader = 256;
  text.reserve(size + kHostFamilyCount * kHeader);
  for (size_t family = 0; family < kHostFamilyCount; ++family) {
    bool has_header = false;
    for (const std::vector<std::string>* host : hosts) {
      if (family >= host->size() || (*host)[family].empty()) continue;
      if (!has_header) append_header(text, kHostFamilies[family], format);
      has_header = true;
      text += (*host)[family];
    }
  }
  return text;
}

std::string join_families(std::span<const std::vector<std::string>> hosts, Format format) {
  std::vector<const std::vector<std::string>*> pointers;
  pointers.reserve(hosts.size());
  for (const std::vector<std::string>& host : hosts)
    pointers.push_back(&host);
  return join_families(std::span<const std::vector<std::string>* const>(pointers), format);
}

}  // namespace muster::exposition
