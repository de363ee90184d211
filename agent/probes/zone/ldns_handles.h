// Owners of what libldns makes.
#pragma once

#include <ldns/ldns.h>

#include <cstdlib>
#include <memory>

namespace muster::zone {

struct FreeLdns {
  void operator()(ldns_pkt* packet) const { ldns_pkt_free(packet); }
  void operator()(ldns_rr* record) const { ldns_rr_free(record); }
  void operator()(ldns_rr_list* records) const { ldns_rr_list_deep_free(records); }
  void operator()(ldns_rdf* data) const { ldns_rdf_deep_free(data); }
  void operator()(char* text) const { std::free(text); }
  void operator()(uint8_t* bytes) const { std::free(bytes); }
};
using LdnsPacket = std::unique_ptr<ldns_pkt, FreeLdns>;
using LdnsRecord = std::unique_ptr<ldns_rr, FreeLdns>;
using LdnsRecords = std::unique_ptr<ldns_rr_list, FreeLdns>;
using LdnsData = std::unique_ptr<ldns_rdf, FreeLdns>;
using LdnsText = std::unique_ptr<char, FreeLdns>;
using LdnsBytes = std::unique_ptr<uint8_t, FreeLdns>;

}  // namespace muster::zone
