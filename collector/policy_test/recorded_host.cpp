#include "collector/policy_test/recorded_host.h"

#include <fmt/format.h>
#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <utility>

#include "collector/fleet/known_facts.h"
#include "common/targets/target_kinds.h"
#include "common/text.h"
#include "common/timestamp.h"
#include "muster/v1/fleet.pb.h"

namespace muster::collector {
namespace {

SectionState section_of(v1::FleetSection& section) {
  SectionState state;
  state.entity = section.entity();
  state.probe = section.probe();
  state.outcome = section.outcome();
  state.reason = section.reason();
  state.looked_at = from_proto(section.looked_at());
  if (section.has_observed_at()) state.observed_at = from_proto(section.observed_at());
  if (section.has_facts()) {
    state.facts_type = section.facts_type();
    state.facts = std::move(*section.mutable_facts()->mutable_value());
  }
  state.measurements.assign(section.measurements().begin(), section.measurements().end());
  return state;
}

// A target's summary has the same fields of these names, and its kind.
std::string kind_of(const std::string& json,
                    const google::protobuf::util::JsonParseOptions& options) {
  v1::TargetDetail detail;
  const auto status = google::protobuf::util::JsonStringToMessage(json, &detail, options);
  const bool is_target = status.ok() && find_target_kind(detail.summary().kind()) != nullptr;
  return is_target ? detail.summary().kind() : "host";
}

}  // namespace

absl::StatusOr<RecordedHost> parse_recorded_host(const std::string& json) {
  // Their types must be linked in for the JSON of facts to be read.
  (void)all_known_facts();
  v1::HostDetail detail;
  google::protobuf::util::JsonParseOptions options;
  options.ignore_unknown_fields = true;
  const auto status = google::protobuf::util::JsonStringToMessage(json, &detail, options);
  if (!status.ok()) {
    return absl::InvalidArgumentError(
        fmt::format("this is not what `muster-collector host show NAME --format json` or "
                    "`muster-agent check --format json` prints: {}",
                    printable(status.ToString(), 300)));
  }
  if (detail.sections().empty()) {
    return absl::InvalidArgumentError(
        "there are no sections in it: record a host with `muster-collector host show NAME "
        "--format json`, or on the host with `muster-agent check --format json`");
  }
  RecordedHost host;
  host.kind = kind_of(json, options);
  const v1::HostSummary& summary = detail.summary();
  host.name = summary.name();
  host.labels.insert(summary.labels().begin(), summary.labels().end());
  if (summary.has_enrolled_at()) host.enrolled_at = from_proto(summary.enrolled_at());
  if (summary.has_last_sync_at()) {
    host.last_sync = host.recorded_at = from_proto(summary.last_sync_at());
  }
  for (v1::FleetSection& section : *detail.mutable_sections()) {
    host.sections.push_back(section_of(section));
    host.recorded_at = std::max(host.recorded_at, host.sections.back().looked_at);
  }
  for (const v1::Verdict& verdict : detail.verdicts()) {
    for (const v1::SubjectVerdict& subject : verdict.subjects()) {
      if (!subject.has_first_failed_at()) continue;
      host.unmet_since[{.entity = {}, .control = verdict.control(), .subject = subject.subject()}] =
          from_proto(subject.first_failed_at());
    }
  }
  return host;
}

}  // namespace muster::collector
