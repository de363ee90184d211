#include "agent/probes/zone/zone_look.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "agent/probes/zone/delegation.h"
#include "agent/probes/zone/dnssec.h"
#include "agent/probes/zone/mail_records.h"
#include "agent/probes/zone/questions.h"
#include "agent/probes/zone/zone_records.h"
#include "agent/probes/zone/zone_servers.h"
#include "common/text.h"

namespace muster::zone {
namespace {

namespace asio = boost::asio;

constexpr size_t kDetailLimit = 256;

void write_delegation(const Delegation& delegation, v1::ZoneFacts& facts) {
  facts.set_delegation(delegation.state);
  facts.set_delegation_detail(printable(delegation.detail, kDetailLimit));
  for (const std::string& name : delegation.name_servers)
    if (std::cmp_less(facts.delegated_to_size(), kMostNames)) facts.add_delegated_to(name);
}

// What each server that has the zone served of it.
std::vector<ServedZone> served_zones(const std::string& zone,
                                     const std::vector<AskedServer>& servers,
                                     const std::vector<ZoneRecords::Served>& others) {
  std::vector<ServedZone> all;
  for (const AskedServer& asked : servers) {
    if (!asked.authoritative()) continue;
    ServedZone served{
        .at = asked.at(), .keys = asked.keys, .keys_unknown = asked.keys_unknown, .sets = {}};
    if (asked.soa)
      served.sets.push_back({.message = *asked.soa, .owner = zone, .type = Type::kSoa});
    if (asked.name_servers && asked.server.name_servers_size() > 0) {
      served.sets.push_back({.message = *asked.name_servers, .owner = zone, .type = Type::kNs});
    }
    for (const ZoneRecords::Served& other : others)
      if (other.server == &asked) served.sets.push_back(other.set);
    all.push_back(std::move(served));
  }
  return all;
}

}  // namespace

asio::awaitable<v1::ZoneFacts> look_at_zone(Asker& asker, ZoneTarget target,
                                            std::string registered) {
  v1::ZoneFacts facts;
  facts.set_zone(target.name);
  Questions questions(asker);
  const Delegation delegation = co_await find_delegation(questions, target.name);
  write_delegation(delegation, facts);
  const AskedServers asked = co_await ask_servers(questions, target.name, delegation);
  for (const AskedServer& server : asked.servers)
    *facts.add_servers() = server.server;
  facts.set_servers_omitted(asked.omitted);
  ZoneRecords records(questions, target.name, asked.servers);
  co_await look_at_records(records, target.name, std::move(registered), target.dkim_selectors,
                           facts);
  const std::vector<ServedZone> served = served_zones(target.name, asked.servers, records.served());
  judge_signatures(target.name, delegation, served, facts);
  co_return facts;
}

}  // namespace muster::zone
