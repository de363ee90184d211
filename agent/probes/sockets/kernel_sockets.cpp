#include "agent/probes/sockets/kernel_sockets.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <netinet/tcp.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>

#include "agent/probes/netlink_messages.h"

namespace muster::sockets {
namespace {

absl::Status broken(const char* why) {
  return absl::InvalidArgumentError(why);
}

// The value of one byte of the first attribute of the type, or `otherwise`.
uint8_t byte_attribute(std::string_view attributes, uint16_t type, uint8_t otherwise) {
  while (!attributes.empty()) {
    const absl::StatusOr<netlink::Attribute> attribute = netlink::take_attribute(attributes);
    if (!attribute.ok()) break;
    if (attribute->type == type && !attribute->value.empty()) {
      return static_cast<uint8_t>(attribute->value[0]);
    }
  }
  return otherwise;
}

absl::Status add_message(std::string_view payload, SocketList& list) {
  inet_diag_msg message{};
  if (payload.size() < sizeof message) return broken("a socket is cut off");
  std::memcpy(&message, payload.data(), sizeof message);
  if (message.idiag_state != TCP_LISTEN) return absl::OkStatus();
  const bool is_ipv6 = message.idiag_family == AF_INET6;
  if (!is_ipv6 && message.idiag_family != AF_INET) return broken("a socket of another family");
  std::array<uint8_t, sizeof message.id.idiag_src> bytes{};
  std::memcpy(bytes.data(), message.id.idiag_src, bytes.size());
  KernelSocket socket{
      .address = address_text(std::span(bytes).first(is_ipv6 ? bytes.size() : sizeof(in_addr))),
      .port = ntohs(message.id.idiag_sport),
      .inode = message.idiag_inode};
  constexpr uint8_t kOnlyIpv6 = 1;
  socket.both_families =
      socket.address == "::" &&
      byte_attribute(payload.substr(sizeof message), INET_DIAG_SKV6ONLY, kOnlyIpv6) != kOnlyIpv6;
  list.add(std::move(socket));
  return absl::OkStatus();
}

std::string_view take_word(std::string_view& line) {
  line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
  const std::string_view word = line.substr(0, line.find(' '));
  line.remove_prefix(word.size());
  return word;
}

template <typename Number>
bool parse_number(std::string_view text, Number& number, int base) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  return error == std::errc() && end == text.data() + text.size() && !text.empty();
}

// "0100007F:1F90": words of four bytes as they are in memory, then the port.
bool parse_endpoint(std::string_view text, KernelSocket& socket) {
  constexpr size_t kDigits = 8;
  const size_t colon = text.find(':');
  if (colon != kDigits && colon != 4 * kDigits) return false;
  std::array<uint8_t, 16> bytes{};
  for (size_t i = 0; i < colon / kDigits; ++i) {
    uint32_t word = 0;
    if (!parse_number(text.substr(i * kDigits, kDigits), word, 16)) return false;
    std::memcpy(bytes.data() + i * sizeof word, &word, sizeof word);
  }
  socket.address = address_text(std::span(bytes).first(colon / 2));
  return parse_number(text.substr(colon + 1), socket.port, 16);
}

// "0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000 103 0 12345 …"
bool parse_line(std::string_view line, KernelSocket& socket, bool& listens) {
  take_word(line);
  const std::string_view local = take_word(line);
  take_word(line);
  listens = take_word(line) == "0A";
  if (!listens) return false;
  for (int i = 0; i < 5; ++i)
    take_word(line);
  return parse_endpoint(local, socket) && parse_number(take_word(line), socket.inode, 10);
}

}  // namespace

void SocketList::add(KernelSocket socket) {
  if (sockets.size() < kMostListed) {
    sockets.push_back(std::move(socket));
  } else {
    ++omitted;
  }
}

absl::StatusOr<netlink::Step> parse_socket_dump(std::string_view datagram, SocketList& list) {
  constexpr const char* kRefused = "the kernel lists no sockets";
  while (!datagram.empty()) {
    const absl::StatusOr<netlink::Message> message = netlink::take_message(datagram);
    if (!message.ok()) return message.status();
    if (message->type == NLMSG_DONE) {
      if (absl::Status ended = netlink::status_of(*message, kRefused); !ended.ok()) return ended;
      return netlink::Step::kDone;
    }
    if (message->type == NLMSG_ERROR) {
      if (absl::Status said = netlink::status_of(*message, kRefused); !said.ok()) return said;
      return broken("an acknowledgement that nobody asked for");
    }
    constexpr uint16_t kSocketsByFamily = 20;  // SOCK_DIAG_BY_FAMILY
    if (message->type != kSocketsByFamily) return broken("a message of another kind");
    if (absl::Status added = add_message(message->payload, list); !added.ok()) return added;
  }
  return netlink::Step::kMore;
}

SocketList parse_tcp_table(std::string_view text, size_t limit) {
  SocketList list;
  const bool is_whole = text.size() < limit;
  bool listens = false;
  for (bool is_first = true; !text.empty(); is_first = false) {
    const size_t end = text.find('\n');
    // The last line of a text that was cut is not whole.
    if (end == std::string_view::npos) break;
    KernelSocket socket;
    bool line_listens = false;
    if (!is_first && parse_line(text.substr(0, end), socket, line_listens)) {
      list.add(std::move(socket));
    }
    listens = is_first || line_listens;
    text.remove_prefix(end + 1);
  }
  list.cut = !is_whole && listens;
  return list;
}

std::string address_text(std::span<const uint8_t> bytes) {
  constexpr std::array<uint8_t, 12> kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  if (bytes.size() == sizeof(in6_addr) &&
      std::equal(kMapped.begin(), kMapped.end(), bytes.begin())) {
    bytes = bytes.subspan(kMapped.size());
  }
  if (bytes.size() != sizeof(in_addr) && bytes.size() != sizeof(in6_addr)) return {};
  std::array<char, INET6_ADDRSTRLEN> text{};
  ::inet_ntop(bytes.size() == sizeof(in_addr) ? AF_INET : AF_INET6, bytes.data(), text.data(),
              text.size());
  return text.data();
}

}  // namespace muster::sockets
