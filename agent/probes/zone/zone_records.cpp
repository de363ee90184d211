#include "agent/probes/zone/zone_records.h"

#include <fmt/format.h>

#include <utility>

namespace muster::zone {
namespace {

namespace asio = boost::asio;

// Servers of the zone that are tried for one question.
constexpr size_t kMostTried = 3;

// Whether the answer is the zone's own last word on the name: no alias, no zone below.
bool is_final(const Message& message, const std::string& name) {
  return message.authoritative() && (message.code() == kNoError || message.code() == kNameError) &&
         message.end_of_aliases(name) == name;
}

}  // namespace

ZoneRecords::ZoneRecords(Questions& questions, std::string zone,
                         const std::vector<AskedServer>& servers)
    : questions_(questions), zone_(std::move(zone)) {
  for (const AskedServer& asked : servers)
    if (asked.authoritative() && servers_.size() < kMostTried) servers_.push_back(&asked);
}

asio::awaitable<FoundRecords> ZoneRecords::find(std::string name, Type type) {
  if (!is_within(name, zone_)) co_return co_await find_elsewhere(name, type);
  FoundRecords found;
  found.why = "no server of the zone answered";
  for (const AskedServer* server : servers_) {
    Question question{.name = name, .type = type};
    const Answer answer = co_await questions_.ask(server->address, std::move(question));
    if (!answer.message) {
      found.why = fmt::format("{}: {}", server->at(), answer.why);
      continue;
    }
    const int code = answer.message->code();
    if (code != kNoError && code != kNameError) {
      found.why = fmt::format("{} answers {}", server->at(), answer.message->code_text());
      continue;
    }
    if (!is_final(*answer.message, name)) co_return co_await find_elsewhere(name, type);
    found.why.clear();
    found.message = answer.message;
    found.owner = name;
    found.state = v1::RECORD_STATE_ABSENT;
    if (found.records(type).empty()) co_return found;
    found.state = v1::RECORD_STATE_PRESENT;
    served_.push_back(
        {.server = server,
         .set = {.message = *answer.message, .owner = std::move(name), .type = type}});
    co_return found;
  }
  co_return found;
}

asio::awaitable<FoundRecords> ZoneRecords::find_elsewhere(std::string name, Type type) {
  Question question{.name = std::move(name), .type = type};
  const Resolved resolved = co_await questions_.resolve(std::move(question));
  FoundRecords found;
  found.why = resolved.failure;
  if (!resolved.message) co_return found;
  found.message = resolved.message;
  found.owner = resolved.owner;
  found.state = found.records(type).empty() ? v1::RECORD_STATE_ABSENT : v1::RECORD_STATE_PRESENT;
  co_return found;
}

}  // namespace muster::zone
