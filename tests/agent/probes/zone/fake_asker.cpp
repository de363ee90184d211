#include "tests/agent/probes/zone/fake_asker.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>

#include "agent/probes/zone/ldns_handles.h"
#include "agent/probes/zone/zone_look.h"

namespace muster::zone::test {
namespace {

void push(ldns_pkt* packet, ldns_pkt_section section, const std::vector<std::string>& records) {
  for (const std::string& text : records) {
    ldns_rr* record = nullptr;
    const ldns_status status = ldns_rr_new_frm_str(&record, text.c_str(), 60, nullptr, nullptr);
    ASSERT_EQ(status, LDNS_STATUS_OK) << text << ": " << ldns_get_errorstr_by_id(status);
    ldns_pkt_push_rr(packet, section, record);
  }
}

std::string bytes_of(const Canned& canned, const Question& question, bool cut_off) {
  if (!canned.bytes.empty()) return canned.bytes;
  const LdnsPacket packet(ldns_pkt_query_new(ldns_dname_new_frm_str((question.name + ".").c_str()),
                                             static_cast<ldns_rr_type>(question.type),
                                             LDNS_RR_CLASS_IN, LDNS_QR));
  ldns_pkt_set_rcode(packet.get(), static_cast<uint8_t>(canned.code));
  ldns_pkt_set_aa(packet.get(), canned.authoritative);
  ldns_pkt_set_tc(packet.get(), cut_off);
  if (!cut_off) {
    push(packet.get(), LDNS_SECTION_ANSWER, canned.answer);
    push(packet.get(), LDNS_SECTION_AUTHORITY, canned.authority);
    push(packet.get(), LDNS_SECTION_ADDITIONAL, canned.additional);
  }
  uint8_t* made = nullptr;
  size_t size = 0;
  EXPECT_EQ(ldns_pkt2wire(&made, packet.get(), &size), LDNS_STATUS_OK);
  const LdnsBytes bytes(made);
  return {reinterpret_cast<const char*>(bytes.get()), size};
}

}  // namespace

boost::asio::awaitable<Reply> FakeAsker::ask(std::optional<boost::asio::ip::address> server,
                                             Question question, Way way) {
  ++asked;
  const std::string at = server ? server->to_string() : "";
  Reply reply;
  if (forbidden.contains(at)) {
    reply.end = End::kNotAllowed;
    reply.why = "targets.allow does not list it";
  } else if (silent.contains(at) || (way == Way::kTcp && silent_by_tcp.contains(at))) {
    reply.end = End::kTimedOut;
    reply.why = "no answer came in time";
  } else if (down.contains(at)) {
    reply.end = End::kUnreachable;
    reply.why = "Connection refused";
  } else {
    const auto canned = answers.find({at, question.name, question.type});
    const bool cut_off = way == Way::kUdp && cuts_off.contains(at);
    reply.end = End::kAnswered;
    reply.bytes = bytes_of(canned == answers.end() ? Canned() : canned->second, question, cut_off);
  }
  co_return reply;
}

FakeAsker healthy_zone() {
  FakeAsker asker;
  asker.at("", "org", Type::kNs).answer = {"org. NS a0.org."};
  asker.at("", "a0.org", Type::kA).answer = {"a0.org. A 198.51.100.1"};
  asker.at("", "ns1.example.org", Type::kA).answer = {"ns1.example.org. A 192.0.2.1"};
  asker.at("", "ns2.example.org", Type::kA).answer = {"ns2.example.org. A 192.0.2.2"};
  Canned& referral = asker.at("198.51.100.1", "example.org", Type::kNs);
  referral.authoritative = false;
  referral.authority = {"example.org. NS ns1.example.org.", "example.org. NS NS2.Example.org."};
  referral.additional = {"ns1.example.org. A 192.0.2.1"};
  for (const std::string server : {"192.0.2.1", "192.0.2.2"}) {
    asker.at(server, "example.org", Type::kSoa).answer = {
        "example.org. SOA ns1.example.org. h.example.org. 7 3600 900 604800 300"};
    asker.at(server, "example.org", Type::kNs).answer = {"example.org. NS ns1.example.org.",
                                                         "example.org. NS ns2.example.org."};
    asker.at(server, "example.org", Type::kMx).answer = {"example.org. MX 20 b.example.net.",
                                                         "example.org. MX 10 a.example.net."};
    asker.at(server, "example.org", Type::kTxt).answer = {
        "example.org. TXT \"v=spf1 ip4:192.0.2.0/24 -all\"", "example.org. TXT \"other\""};
  }
  return asker;
}

v1::ZoneFacts look(Asker& asker, const std::string& target, const std::string& registered) {
  const absl::StatusOr<ZoneTarget> parsed = parse_zone_target(target);
  EXPECT_TRUE(parsed.ok()) << parsed.status();
  v1::ZoneFacts facts;
  if (!parsed.ok()) return facts;
  boost::asio::io_context io(1);
  boost::asio::co_spawn(io, look_at_zone(asker, *parsed, registered),
                        [&facts](const std::exception_ptr& error, v1::ZoneFacts found) {
                          EXPECT_EQ(error, nullptr);
                          facts = std::move(found);
                        });
  io.run();
  return facts;
}

}  // namespace muster::zone::test
