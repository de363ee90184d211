// Whether what the servers of a zone serve is signed as the zone above says: DS record, the key
// that it names, that key's signature of all keys, and theirs of what else was served. The dates of
// signatures are told, and count for nothing. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "agent/probes/zone/delegation.h"
#include "agent/probes/zone/dns_message.h"
#include "muster/v1/domain_facts.pb.h"

namespace muster::zone {

// Records of one name and type that a server served.
struct ServedSet {
  Message message;
  std::string owner;
  Type type = Type::kSoa;
};

// What one server served of the zone.
struct ServedZone {
  // "ns1.example.net (192.0.2.53)"
  std::string at;
  // Unset: it did not answer about them.
  std::optional<Message> keys;
  std::string keys_unknown;
  std::vector<ServedSet> sets;
};

// Sets all fields of the facts that are about DNSSEC.
void judge_signatures(const std::string& zone, const Delegation& delegation,
                      const std::vector<ServedZone>& servers, v1::ZoneFacts& facts);

}  // namespace muster::zone
