#include "tests/common/policy/random_zone.h"

#include <string>

#include "common/timestamp.h"
#include "tests/common/policy/facts.h"

namespace muster::testing {
namespace {

// Mostly there.
v1::RecordState state_of_record(RandomWorld& world) {
  return world.chance(70) ? v1::RECORD_STATE_PRESENT
                          : static_cast<v1::RecordState>(world.pick(0, 4));
}

void add_servers(RandomWorld& world, v1::ZoneFacts& facts) {
  for (int64_t i = world.pick(0, 3); i > 0; --i) {
    v1::ZoneServer& server = *facts.add_servers();
    server.set_name("ns" + std::to_string(world.pick(1, 2)));
    server.set_address("192.0.2." + std::to_string(world.pick(1, 2)));
    server.set_answer(world.chance(70) ? v1::ZONE_ANSWER_AUTHORITATIVE
                                       : static_cast<v1::ZoneAnswer>(world.pick(0, 11)));
    server.set_serial(static_cast<uint32_t>(world.pick(7, world.chance(80) ? 7 : 8)));
    for (const std::string name : {"ns1", "ns2"}) {
      if (world.chance(90)) server.add_name_servers(name);
    }
    server.set_delegated(world.chance(90));
    server.set_no_tcp(world.chance(10));
  }
  facts.set_servers_omitted(world.chance(5) ? 1 : 0);
}

}  // namespace

v1::ZoneFacts random_zone(RandomWorld& world, TimePoint now) {
  v1::ZoneFacts facts;
  facts.set_zone("example.org");
  facts.set_delegation(state_of_record(world));
  for (const std::string name : {"ns1", "ns2"}) {
    if (world.chance(90)) facts.add_delegated_to(name);
  }
  add_servers(world, facts);
  facts.set_dnssec(static_cast<v1::DnssecState>(world.pick(0, 5)));
  if (world.chance(90)) {
    *facts.mutable_signatures_begin() = to_proto(now - days(3) + world.up_to(days(4)));
  }
  if (world.chance(90)) {
    *facts.mutable_signatures_expire() = to_proto(now - days(1) + world.up_to(days(8)));
  }
  facts.set_mail_exchanger_state(state_of_record(world));
  facts.mutable_spf()->set_state(state_of_record(world));
  facts.mutable_spf()->set_all(world.chance(80) ? "-all" : "+all");
  facts.mutable_spf()->set_lookups(static_cast<uint32_t>(world.pick(0, 12)));
  facts.mutable_dmarc()->set_state(state_of_record(world));
  facts.mutable_dmarc()->set_policy(world.chance(50) ? "none" : "reject");
  for (int64_t i = world.pick(0, 2); i > 0; --i) {
    v1::DkimKey& key = *facts.add_dkim_keys();
    key.set_selector(std::to_string(world.pick(1, 2)));
    key.set_state(state_of_record(world));
    key.set_key_type(world.chance(70) ? "rsa" : "ed25519");
    key.set_key_bits(world.chance(70) ? 2048 : 512);
  }
  facts.set_caa_state(state_of_record(world));
  for (int64_t i = world.pick(0, 2); i > 0; --i) {
    v1::CaaRecord& record = *facts.add_caa();
    record.set_tag(world.chance(70) ? "issue" : "iodef");
    record.set_value("ca.example");
  }
  return facts;
}

}  // namespace muster::testing
