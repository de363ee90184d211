// Records that a look needs besides: of a name in the zone from a server that has the zone, of
// another one, or where an alias or a zone below is in between, through the resolver of this host.
// One thread.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <optional>
#include <string>
#include <vector>

#include "agent/probes/zone/dnssec.h"
#include "agent/probes/zone/questions.h"
#include "agent/probes/zone/zone_servers.h"
#include "muster/v1/domain_facts.pb.h"

namespace muster::zone {

struct FoundRecords {
  // PRESENT, ABSENT, or UNSPECIFIED with the reason.
  v1::RecordState state = v1::RECORD_STATE_UNSPECIFIED;
  std::string why;
  // Has them, by `owner`.
  std::optional<Message> message;
  std::string owner;

  std::vector<Record> records(Type type) const {
    return message ? message->records(Part::kAnswer, owner, type) : std::vector<Record>();
  }
};

class ZoneRecords {
 public:
  // `servers` outlives it.
  ZoneRecords(Questions& questions, std::string zone, const std::vector<AskedServer>& servers);

  boost::asio::awaitable<FoundRecords> find(std::string name, Type type);
  // The same through the resolver alone.
  boost::asio::awaitable<FoundRecords> find_elsewhere(std::string name, Type type);

  // Sets that a server of the zone answered with, to be held to their signatures, and which one.
  struct Served {
    const AskedServer* server = nullptr;
    ServedSet set;
  };
  const std::vector<Served>& served() const { return served_; }
  Questions& questions() { return questions_; }

 private:
  Questions& questions_;
  const std::string zone_;
  std::vector<const AskedServer*> servers_;
  std::vector<Served> served_;
};

}  // namespace muster::zone
