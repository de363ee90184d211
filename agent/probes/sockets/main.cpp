// muster-probe-sockets: which TCP sockets listen, and whose they are. See README.md.
#include "agent/probes/probe_program.h"
#include "agent/probes/sockets/socket_look.h"

namespace {

constexpr muster::probe::Description kDescription = {
    .name = "sockets",
    .summary = "Reports which TCP sockets listen on this host, and whose they are.",
    .settings = {},
};

}  // namespace

int main(int argc, char** argv) {
  return muster::probe::run(argc, argv, kDescription, [](const muster::v1::ProbeRequest& request) {
    if (!request.root().empty()) {
      return muster::probe::not_applicable("nothing listens in an image at rest");
    }
    // Asked before the table is made by hand: a socket that opens between the two has no owner yet,
    // and the next look knows it.
    const auto asked = muster::sockets::ask_for_sockets();
    return muster::sockets::look_at_sockets(asked, muster::sockets::take_socket_table());
  });
}
