// The types of facts that this collector knows, and their bytes as messages. Pure; any thread.
#pragma once

#include <google/protobuf/any.pb.h>
#include <google/protobuf/message.h>

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/section_state.h"
#include "common/targets/target.h"

namespace muster::collector {

// The facts of a section as an Any that can be shown as JSON. Nothing if there are none, their type
// is newer than this collector, or the bytes are not of that type.
std::optional<google::protobuf::Any> facts_as_any(const SectionState& section);

// Every probe that this collector knows, with its facts: a message to make others of.
struct KnownFacts {
  std::string_view probe;
  const google::protobuf::Message* type;
};
std::span<const KnownFacts> all_known_facts();

// What the list of hosts shows of a host's facts; empty where they do not say.
std::string os_pretty_name_of(const SectionState& section);
std::string agent_version_of(const SectionState& section);

// The targets of a host's own, by name, of those that this collector can take: at most
// kMostOwnTargets, of a kind that it knows. Without labels.
inline constexpr size_t kMostOwnTargets = 100;
std::vector<Target> parse_own_targets(const SectionState& section);

}  // namespace muster::collector
