// zone_delegation: the zone above sends to the name servers that the zone itself names, and each of
// them answers for it, with the same serial number and by TCP as well. Each address of a server is
// a subject, and the zone is one: there the lists are held against each other.
#include <fmt/format.h>

#include <set>
#include <string>
#include <utility>

#include "common/policy/rules/every_rule.h"
#include "common/policy/rules/few_texts.h"
#include "common/policy/rules/zone_servers.h"
#include "common/policy/rules/zones.h"

namespace muster::policy {
namespace {

using Kind = Judgement::Kind;

constexpr size_t kMostNames = 4;
constexpr size_t kMostClauses = 4;
constexpr size_t kLongestName = 256;
constexpr size_t kLongestClause = 2048;

// RFC 2182, section 5: one server alone takes the zone along when it is away. A name with several
// addresses of one family is several servers; two names of one address are one.
bool is_one_server(const v1::ZoneFacts& facts) {
  std::set<std::string> ipv4;
  std::set<std::string> ipv6;
  bool has_no_address = false;
  for (const v1::ZoneServer& server : facts.servers()) {
    if (!server.delegated()) continue;
    if (server.address().empty()) {
      has_no_address = true;
      continue;
    }
    const bool is_ipv6 = server.address().find(':') != std::string::npos;
    (is_ipv6 ? ipv6 : ipv4).insert(server.address());
  }
  if (ipv4.size() > 1 || ipv6.size() > 1) return false;
  return facts.delegated_to_size() == 1 || (!has_no_address && ipv4.size() + ipv6.size() == 1);
}

class Delegation {
 public:
  explicit Delegation(const v1::ZoneFacts& facts) : facts_(facts), name_(name_of(facts)) {}

  Judgement judge(const ZoneSaid& said) {
    if (std::optional<Judgement> judgement = judge_above()) return *std::move(judgement);
    compare(said);
    if (facts_.delegated_to().empty()) {
      doubts_.add("to which name servers it is delegated was not told");
    } else if (facts_.servers_omitted() > 0) {
      doubts_.add(fmt::format("{} of its name servers {} beyond what one look asks",
                              facts_.servers_omitted() == 1
                                  ? "one more address"
                                  : fmt::format("{} more addresses", facts_.servers_omitted()),
                              facts_.servers_omitted() == 1 ? "is" : "are"));
    } else if (facts_.servers().empty()) {
      doubts_.add("no name server of it was asked");
    } else if (is_one_server(facts_)) {
      problems_.add("has one name server alone: when that is away, so is the zone");
    }
    return conclude();
  }

 private:
  // Nothing: it delegates the zone.
  std::optional<Judgement> judge_above() const {
    const std::string detail = in_brackets(facts_.delegation_detail());
    Judgement judgement{.subject = name_};
    switch (facts_.delegation()) {
      case v1::RECORD_STATE_PRESENT:
        return std::nullopt;
      case v1::RECORD_STATE_ABSENT:
        judgement.kind = Kind::kUnmet;
        judgement.reason =
            fmt::format("the zone above does not know {}: nobody finds it{}", name_, detail);
        return judgement;
      case v1::RECORD_STATE_INVALID:
        judgement.kind = Kind::kUnmet;
        judgement.reason = fmt::format("the zone above delegates {} in a way that nobody goes by{}",
                                       name_, detail);
        return judgement;
      default:
        judgement.reason = fmt::format("whether {} is delegated is not known{}", name_, detail);
        return judgement;
    }
  }

  void compare(const ZoneSaid& said) {
    // That none answers for the zone, or tells of none, is said of each.
    if (said.name_servers.empty() || facts_.delegated_to().empty()) return;
    if (said.is_cut || may_be_cut(facts_.delegated_to())) {
      doubts_.add("it has more name servers than are told, so that the lists are not compared");
      return;
    }
    const std::set<std::string> above = names_in(facts_.delegated_to());
    const std::string not_above = missing_in(above, said.name_servers);
    const std::string not_here = missing_in(said.name_servers, above);
    if (!not_above.empty()) {
      problems_.add(fmt::format("names {}, where the zone above does not send to", not_above),
                    kLongestClause);
    }
    if (!not_here.empty()) {
      problems_.add(fmt::format("does not name {}, where the zone above sends to", not_here),
                    kLongestClause);
    }
  }

  Judgement conclude() const {
    Judgement judgement{.subject = name_};
    if (!problems_.empty()) {
      judgement.kind = Kind::kUnmet;
      judgement.reason = fmt::format("{} {}", name_, problems_.joined("; "));
      return judgement;
    }
    if (!doubts_.empty()) {
      judgement.reason = fmt::format("{}: {}", name_, doubts_.joined("; "));
      return judgement;
    }
    FewTexts names(kMostNames);
    for (const std::string& server : facts_.delegated_to())
      names.add(server, kLongestName);
    judgement.kind = Kind::kMet;
    judgement.reason = fmt::format("{} is delegated to {}", name_, names.joined());
    return judgement;
  }

  const v1::ZoneFacts& facts_;
  const std::string name_;
  // After the zone's name.
  FewTexts problems_{kMostClauses};
  FewTexts doubts_{kMostClauses};
};

std::vector<Judgement> judge_delegation(const v1::ZoneFacts& facts) {
  const ZoneSaid said = said_by_servers(facts);
  std::vector<Judgement> judgements = {Delegation(facts).judge(said)};
  for (const v1::ZoneServer& server : facts.servers())
    judgements.push_back(judge_zone_server(server, said));
  return judgements;
}

}  // namespace

RuleOutput judge_zone_delegation(const RuleInput& input) {
  RuleOutput output = judge_zone(input, judge_delegation);
  output.summary = summary_of_zone(
      output.judgements, "subjects",
      fmt::format("{}, and each address of these answers", output.judgements.front().reason));
  return output;
}

}  // namespace muster::policy
