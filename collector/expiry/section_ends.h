// What ends, as the facts of one section say it. Nothing is judged: what has ended long ago is told
// as what ends in years. Pure; any thread.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "collector/expiry/expiry_kind.h"
#include "common/clock.h"
#include "common/section_state.h"

namespace muster::collector {

// Texts are printable and bounded, whatever the facts say.
struct SectionEnd {
  v1::ExpiryKind kind = v1::EXPIRY_KIND_UNSPECIFIED;
  // What ends, as verdicts call it.
  std::string subject;
  // What makes it the same on another host: a fingerprint. Empty: each has its own.
  std::string thing = {};
  // Nothing: it should have an end, and none is known.
  std::optional<TimePoint> ends = std::nullopt;
  bool by_hand = false;
  std::string detail = {};
};

using TakeEnd = std::function<void(SectionEnd)>;

// Gives each of these kinds to `take`. Facts that are of another type, or of none, have none; those
// whose bytes cannot be read have one whose end is not known.
void list_ends(const SectionState& section, ExpiryKinds kinds, const TakeEnd& take);

// What is to be told of a target's address of the kind "domain" where no look has told more: the
// date that is written there, or that none is known.
SectionEnd end_of_domain_target(std::string_view address);

// Of such facts: certificate_ends.cpp, served_ends.cpp, domain_ends.cpp, host_ends.cpp.
void list_certificate_ends(const SectionState& section, ExpiryKinds kinds, const TakeEnd& take);
void list_listener_ends(const SectionState& section, ExpiryKinds kinds, const TakeEnd& take);
void list_tls_ends(const SectionState& section, ExpiryKinds kinds, const TakeEnd& take);
void list_domain_ends(const SectionState& section, ExpiryKinds kinds, const TakeEnd& take);
void list_zone_ends(const SectionState& section, ExpiryKinds kinds, const TakeEnd& take);
void list_agent_ends(const SectionState& section, ExpiryKinds kinds, const TakeEnd& take);
void list_firmware_ends(const SectionState& section, ExpiryKinds kinds, const TakeEnd& take);
void list_package_ends(const SectionState& section, ExpiryKinds kinds, const TakeEnd& take);
void list_antivirus_ends(const SectionState& section, ExpiryKinds kinds, const TakeEnd& take);
void list_intrusion_detection_ends(const SectionState& section, ExpiryKinds kinds,
                                   const TakeEnd& take);
void list_lifecycle_ends(const SectionState& section, ExpiryKinds kinds, const TakeEnd& take);

}  // namespace muster::collector
