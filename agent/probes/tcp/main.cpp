// muster-probe-tcp: whether something answers at a target's address. See README.md.
#include "agent/probes/network/network_probe.h"
#include "agent/probes/tcp/tcp_look.h"

namespace {

constexpr muster::probe::Description kDescription = {
    .name = "tcp",
    .summary = "Reports whether targets accept TCP connections, and how fast.",
    .settings = {},
};

}  // namespace

int main(int argc, char** argv) {
  return muster::network_probe::run(argc, argv, kDescription, &muster::look_at_tcp);
}
