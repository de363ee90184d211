#include "collector/expiry/expiry_kind.h"

#include <algorithm>
#include <array>

namespace muster::collector {
namespace {

constexpr std::array<ExpiryKindRow, 12> kKinds{{
    {v1::EXPIRY_KIND_CERTIFICATE, "certificate", "certificate ends"},
    {v1::EXPIRY_KIND_SERVED_CERTIFICATE, "served-certificate", "served certificate ends"},
    {v1::EXPIRY_KIND_REVOCATION_LIST, "revocation-list", "revocation list ends"},
    {v1::EXPIRY_KIND_DOMAIN, "domain", "domain ends"},
    {v1::EXPIRY_KIND_ZONE_SIGNATURE, "zone-signature", "DNSSEC signature ends"},
    {v1::EXPIRY_KIND_AGENT_CERTIFICATE, "agent-certificate", "the agent's certificate ends"},
    {v1::EXPIRY_KIND_FLEET_AUTHORITY, "fleet-authority", "the fleet's authority ends"},
    {v1::EXPIRY_KIND_SECURE_BOOT_AUTHORITY, "secure-boot-authority", "Secure Boot authority ends"},
    {v1::EXPIRY_KIND_REPOSITORY_KEY, "repository-key", "repository key ends"},
    {v1::EXPIRY_KIND_PROTECTION_LICENCE, "protection-licence", "licence ends"},
    {v1::EXPIRY_KIND_SYSTEM_SUPPORT, "system-support", "support ends"},
    {v1::EXPIRY_KIND_BY_HAND, "by-hand", "ends"},
}};

}  // namespace

std::span<const ExpiryKindRow> all_expiry_kinds() {
  return kKinds;
}

const ExpiryKindRow* find_expiry_kind(std::string_view name) {
  const auto* const row = std::find_if(kKinds.begin(), kKinds.end(),
                                       [name](const auto& known) { return known.name == name; });
  return row == kKinds.end() ? nullptr : row;
}

const ExpiryKindRow& expiry_kind_row(v1::ExpiryKind kind) {
  // The enumeration and the table have the same order, which a test sees to.
  return kKinds.at(static_cast<size_t>(kind) - 1);
}

}  // namespace muster::collector
