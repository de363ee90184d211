#include "agent/probes/lookalikes/lookalikes_target_look.h"

#include <fmt/format.h>

#include <string>
#include <utility>

#include "agent/output/status_text.h"
#include "agent/probes/lookalikes/lookalikes_look.h"
#include "agent/probes/probe_program.h"
#include "agent/probes/zone/network_asker.h"

namespace muster::lookalikes {
namespace {

namespace asio = boost::asio;

// No zone's own server is asked.
constexpr uint16_t kDns = 53;

v1::Section failed(const absl::Status& status) {
  return probe::failed(fmt::format("failed: {}", agent::text_of(status)));
}

}  // namespace

asio::awaitable<std::optional<v1::Section>> look_at_target(
    network_probe::Look& look, domains::registry::Registries& registries,
    const domains::PublicSuffixes& suffixes) {
  const absl::StatusOr<LookalikesTarget> target = parse_lookalikes_target(look.address());
  if (!target.ok()) co_return failed(target.status());
  const absl::StatusOr<domains::RegistrableName> domain = suffixes.registrable(target->name);
  if (!domain.ok()) co_return failed(domain.status());
  zone::NetworkAsker asker(look, kDns);
  LookalikesParts parts{.asker = asker,
                        .suffixes = suffixes,
                        .clock = look.clock(),
                        .ask_registry = [&look, &registries](std::string name)
                            -> asio::awaitable<domains::registry::RegistryReply> {
                          co_return co_await registries.ask(look, std::move(name));
                        },
                        .at_most = look.time_left()};
  v1::LookalikeFacts facts = co_await look_for_lookalikes(std::move(parts), *target, *domain);
  if (look.lease_ended()) co_return std::nullopt;
  if (facts.tried() > 0 && facts.unanswered() == facts.tried()) {
    co_return probe::failed(fmt::format(
        "failed: no name server of this host answered any of {} questions", facts.tried()));
  }
  facts.set_address(look.address());
  co_return probe::observed(facts);
}

}  // namespace muster::lookalikes
