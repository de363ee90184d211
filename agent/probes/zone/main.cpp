// muster-probe-zone: how a domain's name servers answer, whether it is signed, and what it says of
// its mail. See README.md.
#include "agent/probes/network/network_probe.h"
#include "agent/probes/zone/zone_target_look.h"

namespace {

constexpr muster::probe::Description kDescription = {
    .name = "zone",
    .summary = "Reports how the name servers of zones answer, and what zones say of mail.",
    .settings = {},
};

constexpr uint16_t kDns = 53;

boost::asio::awaitable<std::optional<muster::v1::Section>> look_at(
    muster::network_probe::Look& look) {
  return muster::zone::look_at_target(look, kDns);
}

}  // namespace

int main(int argc, char** argv) {
  return muster::network_probe::run(argc, argv, kDescription, &look_at);
}
