#include "common/policy/rules/zone_servers.h"

#include <absl/strings/ascii.h>
#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "common/policy/rules/few_texts.h"
#include "common/policy/rules/zones.h"
#include "common/text.h"

namespace muster::policy {
namespace {

using Kind = Judgement::Kind;
using Names = google::protobuf::RepeatedPtrField<std::string>;

constexpr size_t kLongestName = 256;
constexpr size_t kLongestAddress = 64;
constexpr size_t kMostNames = 4;
constexpr size_t kMostProblems = 4;
// Of a list, as domain_facts.proto has it.
constexpr int kMostOfAList = 32;

std::string place_of(const v1::ZoneServer& server) {
  const std::string name = printable(server.name(), kLongestName);
  if (server.address().empty()) return name;
  return fmt::format("{} ({})", name, printable(server.address(), kLongestAddress));
}

std::string subject_of(const v1::ZoneServer& server) {
  const std::string name = printable(server.name(), kLongestName);
  if (server.address().empty()) return name;
  return fmt::format("{} {}", name, printable(server.address(), kLongestAddress));
}

// RFC 1982, section 3.2. Of two that are half the way round apart each is before the other.
bool is_before(uint32_t serial, uint32_t other) {
  return serial != other && other - serial <= uint32_t{1} << 31;
}

// After its name, where it does not answer for the zone; empty: of an answer that is not known.
std::string_view words_of(v1::ZoneAnswer answer) {
  switch (answer) {
    case v1::ZONE_ANSWER_NOT_AUTHORITATIVE:
      return "does not have the zone: a lame delegation";
    case v1::ZONE_ANSWER_REFUSED:
      return "refuses to answer for the zone";
    case v1::ZONE_ANSWER_SERVER_FAILURE:
      return "answers for the zone with an error";
    case v1::ZONE_ANSWER_TIMED_OUT:
      return "does not answer in time";
    case v1::ZONE_ANSWER_UNREACHABLE:
      return "cannot be reached";
    case v1::ZONE_ANSWER_UNREADABLE:
      return "answers what is no answer of DNS";
    case v1::ZONE_ANSWER_NO_ADDRESS:
      return "is a name that leads to no address";
    default:
      return {};
  }
}

Judgement judge_silent(const v1::ZoneServer& server) {
  const std::string place = place_of(server);
  Judgement judgement{.subject = subject_of(server)};
  const std::string_view words = words_of(server.answer());
  if (!words.empty()) {
    judgement.kind = Kind::kUnmet;
    judgement.reason = fmt::format("{} {}{}{}", place, words, in_brackets(server.detail()),
                                   server.delegated() ? "" : "; only the zone itself names it");
  } else if (server.answer() == v1::ZONE_ANSWER_NOT_ALLOWED) {
    judgement.reason = fmt::format(
        "{} was not asked: targets.allow of the host that looks does not list it for the kind zone",
        place);
  } else if (server.answer() == v1::ZONE_ANSWER_NOT_ASKED) {
    judgement.reason = fmt::format("{} could not be asked{}", place, in_brackets(server.detail()));
  } else {
    judgement.reason = place + " was looked at in a way newer than this collector";
  }
  return judgement;
}

}  // namespace

bool may_be_cut(const Names& names) {
  return names.size() >= kMostOfAList;
}

std::set<std::string> names_in(const Names& names) {
  std::set<std::string> result;
  for (const std::string& name : names)
    result.insert(absl::AsciiStrToLower(name));
  return result;
}

std::string missing_in(const std::set<std::string>& other, const std::set<std::string>& names) {
  FewTexts missing(kMostNames);
  for (const std::string& name : names) {
    if (!other.contains(name)) missing.add(name, kLongestName);
  }
  return missing.joined();
}

ZoneSaid said_by_servers(const v1::ZoneFacts& facts) {
  ZoneSaid said;
  for (const v1::ZoneServer& server : facts.servers()) {
    if (server.answer() != v1::ZONE_ANSWER_AUTHORITATIVE) continue;
    said.name_servers.merge(names_in(server.name_servers()));
    said.is_cut = said.is_cut || may_be_cut(server.name_servers());
    if (said.newest == nullptr || is_before(said.newest->serial(), server.serial()))
      said.newest = &server;
  }
  return said;
}

Judgement judge_zone_server(const v1::ZoneServer& server, const ZoneSaid& said) {
  if (server.answer() != v1::ZONE_ANSWER_AUTHORITATIVE || said.newest == nullptr)
    return judge_silent(server);
  const std::string place = place_of(server);
  FewTexts problems(kMostProblems);
  if (server.serial() != said.newest->serial()) {
    problems.add(fmt::format("has serial {} where {} has {}: a transfer is under way, or fails",
                             server.serial(), place_of(*said.newest), said.newest->serial()),
                 1024);
  }
  if (!said.is_cut && !server.name_servers().empty()) {
    const std::string missing = missing_in(names_in(server.name_servers()), said.name_servers);
    if (!missing.empty())
      problems.add(fmt::format("does not name {} as a name server, and others do", missing), 2048);
  }
  if (server.no_tcp()) problems.add("answers by UDP and not by TCP, which large answers need");
  Judgement judgement{.subject = subject_of(server)};
  if (!problems.empty()) {
    judgement.kind = Kind::kUnmet;
    judgement.reason = fmt::format("{} {}", place, problems.joined("; "));
  } else if (server.name_servers().empty()) {
    judgement.reason = fmt::format("{} did not tell the zone's name servers{}", place,
                                   in_brackets(server.detail()));
  } else {
    judgement.kind = Kind::kMet;
    judgement.reason = fmt::format("{} answers, with serial {}", place, server.serial());
  }
  return judgement;
}

}  // namespace muster::policy
