#include "agent/probes/domain/registry/domain_look.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string>

#include "agent/output/status_text.h"
#include "agent/probes/domain/whois/registry_status.h"
#include "agent/probes/probe_program.h"
#include "common/text.h"
#include "common/timestamp.h"

namespace muster::domains::registry {
namespace {

namespace asio = boost::asio;

constexpr size_t kLongestText = 256;

v1::RegistryAnswer answer_of(const RegistryReply& reply) {
  if (reply.end == RegistryReply::End::kUnsupported) return v1::REGISTRY_ANSWER_UNSUPPORTED;
  switch (reply.registration.kind) {
    case AnswerKind::kFree:
      return v1::REGISTRY_ANSWER_FREE;
    case AnswerKind::kReserved:
      return v1::REGISTRY_ANSWER_RESERVED;
    default:
      return v1::REGISTRY_ANSWER_REGISTERED;
  }
}

// RDAP's and WHOIS' by one mapping: EPP's name, or the registry's own words.
std::set<std::string> statuses_of(const Registration& registration) {
  std::set<std::string> statuses;
  for (const std::string& status : registration.statuses)
    statuses.merge([&status] {
      const std::vector<std::string> names = whois::statuses_in(status);
      return std::set<std::string>(names.begin(), names.end());
    }());
  return statuses;
}

// In their order; false if there were more.
template <typename Texts>
bool add_texts(const Texts& texts, int most, google::protobuf::RepeatedPtrField<std::string>* to) {
  for (const std::string& text : texts) {
    if (to->size() == most) return false;
    *to->Add() = printable(text, kLongestText);
  }
  return true;
}

void add_registration(const Registration& registration, v1::DomainFacts& facts) {
  if (registration.expires) {
    *facts.mutable_expires() = to_proto(registration.expires->time);
    facts.set_expires_zone_unknown(!registration.expires->zone_named);
  }
  if (registration.created) *facts.mutable_created() = to_proto(registration.created->time);
  if (registration.changed) *facts.mutable_changed() = to_proto(registration.changed->time);
  facts.set_registrar(printable(registration.registrar, kLongestText));
  bool is_whole = add_texts(statuses_of(registration), kMostStatuses, facts.mutable_statuses());
  is_whole = add_texts(registration.name_servers, kMostNameServers, facts.mutable_name_servers()) &&
             is_whole;
  if (registration.delegation_signed) facts.set_delegation_signed(*registration.delegation_signed);
  facts.set_partial(registration.partial || !is_whole);
}

}  // namespace

v1::DomainFacts facts_of(std::string_view address, const DomainTarget& target,
                         const RegistryReply& reply) {
  v1::DomainFacts facts;
  facts.set_address(std::string(address));
  facts.set_domain(reply.name.name);
  facts.set_public_suffix(reply.name.public_suffix);
  facts.set_answer(answer_of(reply));
  facts.set_detail(
      printable(reply.end == RegistryReply::End::kTold ? reply.registration.reason : reply.why,
                kLongestText));
  facts.set_protocol(reply.protocol);
  facts.set_server(reply.server);
  if (target.expires_by_hand) *facts.mutable_expires_by_hand() = to_proto(*target.expires_by_hand);
  if (facts.answer() == v1::REGISTRY_ANSWER_REGISTERED) add_registration(reply.registration, facts);
  return facts;
}

asio::awaitable<std::optional<v1::Section>> look_at_domain(network_probe::Look& look,
                                                           Registries& registries) {
  const absl::StatusOr<DomainTarget> target = parse_domain_target(look.address());
  if (!target.ok())
    co_return probe::failed(fmt::format("failed: {}", agent::text_of(target.status())));
  const RegistryReply reply = co_await registries.ask(look, target->name);
  if (look.lease_ended()) co_return std::nullopt;
  if (reply.end == RegistryReply::End::kNotTold) co_return probe::failed(reply.why);
  co_return probe::observed(facts_of(look.address(), *target, reply));
}

}  // namespace muster::domains::registry
