#include "agent/output/section_json.h"

#include <google/protobuf/util/json_util.h>

#include "common/digest.h"
#include "common/policy/status.h"
#include "common/text.h"
#include "common/timestamp.h"
#include "common/version.h"

namespace muster::agent {
v1::FleetSection section_message(const SectionState& state) {
  v1::FleetSection section;
  section.set_entity(state.entity);
  section.set_probe(state.probe);
  section.set_outcome(state.outcome);
  section.set_reason(state.reason);
  *section.mutable_looked_at() = to_proto(state.looked_at);
  section.mutable_measurements()->Assign(state.measurements.begin(), state.measurements.end());
  if (!state.has_facts()) return section;
  *section.mutable_observed_at() = to_proto(state.observed_at);
  section.set_facts_type(state.facts_type);
  section.set_digest(to_hex(sha256(state.facts)));
  // A type that this program does not know has no JSON form.
  const auto* pool = google::protobuf::DescriptorPool::generated_pool();
  if (pool->FindMessageTypeByName(state.facts_type) != nullptr) {
    section.mutable_facts()->set_type_url("type.googleapis.com/" + state.facts_type);
    section.mutable_facts()->set_value(state.facts);
  }
  return section;
}

std::string host_json(const HostNames& host, std::span<const v1::Verdict> verdicts,
                      std::span<const SectionState> sections) {
  v1::HostDetail detail;
  detail.mutable_summary()->set_name(host.name);
  detail.mutable_summary()->set_os_pretty_name(host.os);
  detail.mutable_summary()->set_agent_version(kVersion);
  detail.mutable_summary()->set_status(policy::worst_of(verdicts));
  detail.mutable_verdicts()->Assign(verdicts.begin(), verdicts.end());
  for (const SectionState& state : sections)
    *detail.add_sections() = section_message(state);
  google::protobuf::util::JsonPrintOptions options;
  options.add_whitespace = true;
  options.preserve_proto_field_names = true;
  std::string json;
  if (google::protobuf::util::MessageToJsonString(detail, &json, options).ok()) return json;
  // Facts that do not fit their type: everything else is still worth showing.
  for (v1::FleetSection& section : *detail.mutable_sections())
    section.clear_facts();
  json.clear();
  return google::protobuf::util::MessageToJsonString(detail, &json, options).ok() ? json : "{}\n";
}

}  // namespace muster::agent
