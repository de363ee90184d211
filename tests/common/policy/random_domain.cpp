#include "tests/common/policy/random_domain.h"

#include <string>

#include "common/timestamp.h"
#include "tests/common/policy/facts.h"

namespace muster::testing {

v1::DomainFacts random_domain(RandomWorld& world, TimePoint now) {
  v1::DomainFacts facts;
  facts.set_domain("example.org");
  facts.set_answer(world.chance(80) ? v1::REGISTRY_ANSWER_REGISTERED
                                    : static_cast<v1::RegistryAnswer>(world.pick(0, 5)));
  if (world.chance(80)) *facts.mutable_expires() = to_proto(now - days(3) + world.up_to(days(60)));
  if (world.chance(30))
    *facts.mutable_expires_by_hand() = to_proto(now - days(3) + world.up_to(days(60)));
  facts.set_expires_zone_unknown(world.chance(20));
  if (world.chance(80)) facts.set_registrar(world.chance(50) ? "path /proc" : "Registrar");
  for (const std::string status : {"clientTransferProhibited", "clientHold", "pendingDelete"}) {
    if (world.chance(30)) facts.add_statuses(status);
  }
  if (world.chance(80)) facts.add_name_servers(world.chance(50) ? "path /proc" : "ns1.example.net");
  facts.set_partial(world.chance(10));
  return facts;
}

v1::LookalikeFacts random_lookalikes(RandomWorld& world, TimePoint now) {
  v1::LookalikeFacts facts;
  facts.set_domain("example.org");
  facts.set_tried(100);
  facts.set_unanswered(static_cast<uint32_t>(world.chance(80) ? 0 : world.pick(0, 100)));
  for (int64_t i = world.pick(0, 2); i > 0; --i) {
    v1::Lookalike& lookalike = *facts.add_registered();
    lookalike.set_name("examp1e" + std::to_string(world.pick(1, 3)) + ".org");
    lookalike.set_kind(v1::LOOKALIKE_KIND_HOMOGLYPH);
    if (world.chance(90)) *lookalike.mutable_registered() = to_proto(now - world.up_to(days(150)));
    if (world.chance(90)) lookalike.set_mail_ready(world.chance(60));
    lookalike.set_owned(world.chance(20));
  }
  return facts;
}

}  // namespace muster::testing
