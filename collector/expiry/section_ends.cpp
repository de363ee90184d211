#include "collector/expiry/section_ends.h"

#include <string_view>

#include "muster/v1/agent_facts.pb.h"
#include "muster/v1/certificate_facts.pb.h"
#include "muster/v1/domain_facts.pb.h"
#include "muster/v1/firmware_facts.pb.h"
#include "muster/v1/lifecycle_facts.pb.h"
#include "muster/v1/listener_facts.pb.h"
#include "muster/v1/package_facts.pb.h"
#include "muster/v1/protection_facts.pb.h"
#include "muster/v1/tls_facts.pb.h"

namespace muster::collector {
namespace {

// Facts that say when something ends.
struct Source {
  std::string_view facts_type;
  ExpiryKinds kinds;
  void (*list)(const SectionState& section, ExpiryKinds kinds, const TakeEnd& take);
};

template <typename Facts>
std::string_view type_of() {
  return Facts::descriptor()->full_name();
}

const std::vector<Source>& sources() {
  static const std::vector<Source> table{
      {type_of<v1::CertificateFacts>(),
       {v1::EXPIRY_KIND_CERTIFICATE, v1::EXPIRY_KIND_REVOCATION_LIST},
       list_certificate_ends},
      {type_of<v1::ListenerFacts>(), {v1::EXPIRY_KIND_SERVED_CERTIFICATE}, list_listener_ends},
      {type_of<v1::TlsFacts>(), {v1::EXPIRY_KIND_SERVED_CERTIFICATE}, list_tls_ends},
      {type_of<v1::DomainFacts>(), {v1::EXPIRY_KIND_DOMAIN}, list_domain_ends},
      {type_of<v1::ZoneFacts>(), {v1::EXPIRY_KIND_ZONE_SIGNATURE}, list_zone_ends},
      {type_of<v1::AgentFacts>(), {v1::EXPIRY_KIND_AGENT_CERTIFICATE}, list_agent_ends},
      {type_of<v1::FirmwareFacts>(), {v1::EXPIRY_KIND_SECURE_BOOT_AUTHORITY}, list_firmware_ends},
      {type_of<v1::PackageFacts>(), {v1::EXPIRY_KIND_REPOSITORY_KEY}, list_package_ends},
      {type_of<v1::AntivirusFacts>(), {v1::EXPIRY_KIND_PROTECTION_LICENCE}, list_antivirus_ends},
      {type_of<v1::IntrusionDetectionFacts>(),
       {v1::EXPIRY_KIND_PROTECTION_LICENCE},
       list_intrusion_detection_ends},
      {type_of<v1::LifecycleFacts>(), {v1::EXPIRY_KIND_SYSTEM_SUPPORT}, list_lifecycle_ends},
  };
  return table;
}

}  // namespace

void list_ends(const SectionState& section, ExpiryKinds kinds, const TakeEnd& take) {
  if (!section.has_facts()) return;
  for (const Source& source : sources()) {
    if (section.facts_type != source.facts_type) continue;
    if (kinds.has_any(source.kinds)) source.list(section, kinds, take);
    return;
  }
}

}  // namespace muster::collector
