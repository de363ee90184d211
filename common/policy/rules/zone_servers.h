// The name servers of a zone, one by one: whether each answers for it, and as the others do. Pure;
// any thread.
#pragma once

#include <set>
#include <string>

#include "common/policy/rules.h"
#include "muster/v1/domain_facts.pb.h"

namespace muster::policy {

// What all servers that answer for the zone say together.
struct ZoneSaid {
  // Every name server that any of them names for the zone, in lower case.
  std::set<std::string> name_servers;
  // One of them names as many as a section holds: more may be left out, so that lists cannot be
  // compared.
  bool is_cut = false;
  // That has the newest serial number (RFC 1982); null: none answers for the zone.
  const v1::ZoneServer* newest = nullptr;
};
ZoneSaid said_by_servers(const v1::ZoneFacts& facts);

// Whether a list of names is as long as a section holds.
bool may_be_cut(const google::protobuf::RepeatedPtrField<std::string>& names);
// In lower case.
std::set<std::string> names_in(const google::protobuf::RepeatedPtrField<std::string>& names);
// Those of `names` that the other does not have, for a sentence; empty: none.
std::string missing_in(const std::set<std::string>& other, const std::set<std::string>& names);

// The subject is its name and address: "ns1.example.net 192.0.2.53".
Judgement judge_zone_server(const v1::ZoneServer& server, const ZoneSaid& said);

}  // namespace muster::policy
