#include "agent/probes/zone/zone_target_look.h"

#include <fmt/format.h>

#include <string>
#include <utility>

#include "agent/output/status_text.h"
#include "agent/probes/domain/names/public_suffixes.h"
#include "agent/probes/probe_program.h"
#include "agent/probes/zone/network_asker.h"
#include "agent/probes/zone/zone_look.h"
#include "common/targets/domain_target.h"

namespace muster::zone {
namespace {

namespace asio = boost::asio;

// Empty where the name is a suffix itself.
std::string registered_part(const std::string& name) {
  static const absl::StatusOr<domains::PublicSuffixes> suffixes =
      domains::PublicSuffixes::of_this_system();
  if (!suffixes.ok()) return {};
  absl::StatusOr<domains::RegistrableName> registrable = suffixes->registrable(name);
  return registrable.ok() ? std::move(registrable->name) : std::string();
}

}  // namespace

asio::awaitable<std::optional<v1::Section>> look_at_target(network_probe::Look& look,
                                                           uint16_t port) {
  const absl::StatusOr<ZoneTarget> target = parse_zone_target(look.address());
  if (!target.ok()) co_return probe::failed(agent::text_of(target.status()));
  NetworkAsker asker(look, port);
  v1::ZoneFacts facts = co_await look_at_zone(asker, *target, registered_part(target->name));
  if (look.lease_ended()) co_return std::nullopt;
  facts.set_address(look.address());
  if (facts.delegation() == v1::RECORD_STATE_UNSPECIFIED && facts.servers().empty())
    co_return probe::failed(fmt::format("failed: {}", facts.delegation_detail()));
  co_return probe::observed(facts);
}

}  // namespace muster::zone
