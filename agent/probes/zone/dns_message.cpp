#include "agent/probes/zone/dns_message.h"

#include <absl/strings/ascii.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "agent/probes/zone/ldns_handles.h"

namespace muster::zone {
namespace {

namespace ip = boost::asio::ip;

constexpr size_t kHeaderSize = 12;
constexpr size_t kMostAliases = 16;

std::string name_text(const ldns_rdf* name) {
  if (name == nullptr || ldns_rdf_get_type(name) != LDNS_RDF_TYPE_DNAME) return {};
  const LdnsText text(ldns_rdf2str(name));
  std::string plain = text == nullptr ? "" : absl::AsciiStrToLower(text.get());
  if (!plain.empty() && plain.back() == '.') plain.pop_back();
  return plain;
}

// libldns stops where the data does, and leaves out what a record should have behind.
bool is_whole(const ldns_rr* record) {
  if (ldns_rr_get_class(record) != LDNS_RR_CLASS_IN) return false;
  const ldns_rr_descriptor* shape = ldns_rr_descript(ldns_rr_get_type(record));
  if (shape == nullptr || ldns_rr_rd_count(record) < ldns_rr_descriptor_minimum(shape)) {
    return false;
  }
  for (size_t i = 0; i < ldns_rr_rd_count(record); ++i)
    if (ldns_rr_rdf(record, i) == nullptr) return false;
  return true;
}

const ldns_rr_list* records_of(const ldns_pkt* packet, Part part) {
  switch (part) {
    case Part::kAnswer:
      return ldns_pkt_answer(packet);
    case Part::kAuthority:
      return ldns_pkt_authority(packet);
    case Part::kAdditional:
      return ldns_pkt_additional(packet);
  }
  return nullptr;
}

template <typename Fits>
std::vector<Record> select(const ldns_pkt* packet, Part part, std::string_view owner, Type type,
                           const Fits& fits) {
  std::vector<Record> selected;
  const ldns_rr_list* all = records_of(packet, part);
  for (size_t i = 0; all != nullptr && i < ldns_rr_list_rr_count(all); ++i) {
    const ldns_rr* record = ldns_rr_list_rr(all, i);
    if (ldns_rr_get_type(record) != static_cast<ldns_rr_type>(type) || !is_whole(record)) continue;
    if (name_text(ldns_rr_owner(record)) == owner && fits(record)) selected.emplace_back(record);
  }
  return selected;
}

bool asks(const ldns_pkt* packet, const Question& question) {
  const ldns_rr_list* asked = ldns_pkt_question(packet);
  const size_t count = asked == nullptr ? 0 : ldns_rr_list_rr_count(asked);
  // Who cannot read a question need not repeat it.
  if (count == 0) return ldns_pkt_get_rcode(packet) != LDNS_RCODE_NOERROR;
  const ldns_rr* first = ldns_rr_list_rr(asked, 0);
  return count == 1 && ldns_rr_get_type(first) == static_cast<ldns_rr_type>(question.type) &&
         ldns_rr_get_class(first) == LDNS_RR_CLASS_IN &&
         name_text(ldns_rr_owner(first)) == question.name;
}

}  // namespace

std::string_view type_text(Type type) {
  switch (type) {
    case Type::kA:
      return "A";
    case Type::kNs:
      return "NS";
    case Type::kCname:
      return "CNAME";
    case Type::kSoa:
      return "SOA";
    case Type::kMx:
      return "MX";
    case Type::kTxt:
      return "TXT";
    case Type::kAaaa:
      return "AAAA";
    case Type::kDs:
      return "DS";
    case Type::kRrsig:
      return "RRSIG";
    case Type::kDnskey:
      return "DNSKEY";
    case Type::kCaa:
      return "CAA";
  }
  return "";
}

std::optional<std::string> question_bytes(const Question& question, uint16_t id, bool recursion) {
  ldns_rdf* name = ldns_dname_new_frm_str((question.name + ".").c_str());
  if (name == nullptr) return std::nullopt;
  const uint16_t flags = recursion ? LDNS_RD : 0;
  // It owns the name from here on.
  const LdnsPacket packet(
      ldns_pkt_query_new(name, static_cast<ldns_rr_type>(question.type), LDNS_RR_CLASS_IN, flags));
  if (packet == nullptr) return std::nullopt;
  ldns_pkt_set_id(packet.get(), id);
  ldns_pkt_set_cd(packet.get(), true);
  ldns_pkt_set_edns_udp_size(packet.get(), kUdpSize);
  ldns_pkt_set_edns_do(packet.get(), true);
  uint8_t* made = nullptr;
  size_t size = 0;
  if (ldns_pkt2wire(&made, packet.get(), &size) != LDNS_STATUS_OK) return std::nullopt;
  const LdnsBytes bytes(made);
  return std::string(reinterpret_cast<const char*>(bytes.get()), size);
}

bool is_cut_off(std::string_view bytes) {
  constexpr unsigned char kCutOff = 0x02;
  return bytes.size() >= kHeaderSize && (static_cast<unsigned char>(bytes[2]) & kCutOff) != 0;
}

std::string Record::owner() const {
  return name_text(ldns_rr_owner(record_));
}

std::string Record::name(size_t index) const {
  return name_text(ldns_rr_rdf(record_, index));
}

uint32_t Record::number(size_t index) const {
  const ldns_rdf* data = ldns_rr_rdf(record_, index);
  if (data == nullptr || ldns_rdf_size(data) > sizeof(uint32_t)) return 0;
  uint32_t number = 0;
  for (size_t i = 0; i < ldns_rdf_size(data); ++i)
    number = number << 8U | ldns_rdf_data(data)[i];
  return number;
}

std::string Record::bytes(size_t index) const {
  const ldns_rdf* data = ldns_rr_rdf(record_, index);
  if (data == nullptr) return {};
  const std::string all(reinterpret_cast<const char*>(ldns_rdf_data(data)), ldns_rdf_size(data));
  const ldns_rdf_type type = ldns_rdf_get_type(data);
  const bool has_length = type == LDNS_RDF_TYPE_STR || type == LDNS_RDF_TYPE_TAG;
  return has_length && !all.empty() ? all.substr(1) : all;
}

std::string Record::text() const {
  std::string text;
  for (size_t i = 0; i < ldns_rr_rd_count(record_); ++i)
    text += bytes(i);
  return text;
}

std::optional<ip::address> Record::address() const {
  const std::string raw = bytes(0);
  ip::address_v4::bytes_type four{};
  ip::address_v6::bytes_type sixteen{};
  if (raw.size() == four.size()) {
    std::copy(raw.begin(), raw.end(), four.begin());
    return ip::make_address_v4(four);
  }
  if (raw.size() == sixteen.size()) {
    std::copy(raw.begin(), raw.end(), sixteen.begin());
    return ip::make_address_v6(sixteen);
  }
  return std::nullopt;
}

absl::StatusOr<Message> Message::read(std::string_view bytes, const Question& question) {
  if (bytes.size() > kLargestMessage || bytes.size() < kHeaderSize) {
    return absl::InvalidArgumentError("what came has no size of a message of DNS");
  }
  ldns_pkt* made = nullptr;
  const ldns_status status =
      ldns_wire2pkt(&made, reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size());
  LdnsPacket packet(made);
  if (status != LDNS_STATUS_OK || packet == nullptr) {
    return absl::InvalidArgumentError(
        fmt::format("what came is no message of DNS: {}", ldns_get_errorstr_by_id(status)));
  }
  if (!ldns_pkt_qr(packet.get()) || ldns_pkt_get_opcode(packet.get()) != LDNS_PACKET_QUERY ||
      !asks(packet.get(), question)) {
    return absl::InvalidArgumentError("what came answers another question");
  }
  return Message(std::shared_ptr<const ldns_pkt>(packet.release(), FreeLdns()));
}

int Message::code() const {
  return ldns_pkt_get_rcode(packet_.get());
}

std::string Message::code_text() const {
  const LdnsText text(ldns_pkt_rcode2str(ldns_pkt_get_rcode(packet_.get())));
  return text == nullptr ? fmt::format("RCODE{}", code()) : std::string(text.get());
}

bool Message::authoritative() const {
  return ldns_pkt_aa(packet_.get());
}

std::vector<Record> Message::records(Part part, std::string_view owner, Type type) const {
  return select(packet_.get(), part, owner, type, [](const ldns_rr*) { return true; });
}

std::vector<Record> Message::signatures(Part part, std::string_view owner, Type type) const {
  return select(packet_.get(), part, owner, Type::kRrsig, [type](const ldns_rr* signature) {
    return Record(signature).number(0) == static_cast<uint32_t>(type);
  });
}

std::string Message::end_of_aliases(std::string name) const {
  for (size_t i = 0; i < kMostAliases; ++i) {
    const std::vector<Record> aliases = records(Part::kAnswer, name, Type::kCname);
    if (aliases.empty()) break;
    name = aliases.front().name(0);
  }
  return name;
}

}  // namespace muster::zone
