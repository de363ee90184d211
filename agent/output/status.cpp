#include "agent/output/status.h"

#include <fmt/format.h>

#include <iterator>
#include <string_view>
#include <vector>

#include "common/duration.h"
#include "common/text.h"
#include "common/timestamp.h"

namespace muster::agent {
namespace {

using namespace std::chrono_literals;

// A report may take its deadline at each of several collectors.
constexpr Duration kLate = 3min;
constexpr size_t kRenewalLimit = 4096;

std::string ago(const google::protobuf::Timestamp& time, TimePoint now) {
  const TimePoint then = from_proto(time);
  return fmt::format("{} ago ({})", describe_duration(now - then), to_iso8601(then));
}

std::string outcome_text(const v1::ProbeStatus& probe) {
  if (probe.disabled()) return "switched off";
  switch (probe.outcome()) {
    case v1::OUTCOME_OBSERVED:
      return "observed";
    case v1::OUTCOME_NOT_APPLICABLE:
      return "does not apply: " + probe.reason();
    case v1::OUTCOME_FAILED:
      return "failed: " + probe.reason();
    default:
      return "has not looked yet";
  }
}

std::string loss_text(const v1::AgentStatus& status) {
  std::string text;
  if (status.outbox_dropped_total() > 0) {
    text += fmt::format(", {} lost since the start", status.outbox_dropped_total());
  }
  if (status.outbox_damaged_total() > 0) {
    text += fmt::format(", {} damaged files set aside", status.outbox_damaged_total());
  }
  return text;
}

std::string certificate_text(const v1::AgentStatus& status, TimePoint now) {
  if (!status.has_certificate_not_after()) return "could not be read";
  const TimePoint end = from_proto(status.certificate_not_after());
  if (end <= now) {
    return fmt::format("expired on {}, {} ago", to_iso_date(end), describe_duration(now - end));
  }
  std::string text =
      fmt::format("valid until {}, {} from now", to_iso_date(end), describe_duration(end - now));
  if (status.renewed_by_others()) {
    text += "; not renewed by the agent, for agent.yml names its files";
  } else if (status.has_renewal_at()) {
    text += fmt::format("; renewed on {}", to_iso_date(from_proto(status.renewal_at())));
  }
  return text;
}

// What an operator has to know of the next certificate; empty if nothing.
std::string renewal_text(const v1::AgentStatus& status, bool runs, TimePoint now) {
  if (!status.renewal_error().empty()) return status.renewal_error();
  if (!status.has_certificate_not_after() || from_proto(status.certificate_not_after()) > now) {
    return {};
  }
  if (status.renewed_by_others()) {
    return "agent.yml names the identity's files: whoever makes them has to renew them";
  }
  return runs ? "the agent asks for another"
              : "start the agent: it asks for another, or says how to enrol again";
}

// What it looks at from outside; empty where there is nothing.
std::string targets_text(const v1::AgentStatus& status, bool runs, TimePoint now) {
  if (!status.has_leases_end_at()) {
    return status.targets_own() > 0 ? fmt::format("{} of its own", status.targets_own()) : "";
  }
  const TimePoint end = from_proto(status.leases_end_at());
  std::string text = fmt::format("{} for the collector", status.targets_held());
  if (end <= now || !runs) {
    text += end <= now
                ? ", but it looks at none: their lease ended " + ago(status.leases_end_at(), now)
                : fmt::format(", until {}", to_iso8601(end));
  } else {
    text += fmt::format(", for {} unless a report renews it", describe_duration(end - now));
  }
  if (status.targets_own() > 0) text += fmt::format("; {} of its own", status.targets_own());
  return text;
}

}  // namespace

StatusReport describe_status(const v1::AgentStatus& status, bool runs, TimePoint now,
                             const TerminalStyle& style) {
  StatusReport report;
  const auto line = [&](std::string_view name, const std::string& value) {
    const std::vector<std::string> lines =
        wrap_text(printable(value), std::max<size_t>(style.width, 40) - 14);
    for (size_t i = 0; i < lines.size(); ++i) {
      report.text +=
          fmt::format("{}{}\n", pad_right(i == 0 ? name : "", 14), for_terminal(lines[i], style));
    }
  };

  const bool late = now > from_proto(status.next_sync_at()) + kLate;
  if (!runs) {
    line("agent", fmt::format("does not run; it wrote this {}", ago(status.written_at(), now)));
  } else if (late) {
    line("agent", fmt::format("runs as process {}, but has not reported as it should have since {}",
                              status.process_id(), ago(status.next_sync_at(), now)));
  } else {
    line("agent", fmt::format("{} runs as process {}, started {}", status.version(),
                              status.process_id(), ago(status.started_at(), now)));
  }
  line("enrolled as", status.host().empty() ? "not known before the first report" : status.host());
  line("collector", status.collector());
  line("certificate", certificate_text(status, now));
  if (const std::string renewal = renewal_text(status, runs, now); !renewal.empty()) {
    // In one piece, for the command in it is to be copied.
    report.text += fmt::format("{}{}\n", pad_right("renewal", 14),
                               for_terminal(printable(renewal, kRenewalLimit), style));
  }
  line("last report", status.has_last_sync_success_at() ? ago(status.last_sync_success_at(), now)
                                                        : "none got through since the start");
  if (!status.last_sync_error().empty()) line("error", status.last_sync_error());
  line("waiting", fmt::format("{} versions, {} bytes on disk{}", status.outbox_entries(),
                              status.outbox_bytes(), loss_text(status)));
  if (const std::string targets = targets_text(status, runs, now); !targets.empty()) {
    line("targets", targets);
  }
  if (status.targets_refused() > 0) {
    line("refused", fmt::format("{} of the collector's targets; the first is {}",
                                status.targets_refused(), status.target_refusal()));
  }
  for (const v1::SandboxGap& gap : status.sandbox().missing())
    line("sandbox", fmt::format("without {}: {}", gap.mechanism(), gap.reason()));
  for (const v1::ProbeStatus& probe : status.probes()) {
    std::string text = outcome_text(probe);
    if (!probe.disabled() && probe.has_looked_at()) {
      text +=
          fmt::format(", {}; took {:.2f} s", ago(probe.looked_at(), now), probe.duration_seconds());
    }
    line(probe.name(), text);
  }

  if (!runs || late || !status.has_last_sync_attempt_at()) {
    report.exit_status = 2;
  } else {
    report.exit_status = status.last_sync_error().empty() ? 0 : 1;
  }
  return report;
}

}  // namespace muster::agent
