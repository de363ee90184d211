#include "common/exposition/domain_metrics.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "common/exposition/section_facts.h"
#include "common/exposition/target_families.h"

namespace muster::exposition {
namespace {

// How a reason begins where a registry, or a server before it, wants to be left alone.
constexpr std::string_view kRateLimited = "rate-limited: ";

constexpr std::array<std::pair<v1::RegistryAnswer, std::string_view>, 4> kRegistryAnswers{{
    {v1::REGISTRY_ANSWER_REGISTERED, "registered"},
    {v1::REGISTRY_ANSWER_FREE, "free"},
    {v1::REGISTRY_ANSWER_RESERVED, "reserved"},
    {v1::REGISTRY_ANSWER_UNSUPPORTED, "unsupported"},
}};

constexpr std::array<std::pair<v1::ZoneAnswer, std::string_view>, 10> kZoneAnswers{{
    {v1::ZONE_ANSWER_AUTHORITATIVE, "authoritative"},
    {v1::ZONE_ANSWER_NOT_AUTHORITATIVE, "not_authoritative"},
    {v1::ZONE_ANSWER_REFUSED, "refused"},
    {v1::ZONE_ANSWER_SERVER_FAILURE, "server_failure"},
    {v1::ZONE_ANSWER_TIMED_OUT, "timed_out"},
    {v1::ZONE_ANSWER_UNREACHABLE, "unreachable"},
    {v1::ZONE_ANSWER_UNREADABLE, "unreadable"},
    {v1::ZONE_ANSWER_NO_ADDRESS, "no_address"},
    {v1::ZONE_ANSWER_NOT_ALLOWED, "not_allowed"},
    {v1::ZONE_ANSWER_NOT_ASKED, "not_asked"},
}};

constexpr std::array<std::pair<v1::DnssecState, std::string_view>, 4> kDnssecStates{{
    {v1::DNSSEC_STATE_UNSIGNED, "unsigned"},
    {v1::DNSSEC_STATE_NOT_DELEGATED, "not_delegated"},
    {v1::DNSSEC_STATE_GOOD, "good"},
    {v1::DNSSEC_STATE_BROKEN, "broken"},
}};

constexpr std::array<std::pair<v1::RecordState, std::string_view>, 3> kRecordStates{{
    {v1::RECORD_STATE_PRESENT, "present"},
    {v1::RECORD_STATE_ABSENT, "absent"},
    {v1::RECORD_STATE_INVALID, "invalid"},
}};

// What a newer agent may say is unknown.
template <typename Value, size_t Count>
std::string_view word_of(const std::array<std::pair<Value, std::string_view>, Count>& words,
                         Value value) {
  const auto found =
      std::find_if(words.begin(), words.end(), [&](const auto& row) { return row.first == value; });
  return found == words.end() ? "unknown" : found->second;
}

std::string_view lookup_word(const SectionState& section,
                             const std::optional<v1::DomainFacts>& facts) {
  if (section.outcome != v1::OUTCOME_OBSERVED || !facts) {
    return section.reason.starts_with(kRateLimited) ? "rate_limited" : "failed";
  }
  if (facts->answer() == v1::REGISTRY_ANSWER_REGISTERED && facts->has_expires()) return "known";
  if (facts->has_expires_by_hand()) return "by_hand";
  if (facts->answer() == v1::REGISTRY_ANSWER_UNSUPPORTED) return "unsupported";
  return facts->answer() == v1::REGISTRY_ANSWER_REGISTERED ? "no_date" : "known";
}

std::string_view answer_word(bool known, bool value) {
  if (!known) return "unknown";
  return value ? "yes" : "no";
}

void add_record(SampleWriter& writer, std::string_view record, std::string_view selector,
                v1::RecordState state) {
  writer.add(kTargetZoneRecord,
             {{"record", record}, {"selector", selector}, {"state", record_word(state)}}, 1);
}

}  // namespace

std::string_view registry_answer_word(v1::RegistryAnswer answer) {
  return word_of(kRegistryAnswers, answer);
}

std::string_view zone_answer_word(v1::ZoneAnswer answer) {
  return word_of(kZoneAnswers, answer);
}

std::string_view dnssec_word(v1::DnssecState state) {
  return word_of(kDnssecStates, state);
}

std::string_view record_word(v1::RecordState state) {
  return word_of(kRecordStates, state);
}

void add_domain(SampleWriter& writer, const SectionState& section) {
  const std::optional<v1::DomainFacts> facts = facts_of<v1::DomainFacts>(section);
  writer.add(kTargetDomainLookup, {{"state", lookup_word(section, facts)}}, 1);
  if (!facts) return;
  writer.add(kTargetDomainInfo,
             {{"domain", facts->domain()},
              {"answer", registry_answer_word(facts->answer())},
              {"server", facts->server()},
              {"registrar", facts->registrar()}},
             1);
  // By hand only where the registry says nothing: the rules hold it so, too.
  if (facts->has_expires()) {
    writer.add(kTargetDomainExpiry, {{"domain", facts->domain()}, {"source", "registry"}},
               unix_seconds(facts->expires()));
  } else if (facts->has_expires_by_hand()) {
    writer.add(kTargetDomainExpiry, {{"domain", facts->domain()}, {"source", "by_hand"}},
               unix_seconds(facts->expires_by_hand()));
  }
  for (const std::string& status : facts->statuses())
    writer.add(kTargetDomainStatus, {{"domain", facts->domain()}, {"status", status}}, 1);
}

void add_zone(SampleWriter& writer, const v1::ZoneFacts& facts) {
  for (const v1::ZoneServer& server : facts.servers()) {
    writer.add(kTargetZoneServerAnswer,
               {{"server", server.name()},
                {"address", server.address()},
                {"answer", zone_answer_word(server.answer())}},
               1);
    if (server.answer() != v1::ZONE_ANSWER_AUTHORITATIVE) continue;
    writer.add(kTargetZoneSerial, {{"server", server.name()}, {"address", server.address()}},
               server.serial());
  }
  writer.add(kTargetZoneDnssec, {{"state", dnssec_word(facts.dnssec())}}, 1);
  if (facts.has_signatures_expire()) {
    writer.add(kTargetZoneSignaturesExpiry, {}, unix_seconds(facts.signatures_expire()));
  }
  add_record(writer, "mx", "", facts.mail_exchanger_state());
  add_record(writer, "spf", "", facts.spf().state());
  add_record(writer, "dmarc", "", facts.dmarc().state());
  add_record(writer, "caa", "", facts.caa_state());
  for (const v1::DkimKey& key : facts.dkim_keys())
    add_record(writer, "dkim", key.selector(), key.state());
  if (facts.spf().state() == v1::RECORD_STATE_PRESENT ||
      facts.spf().state() == v1::RECORD_STATE_INVALID) {
    writer.add(kTargetZoneSpfLookups, {}, facts.spf().lookups());
  }
}

void add_lookalikes(SampleWriter& writer, const v1::LookalikeFacts& facts) {
  // Zeros too, so that a first one is a change.
  std::map<std::pair<std::string_view, std::string_view>, uint32_t> counts;
  for (const std::string_view ready : {"yes", "no", "unknown"}) {
    for (const std::string_view owned : {"yes", "no"})
      counts[{ready, owned}] = 0;
  }
  std::optional<double> newest;
  for (const v1::Lookalike& one : facts.registered()) {
    ++counts[{answer_word(one.has_mail_ready(), one.mail_ready()), answer_word(true, one.owned())}];
    if (one.owned() || !one.mail_ready() || !one.has_registered()) continue;
    newest = std::max(newest.value_or(0), unix_seconds(one.registered()));
  }
  for (const auto& [labels, count] : counts) {
    writer.add(kTargetLookalikes, {{"mail_ready", labels.first}, {"owned", labels.second}}, count);
  }
  writer.add(kTargetLookalikesTried, {}, facts.tried());
  writer.add(kTargetLookalikesUnanswered, {}, facts.unanswered());
  if (newest) writer.add(kTargetLookalikesNewest, {}, *newest);
}

}  // namespace muster::exposition
