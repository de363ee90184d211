#include "agent/probes/zone/zone_servers.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

#include "agent/probes/zone/side_by_side.h"
#include "common/text.h"

namespace muster::zone {
namespace {

namespace asio = boost::asio;
namespace ip = boost::asio::ip;

constexpr size_t kDetailLimit = 256;

v1::ZoneAnswer answer_of(End end) {
  switch (end) {
    case End::kTimedOut:
      return v1::ZONE_ANSWER_TIMED_OUT;
    case End::kUnreachable:
      return v1::ZONE_ANSWER_UNREACHABLE;
    case End::kNotAllowed:
      return v1::ZONE_ANSWER_NOT_ALLOWED;
    case End::kUnreadable:
      return v1::ZONE_ANSWER_UNREADABLE;
    default:
      return v1::ZONE_ANSWER_NOT_ASKED;
  }
}

void set(v1::ZoneServer& server, v1::ZoneAnswer answer, std::string_view detail) {
  server.set_answer(answer);
  server.set_detail(printable(detail, kDetailLimit));
}

// What the answer to the question for the zone's SOA record makes of a server.
void take_soa(const Answer& answer, const std::string& zone, v1::ZoneServer& server) {
  constexpr int kRefused = 5;
  constexpr int kNotAuthoritative = 9;
  if (!answer.message) return set(server, answer_of(answer.end), answer.why);
  const Message& message = *answer.message;
  const std::vector<Record> records = message.records(Part::kAnswer, zone, Type::kSoa);
  if (message.code() == kRefused) return set(server, v1::ZONE_ANSWER_REFUSED, "REFUSED");
  if (message.code() == kNameError || message.code() == kNotAuthoritative)
    return set(server, v1::ZONE_ANSWER_NOT_AUTHORITATIVE, message.code_text());
  if (message.code() != kNoError)
    return set(server, v1::ZONE_ANSWER_SERVER_FAILURE, message.code_text());
  if (!message.authoritative())
    return set(server, v1::ZONE_ANSWER_NOT_AUTHORITATIVE, "it does not answer as one that has it");
  if (records.empty())
    return set(server, v1::ZONE_ANSWER_NOT_AUTHORITATIVE, "it has no SOA record of it");
  constexpr size_t kSerial = 2;
  server.set_serial(records.front().number(kSerial));
  set(server, v1::ZONE_ANSWER_AUTHORITATIVE,
      answer.only_by_tcp ? "it answers by TCP, and not by UDP" : "");
}

asio::awaitable<void> ask_server(Questions& questions, std::string zone, AskedServer& asked) {
  Question question{.name = zone, .type = Type::kSoa};
  const Answer soa = co_await questions.ask(asked.address, question);
  take_soa(soa, zone, asked.server);
  if (!soa.message) co_return;
  if (!soa.only_by_tcp) {
    const Answer by_tcp = co_await questions.ask_by_tcp(asked.address, question);
    asked.server.set_no_tcp(by_tcp.end == End::kTimedOut || by_tcp.end == End::kUnreachable ||
                            by_tcp.end == End::kUnreadable);
  }
  if (!asked.authoritative()) co_return;
  asked.soa = soa.message;

  question.type = Type::kNs;
  const Answer names = co_await questions.ask(asked.address, question);
  asked.name_servers = names.message;
  std::set<std::string> sorted;
  if (names.message)
    for (const Record& record : names.message->records(Part::kAnswer, zone, Type::kNs))
      sorted.insert(record.name(0));
  for (const std::string& name : sorted)
    if (std::cmp_less(asked.server.name_servers_size(), kMostNames))
      asked.server.add_name_servers(name);
  if (!names.message) {
    asked.server.set_detail(
        printable("it does not say which name servers it has: " + names.why, kDetailLimit));
  }

  question.type = Type::kDnskey;
  const Answer keys = co_await questions.ask(asked.address, question);
  if (keys.message && keys.message->code() == kNoError) {
    asked.keys = keys.message;
  } else {
    asked.keys_unknown = keys.message ? keys.message->code_text() : keys.why;
  }
}

class Round {
 public:
  Round(Questions& questions, const std::string& zone, const Delegation& delegation)
      : questions_(questions), zone_(zone), delegation_(delegation) {}

  // Asks those of the names that were not asked yet.
  asio::awaitable<void> ask(std::set<std::string> names) {
    const size_t first = all_.servers.size();
    for (const std::string& name : names)
      if (known_.insert(name).second) co_await add(name);
    std::vector<asio::awaitable<void>> under_way;
    // No more are added while these are under way: they stay where they are.
    for (size_t i = first; i < all_.servers.size(); ++i)
      if (all_.servers[i].server.answer() == v1::ZONE_ANSWER_UNSPECIFIED)
        under_way.push_back(ask_server(questions_, zone_, all_.servers[i]));
    co_await side_by_side(std::move(under_way));
  }

  std::set<std::string> named_by_the_zone() const {
    std::set<std::string> names;
    for (const AskedServer& asked : all_.servers)
      names.insert(asked.server.name_servers().begin(), asked.server.name_servers().end());
    return names;
  }

  AskedServers take() {
    std::sort(all_.servers.begin(), all_.servers.end(), [](const auto& a, const auto& b) {
      return std::forward_as_tuple(a.server.name(), a.address) <
             std::forward_as_tuple(b.server.name(), b.address);
    });
    return std::move(all_);
  }

 private:
  asio::awaitable<void> add(std::string name) {
    std::set<ip::address> addresses;
    const auto [begin, end] = delegation_.glue.equal_range(name);
    for (auto glue = begin; glue != end; ++glue)
      addresses.insert(glue->second);
    const Addresses found = co_await questions_.addresses_of(name);
    addresses.insert(found.addresses.begin(), found.addresses.end());
    size_t of_this_name = 0;
    for (const ip::address& address : addresses) {
      AskedServer* asked = of_this_name < Questions::kMostAddresses ? room_for(name) : nullptr;
      if (asked == nullptr) {
        ++all_.omitted;
        continue;
      }
      ++of_this_name;
      asked->address = address;
      asked->server.set_address(address.to_string());
    }
    if (!addresses.empty()) co_return;
    AskedServer* asked = room_for(name);
    if (asked == nullptr) {
      ++all_.omitted;
    } else if (found.failure.empty()) {
      set(asked->server, v1::ZONE_ANSWER_NO_ADDRESS, "");
    } else {
      set(asked->server, v1::ZONE_ANSWER_NOT_ASKED, found.failure);
    }
  }

  AskedServer* room_for(const std::string& name) {
    if (all_.servers.size() == kMostServers) return nullptr;
    AskedServer& asked = all_.servers.emplace_back();
    asked.server.set_name(name);
    asked.server.set_delegated(delegation_.name_servers.contains(name));
    return &asked;
  }

  Questions& questions_;
  const std::string zone_;
  const Delegation& delegation_;
  AskedServers all_;
  std::set<std::string> known_;
};

}  // namespace

asio::awaitable<AskedServers> ask_servers(Questions& questions, std::string zone,
                                          const Delegation& delegation) {
  Round round(questions, zone, delegation);
  co_await round.ask(delegation.name_servers);
  std::set<std::string> others = round.named_by_the_zone();
  others.insert(delegation.other_name_servers.begin(), delegation.other_name_servers.end());
  co_await round.ask(others);
  co_return round.take();
}

}  // namespace muster::zone
