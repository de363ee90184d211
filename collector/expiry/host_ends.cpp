// The rest of what ends on a host: its agent's certificate, authorities of Secure Boot, keys of
// repositories, licences, support.
#include <fmt/format.h>

#include <map>
#include <string_view>
#include <tuple>
#include <utility>

#include "collector/expiry/facts_reader.h"
#include "collector/expiry/section_ends.h"
#include "common/policy/package_facts_view.h"
#include "common/policy/rules/protection.h"
#include "common/text.h"
#include "common/timestamp.h"
#include "muster/v1/agent_facts.pb.h"
#include "muster/v1/firmware_facts.pb.h"
#include "muster/v1/lifecycle_facts.pb.h"
#include "muster/v1/protection_facts.pb.h"

namespace muster::collector {
namespace {

using policy::RepositoryKeyView;

// Of the keys of one repository that which lasts longest, as one is enough.
struct BestKey {
  const RepositoryKeyView* key = nullptr;
  bool is_unknown = false;
  bool has_no_end = false;

  void add(const RepositoryKeyView& other) {
    const bool is_dated = other.state == v1::REPOSITORY_KEY_STATE_VALID ||
                          other.state == v1::REPOSITORY_KEY_STATE_EXPIRED;
    if (other.state == v1::REPOSITORY_KEY_STATE_UNSPECIFIED) is_unknown = true;
    if (other.state == v1::REPOSITORY_KEY_STATE_VALID && !other.not_after) has_no_end = true;
    if (!is_dated || !other.not_after) return;
    if (key == nullptr || *key->not_after < *other.not_after) key = &other;
  }
};

std::string name_of_repository(const RepositoryKeyView& key, const SectionState& section) {
  if (key.repository.empty()) return printable(section.probe, kLongestSubject);
  const std::string name = printable(key.repository, 256);
  return key.site.empty() ? name : fmt::format("{} ({})", name, printable(key.site, 255));
}

template <typename Facts>
void list_licences(const SectionState& section, const TakeEnd& take) {
  constexpr v1::ExpiryKind kKind = v1::EXPIRY_KIND_PROTECTION_LICENCE;
  google::protobuf::Arena arena;
  const auto* const facts = read_facts<Facts>(section, kKind, take, arena);
  if (facts == nullptr) return;
  for (const v1::ProtectionProduct& product : facts->products()) {
    SectionEnd end{.kind = kKind,
                   .subject = policy::subject_of(product),
                   .thing = printable(product.product(), kLongestSubject),
                   .detail = policy::name_of(product)};
    if (product.has_licence_ends_at()) {
      end.ends = from_proto(product.licence_ends_at());
    } else if (!policy::why_unread(product, "licence_ends_at")) {
      continue;
    }
    take(std::move(end));
  }
}

// Of the programmes of one component that the host gets, the one that lasts longest.
struct Support {
  const v1::SupportPeriod* has = nullptr;
  bool is_unknown = false;

  void add(const v1::SupportPeriod& period) {
    if (period.coverage() == v1::SUPPORT_COVERAGE_UNSPECIFIED) is_unknown = true;
    const bool is_covered = period.coverage() == v1::SUPPORT_COVERAGE_INCLUDED ||
                            period.coverage() == v1::SUPPORT_COVERAGE_ENABLED;
    if (!is_covered) return;
    if (has == nullptr || from_proto(has->ends_at()) < from_proto(period.ends_at())) has = &period;
  }
};

std::string name_of_system(const v1::LifecycleFacts& facts) {
  if (!facts.os_pretty_name().empty()) return printable(facts.os_pretty_name(), 128);
  return printable(fmt::format("{} {}", facts.os_id(), facts.os_version_id()), 128);
}

void take_support(const v1::LifecycleFacts& facts, std::string_view component,
                  const Support& support, const TakeEnd& take) {
  const std::string system = name_of_system(facts);
  SectionEnd end{.kind = v1::EXPIRY_KIND_SYSTEM_SUPPORT,
                 .subject = component.empty() ? system : printable(component, 128)};
  end.thing = printable(fmt::format("{} {} {}", facts.os_id(), facts.os_version_id(), component),
                        kLongestSubject);
  if (support.has != nullptr) {
    end.ends = from_proto(support.has->ends_at());
    end.detail = printable(support.has->programme(), 64);
    if (!component.empty()) end.detail = fmt::format("a kernel of {}", system);
  } else if (!support.is_unknown) {
    return;
  }
  take(std::move(end));
}

}  // namespace

void list_agent_ends(const SectionState& section, ExpiryKinds /*kinds*/, const TakeEnd& take) {
  google::protobuf::Arena arena;
  const auto* const facts =
      read_facts<v1::AgentFacts>(section, v1::EXPIRY_KIND_AGENT_CERTIFICATE, take, arena);
  if (facts == nullptr) return;
  SectionEnd end{.kind = v1::EXPIRY_KIND_AGENT_CERTIFICATE, .subject = "agent certificate"};
  if (facts->has_certificate_not_after()) end.ends = from_proto(facts->certificate_not_after());
  take(std::move(end));
}

void list_firmware_ends(const SectionState& section, ExpiryKinds /*kinds*/, const TakeEnd& take) {
  constexpr v1::ExpiryKind kKind = v1::EXPIRY_KIND_SECURE_BOOT_AUTHORITY;
  google::protobuf::Arena arena;
  const auto* const facts = read_facts<v1::FirmwareFacts>(section, kKind, take, arena);
  if (facts == nullptr) return;
  for (const v1::SecureBootAuthority& authority : facts->secure_boot().authorities()) {
    SectionEnd end{.kind = kKind,
                   .subject = printable(authority.subject(), kLongestSubject),
                   .detail = printable(fmt::format("in {}", authority.list()), kLongestDetail)};
    // The same certificate may be in several lists of a machine, and is in those of many machines.
    end.thing =
        printable(fmt::format("{} {}", authority.list(), authority.fingerprint()), kLongestSubject);
    if (authority.has_not_after()) end.ends = from_proto(authority.not_after());
    take(std::move(end));
  }
}

void list_package_ends(const SectionState& section, ExpiryKinds /*kinds*/, const TakeEnd& take) {
  policy::PackageFactsView facts;
  if (!policy::read_facts(section.facts, facts)) {
    return take({.kind = v1::EXPIRY_KIND_REPOSITORY_KEY, .subject = section.probe});
  }
  std::map<std::tuple<std::string_view, std::string_view, uint32_t>,
           std::pair<const RepositoryKeyView*, BestKey>>
      repositories;
  for (const RepositoryKeyView& key : facts.repository_keys) {
    auto& [first, best] = repositories[{key.repository, key.site, key.number}];
    if (first == nullptr) first = &key;
    best.add(key);
  }
  for (const auto& [name, keys] : repositories) {
    const auto& [first, best] = keys;
    if (best.has_no_end) continue;
    SectionEnd end{.kind = v1::EXPIRY_KIND_REPOSITORY_KEY,
                   .subject = name_of_repository(*first, section)};
    if (best.key != nullptr) {
      end.thing = printable(best.key->fingerprint, 64);
      end.ends = best.key->not_after;
      end.detail =
          printable(fmt::format("{} {}", best.key->fingerprint, best.key->user_id), kLongestDetail);
    } else if (!best.is_unknown) {
      continue;
    }
    take(std::move(end));
  }
}

void list_antivirus_ends(const SectionState& section, ExpiryKinds /*kinds*/, const TakeEnd& take) {
  list_licences<v1::AntivirusFacts>(section, take);
}

void list_intrusion_detection_ends(const SectionState& section, ExpiryKinds /*kinds*/,
                                   const TakeEnd& take) {
  list_licences<v1::IntrusionDetectionFacts>(section, take);
}

void list_lifecycle_ends(const SectionState& section, ExpiryKinds /*kinds*/, const TakeEnd& take) {
  google::protobuf::Arena arena;
  const auto* const facts =
      read_facts<v1::LifecycleFacts>(section, v1::EXPIRY_KIND_SYSTEM_SUPPORT, take, arena);
  if (facts == nullptr) return;
  // The distribution is the empty component.
  std::map<std::string_view, Support> components{{"", {}}};
  for (const v1::SupportPeriod& period : facts->periods()) {
    if (period.has_ends_at()) components[period.component()].add(period);
  }
  Support& distribution = components[""];
  if (facts->rolling()) {
    distribution = {};
  } else if (!facts->unknown_because().empty()) {
    distribution = {.has = nullptr, .is_unknown = true};
  }
  for (const auto& [component, support] : components)
    take_support(*facts, component, support, take);
}

}  // namespace muster::collector
