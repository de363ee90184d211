#include "collector/fleet/known_facts.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <memory>

#include "common/targets/target_rules.h"
#include "muster/v1/agent_facts.pb.h"
#include "muster/v1/certificate_facts.pb.h"
#include "muster/v1/domain_facts.pb.h"
#include "muster/v1/firmware_facts.pb.h"
#include "muster/v1/fwupd_facts.pb.h"
#include "muster/v1/hardware_facts.pb.h"
#include "muster/v1/host_facts.pb.h"
#include "muster/v1/lifecycle_facts.pb.h"
#include "muster/v1/listener_facts.pb.h"
#include "muster/v1/package_facts.pb.h"
#include "muster/v1/protection_facts.pb.h"
#include "muster/v1/restart_facts.pb.h"
#include "muster/v1/tcp_facts.pb.h"
#include "muster/v1/tls_facts.pb.h"

namespace muster::collector {
namespace {

using google::protobuf::Message;

template <typename Facts>
std::optional<Facts> parse_facts(const SectionState& section, std::string_view probe) {
  Facts facts;
  if (!section.entity.empty() || section.probe != probe ||
      section.facts_type != Facts::descriptor()->full_name() ||
      !facts.ParseFromString(section.facts)) {
    return std::nullopt;
  }
  return facts;
}

}  // namespace

// A new probe's row is added here.
std::span<const KnownFacts> all_known_facts() {
  static const std::array<KnownFacts, 20> table{
      {{"agent", &v1::AgentFacts::default_instance()},
       {"antivirus", &v1::AntivirusFacts::default_instance()},
       {"certificates", &v1::CertificateFacts::default_instance()},
       {"domain", &v1::DomainFacts::default_instance()},
       {"firmware", &v1::FirmwareFacts::default_instance()},
       {"firmware-fwupd", &v1::FwupdFacts::default_instance()},
       {"hardware", &v1::HardwareFacts::default_instance()},
       {"host", &v1::HostFacts::default_instance()},
       {"intrusion-detection", &v1::IntrusionDetectionFacts::default_instance()},
       {"lifecycle", &v1::LifecycleFacts::default_instance()},
       {"listeners", &v1::ListenerFacts::default_instance()},
       {"lookalikes", &v1::LookalikeFacts::default_instance()},
       {"packages-apk", &v1::PackageFacts::default_instance()},
       {"packages-apt", &v1::PackageFacts::default_instance()},
       {"packages-rpm", &v1::PackageFacts::default_instance()},
       {"restart", &v1::RestartFacts::default_instance()},
       {"sockets", &v1::SocketFacts::default_instance()},
       {"tcp", &v1::TcpFacts::default_instance()},
       {"tls", &v1::TlsFacts::default_instance()},
       {"zone", &v1::ZoneFacts::default_instance()}}};
  return table;
}

std::optional<google::protobuf::Any> facts_as_any(const SectionState& section) {
  for (const KnownFacts& known : all_known_facts()) {
    if (known.type->GetTypeName() != section.facts_type) continue;
    const std::unique_ptr<Message> message(known.type->New());
    if (!message->ParseFromString(section.facts)) return std::nullopt;
    google::protobuf::Any any;
    any.set_type_url("type.googleapis.com/" + section.facts_type);
    any.set_value(section.facts);
    return any;
  }
  return std::nullopt;
}

std::string os_pretty_name_of(const SectionState& section) {
  const std::optional<v1::HostFacts> facts = parse_facts<v1::HostFacts>(section, "host");
  return facts ? facts->os_pretty_name() : std::string();
}

std::string agent_version_of(const SectionState& section) {
  const std::optional<v1::AgentFacts> facts = parse_facts<v1::AgentFacts>(section, "agent");
  return facts ? facts->version() : std::string();
}

std::vector<Target> parse_own_targets(const SectionState& section) {
  const std::optional<v1::AgentFacts> facts = parse_facts<v1::AgentFacts>(section, "agent");
  std::vector<Target> targets;
  if (!facts) return targets;
  for (const v1::OwnTarget& own : facts->targets()) {
    if (targets.size() == kMostOwnTargets) break;
    Target target;
    target.name = own.name();
    target.kind = own.kind();
    target.address = own.address();
    target.interval = std::chrono::milliseconds(own.interval_milliseconds());
    target.timeout = std::min(target.timeout, target.interval);
    const bool is_known = std::any_of(targets.begin(), targets.end(),
                                      [&own](const Target& t) { return t.name == own.name(); });
    if (!is_known && check_target(target).ok()) targets.push_back(std::move(target));
  }
  return targets;
}

}  // namespace muster::collector
