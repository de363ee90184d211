#include "agent/output/domain_results.h"

#include <fmt/format.h>

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "common/counted.h"
#include "common/policy/rules/times.h"
#include "common/policy/rules/zone_servers.h"
#include "common/text.h"
#include "common/timestamp.h"

namespace muster::agent {
namespace {

using Rank = TargetResult::Rank;

constexpr size_t kMostNotes = 4;
constexpr size_t kLongestName = 256;

std::string detail_of(std::string_view detail) {
  return detail.empty() ? "" : fmt::format(" ({})", printable(detail, kLongestName));
}

TargetResult ends(TimePoint end, TimePoint looked_at, TimePoint shown, std::string note) {
  return {.rank = Rank::kAnswers,
          .words = fmt::format("{} {}", looked_at < end ? "ends" : "ended", to_iso_date(shown)),
          .time = {},
          .note = std::move(note)};
}

// Who could not be asked is not at fault.
bool is_at_fault(v1::ZoneAnswer answer) {
  switch (answer) {
    case v1::ZONE_ANSWER_NOT_AUTHORITATIVE:
    case v1::ZONE_ANSWER_REFUSED:
    case v1::ZONE_ANSWER_SERVER_FAILURE:
    case v1::ZONE_ANSWER_TIMED_OUT:
    case v1::ZONE_ANSWER_UNREACHABLE:
    case v1::ZONE_ANSWER_UNREADABLE:
    case v1::ZONE_ANSWER_NO_ADDRESS:
      return true;
    default:
      return false;
  }
}

std::string other_name(const v1::Lookalike& one) {
  std::string text = printable(one.name(), kLongestName);
  if (!one.shown().empty()) text += fmt::format(" ({})", printable(one.shown(), kLongestName));
  if (one.mail_ready()) text += " can take mail";
  return text;
}

}  // namespace

TargetResult domain_result(const v1::DomainFacts& facts, TimePoint looked_at) {
  if (facts.answer() == v1::REGISTRY_ANSWER_REGISTERED && facts.has_expires()) {
    TimePoint end = from_proto(facts.expires());
    if (!facts.expires_zone_unknown()) return ends(end, looked_at, end, "");
    // As the rules have it: the earlier one, which is safe.
    end = policy::saturating_add(end, -std::chrono::days(1));
    return ends(end, looked_at, end, "or the day after: the registry's date has no time zone");
  }
  const bool is_unclaimed =
      facts.answer() == v1::REGISTRY_ANSWER_FREE || facts.answer() == v1::REGISTRY_ANSWER_RESERVED;
  if (is_unclaimed) {
    return {.rank = Rank::kNoAnswer,
            .words = facts.answer() == v1::REGISTRY_ANSWER_FREE ? "free" : "reserved",
            .time = {},
            .note = fmt::format("nobody has {}{}", printable(facts.domain(), kLongestName),
                                detail_of(facts.detail()))};
  }
  const bool is_unsupported = facts.answer() == v1::REGISTRY_ANSWER_UNSUPPORTED;
  const std::string why = is_unsupported ? "its registry answers neither RDAP nor WHOIS"
                                         : "its registry publishes no date";
  if (facts.has_expires_by_hand()) {
    const TimePoint end = from_proto(facts.expires_by_hand());
    // It counts until that day is over.
    return ends(end, looked_at, policy::saturating_add(end, -std::chrono::seconds(1)),
                "the date is by hand: " + why);
  }
  if (is_unsupported || facts.answer() == v1::REGISTRY_ANSWER_REGISTERED) {
    return {.rank = is_unsupported ? Rank::kNotLookedAt : Rank::kAnswers,
            .words = is_unsupported ? "unsupported" : "no date",
            .time = {},
            .note = why + ": expires= of the target gives one"};
  }
  return {.rank = Rank::kNotLookedAt,
          .words = "unknown",
          .time = {},
          .note = "the look-up ended in a way newer than this agent"};
}

TargetResult zone_result(const v1::ZoneFacts& facts) {
  const std::string zone = printable(facts.zone(), kLongestName);
  if (facts.delegation() == v1::RECORD_STATE_ABSENT) {
    return {.rank = Rank::kNoAnswer,
            .words = "no such zone",
            .time = {},
            .note = fmt::format("the zone above does not know {}{}", zone,
                                detail_of(facts.delegation_detail()))};
  }
  const policy::ZoneSaid said = policy::said_by_servers(facts);
  std::vector<std::string> notes;
  if (facts.delegation() != v1::RECORD_STATE_PRESENT) {
    notes.push_back(fmt::format("whether {} is delegated is not known{}", zone,
                                detail_of(facts.delegation_detail())));
  }
  size_t answer = 0;
  size_t at_fault = 0;
  for (const v1::ZoneServer& server : facts.servers()) {
    if (server.answer() == v1::ZONE_ANSWER_AUTHORITATIVE) ++answer;
    if (is_at_fault(server.answer())) ++at_fault;
    const policy::Judgement judgement = policy::judge_zone_server(server, said);
    if (judgement.kind != policy::Judgement::Kind::kMet) notes.push_back(judgement.reason);
  }
  const bool is_broken = facts.dnssec() == v1::DNSSEC_STATE_BROKEN;
  if (is_broken) notes.push_back("DNSSEC is broken" + detail_of(facts.dnssec_detail()));
  TargetResult result{.rank = Rank::kAnswers, .words = "answers", .time = {}, .note = {}};
  if (at_fault > 0) {
    result.rank = Rank::kNoAnswer;
    result.words = fmt::format("{} of {} answer", answer, facts.servers_size());
  } else if (is_broken) {
    result.rank = Rank::kNoAnswer;
    result.words = "broken";
  } else if (answer == 0) {
    result.rank = Rank::kNotLookedAt;
    result.words = "not looked";
    if (notes.empty()) notes.push_back("no name server of it was asked");
  }
  result.note = join_some(notes, kMostNotes);
  return result;
}

TargetResult lookalike_result(const v1::LookalikeFacts& facts) {
  std::vector<std::string> notes;
  for (const v1::Lookalike& one : facts.registered()) {
    if (!one.owned()) notes.push_back(other_name(one));
  }
  const size_t others = notes.size() + facts.registered_omitted();
  std::string note = join_some(notes, kMostNotes);
  if (facts.unanswered() > 0) {
    note += fmt::format("{}of {}, {} gave no answer", note.empty() ? "" : "; ",
                        counted(facts.tried(), "name"), facts.unanswered());
  }
  const bool any_answer = facts.unanswered() < facts.tried();
  return {.rank = any_answer ? Rank::kAnswers : Rank::kNotLookedAt,
          .words = any_answer ? counted(others, "look-alike") : "not looked",
          .time = {},
          .note = facts.tried() == 0 ? "no name was asked for" : std::move(note)};
}

}  // namespace muster::agent
