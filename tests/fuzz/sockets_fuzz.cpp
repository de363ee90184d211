// Any bytes as what the kernel says of its sockets, as its table of them, as the launcher's table
// of whose they are, and as the sections that the probe "listeners" is given.
#include <google/protobuf/stubs/logging.h>

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "agent/probes/listeners/given_sections.h"
#include "agent/probes/sockets/kernel_sockets.h"
#include "agent/probes/sockets/socket_look.h"
#include "common/text.h"
#include "muster/v1/listener_facts.pb.h"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

void check(const muster::v1::SocketOwner& owner) {
  for (const std::string* text :
       {&owner.program(), &owner.executable(), &owner.unit(), &owner.container(), &owner.error()}) {
    require(muster::printable(*text, 4096) == *text);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  namespace sockets = muster::sockets;
  static const google::protobuf::LogSilencer kSilence;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  sockets::SocketList list;
  static_cast<void>(sockets::parse_socket_dump(bytes, list));
  for (const sockets::KernelSocket& socket : list.sockets)
    require(!socket.address.empty());
  const sockets::SocketList text = sockets::parse_tcp_table(bytes, size);
  for (const sockets::KernelSocket& socket : text.sockets)
    require(!socket.address.empty());
  const muster::v1::Section section = sockets::look_at_sockets(list, bytes);
  muster::v1::SocketFacts facts;
  require(facts.ParseFromString(section.facts()));
  require(facts.sockets_size() <= static_cast<int>(sockets::kMostSockets));
  for (const muster::v1::ListeningSocket& socket : facts.sockets())
    check(socket.owner());
  static_cast<void>(muster::listeners::read_given(bytes));
  static_cast<void>(muster::listeners::given_by_hand(bytes));
  return 0;
}
