#include "agent/probes/zone/delegation.h"

#include <fmt/format.h>

#include <utility>
#include <vector>

namespace muster::zone {
namespace {

namespace asio = boost::asio;
namespace ip = boost::asio::ip;

// Servers of the zone above that are tried.
constexpr size_t kMostParentServers = 4;

std::string shown(std::string_view zone) {
  return zone.empty() ? "the root" : std::string(zone);
}

struct Parent {
  std::string zone;
  std::vector<std::string> servers;
  std::string failure;
};

asio::awaitable<Parent> find_parent(Questions& questions, std::string zone) {
  Parent parent;
  std::string above = zone;
  do {
    above = name_above(above);
    Question question{.name = above, .type = Type::kNs};
    const Resolved resolved = co_await questions.resolve(std::move(question));
    parent.failure = resolved.failure;
    for (const Record& record : resolved.records(Type::kNs))
      parent.servers.push_back(record.name(0));
    // An alias is no cut between zones.
    if (!parent.servers.empty() && resolved.owner == above) {
      parent.zone = above;
      co_return parent;
    }
    parent.servers.clear();
  } while (!above.empty());
  if (parent.failure.empty()) parent.failure = fmt::format("no zone above {} was found", zone);
  co_return parent;
}

// What a server of the zone above said. A referral has the servers behind, an answer of one that
// serves both zones has them in front.
bool take_answer(const Message& message, const std::string& zone, const std::string& parent,
                 Delegation& delegation) {
  std::vector<Record> servers = message.records(Part::kAuthority, zone, Type::kNs);
  if (servers.empty()) servers = message.records(Part::kAnswer, zone, Type::kNs);
  for (const Record& record : servers)
    delegation.name_servers.insert(record.name(0));
  if (!delegation.name_servers.empty()) {
    delegation.state = v1::RECORD_STATE_PRESENT;
    for (const std::string& name : delegation.name_servers) {
      if (!is_within(name, zone)) continue;
      for (const Type type : {Type::kA, Type::kAaaa})
        for (const Record& record : message.records(Part::kAdditional, name, type))
          if (const auto address = record.address()) delegation.glue.emplace(name, *address);
    }
    return true;
  }
  if (!message.authoritative()) return false;
  if (message.code() == kNameError) {
    delegation.detail = fmt::format("{} has no such name", shown(parent));
  } else if (message.code() == kNoError) {
    delegation.detail = fmt::format("{} does not delegate it", shown(parent));
  } else {
    return false;
  }
  delegation.state = v1::RECORD_STATE_ABSENT;
  return true;
}

void take_signers(const Answer& answer, const std::string& at, Delegation& delegation) {
  if (!answer.message) {
    delegation.signers_unknown = fmt::format("the zone above at {}: {}", at, answer.why);
  } else if (answer.message->code() != kNoError || !answer.message->authoritative()) {
    delegation.signers_unknown = fmt::format("the zone above at {} answers {} for its DS records",
                                             at, answer.message->code_text());
  } else {
    delegation.signers = answer.message;
  }
}

// Whether one of the servers answered; `all_forbidden` else: none of them may be asked.
struct Tried {
  bool answered = false;
  bool all_forbidden = true;
  std::string last;
};

asio::awaitable<Tried> ask_parent(Questions& questions, std::string zone, Parent parent,
                                  Delegation& delegation) {
  Tried tried;
  size_t asked = 0;
  for (const std::string& name : parent.servers) {
    const Addresses found = co_await questions.addresses_of(name);
    if (!found.failure.empty()) tried.last = found.failure;
    for (const ip::address& address : found.addresses) {
      if (asked == kMostParentServers) co_return tried;
      Question question{.name = zone, .type = Type::kNs};
      const Answer answer = co_await questions.ask(address, question);
      const std::string at = fmt::format("{} ({})", name, address.to_string());
      if (answer.end == End::kNotAllowed) continue;
      tried.all_forbidden = false;
      ++asked;
      tried.last = fmt::format("{}: {}", at, answer.message ? "no referral" : answer.why);
      if (!answer.message || !take_answer(*answer.message, zone, parent.zone, delegation)) continue;
      tried.answered = true;
      if (delegation.state != v1::RECORD_STATE_PRESENT) co_return tried;
      question.type = Type::kDs;
      const Answer signers = co_await questions.ask(address, question);
      take_signers(signers, at, delegation);
      co_return tried;
    }
  }
  co_return tried;
}

// Those of the zone itself, as the resolver knows them.
asio::awaitable<Resolved> servers_by_resolver(Questions& questions, std::string zone,
                                              std::set<std::string>& servers) {
  Question question{.name = zone, .type = Type::kNs};
  Resolved resolved = co_await questions.resolve(std::move(question));
  if (resolved.owner == zone)
    for (const Record& record : resolved.records(Type::kNs))
      servers.insert(record.name(0));
  co_return resolved;
}

asio::awaitable<void> ask_resolver(Questions& questions, std::string zone, std::string parent,
                                   Delegation& delegation) {
  const std::string instead = fmt::format(
      "no server of {} is in targets.allow: this is what the resolver of this host says",
      shown(parent));
  const Resolved servers = co_await servers_by_resolver(questions, zone, delegation.name_servers);
  if (!servers.failure.empty()) {
    delegation.detail = servers.failure;
    co_return;
  }
  delegation.detail = instead;
  delegation.state =
      delegation.name_servers.empty() ? v1::RECORD_STATE_ABSENT : v1::RECORD_STATE_PRESENT;
  Question question{.name = zone, .type = Type::kDs};
  const Resolved signers = co_await questions.resolve(std::move(question));
  delegation.signers = signers.message;
  delegation.signers_unknown = signers.failure;
}

}  // namespace

std::string name_above(std::string_view name) {
  // A dot that is part of a label is written with a backslash before it.
  for (size_t i = 0; i < name.size(); ++i) {
    if (name[i] == '\\') {
      ++i;
    } else if (name[i] == '.') {
      return std::string(name.substr(i + 1));
    }
  }
  return {};
}

bool is_within(std::string_view name, std::string_view zone) {
  if (zone.empty() || name == zone) return true;
  return name.size() > zone.size() && name.ends_with(zone) &&
         name[name.size() - zone.size() - 1] == '.';
}

asio::awaitable<Delegation> find_delegation(Questions& questions, std::string zone) {
  Delegation delegation;
  const Parent parent = co_await find_parent(questions, zone);
  if (!parent.failure.empty()) {
    delegation.detail = parent.failure;
  } else {
    const Tried tried = co_await ask_parent(questions, zone, parent, delegation);
    if (!tried.answered && tried.all_forbidden && tried.last.empty()) {
      co_await ask_resolver(questions, zone, parent.zone, delegation);
      co_return delegation;
    }
    if (!tried.answered) {
      delegation.detail = fmt::format("no server of {} told: {}", shown(parent.zone), tried.last);
    }
  }
  if (delegation.state == v1::RECORD_STATE_PRESENT) co_return delegation;
  // It may be served all the same, to whoever knows where.
  co_await servers_by_resolver(questions, zone, delegation.other_name_servers);
  if (delegation.signers_unknown.empty()) {
    delegation.signers_unknown = delegation.state == v1::RECORD_STATE_ABSENT
                                     ? "it is not delegated"
                                     : "nothing is known of its delegation";
  }
  co_return delegation;
}

}  // namespace muster::zone
