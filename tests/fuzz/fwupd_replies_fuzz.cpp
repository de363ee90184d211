// Any bytes as what the system bus writes once it has let the probe in: the look ends, and whatever
// it takes keeps the bounds. What comes before is left as it must be: by one line too many sd-bus
// (systemd 252) ends its process, which the probe leaves to it.
#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "agent/probes/firmware_fwupd/dictionaries.h"
#include "agent/probes/firmware_fwupd/fwupd_look.h"
#include "common/text.h"
#include "muster/v1/fwupd_facts.pb.h"

namespace {

namespace fwupd = muster::fwupd;

void require(bool holds) {
  if (!holds) std::abort();
}
void require_few(int size, size_t most) {
  require(static_cast<size_t>(size) <= most);
}
void require_text(const std::string& text) {
  require(text.size() <= fwupd::kLongestText && muster::is_valid_utf8(text));
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer gives the name.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::array<int, 2> ends{};
  require(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) == 0);
  const muster::Descriptor peer(ends[1]);
  constexpr std::string_view kLetIn = "DATA\r\nOK 0123456789abcdef0123456789abcdef\r\n";
  require(::send(peer.get(), kLetIn.data(), kLetIn.size(), MSG_NOSIGNAL) > 0);
  // What does not fit is cut off.
  (void)::send(peer.get(), data, size, MSG_NOSIGNAL | MSG_DONTWAIT);
  ::shutdown(peer.get(), SHUT_WR);
  const muster::v1::Section section =
      fwupd::look_at_fwupd(muster::Descriptor(ends[0]), std::chrono::seconds(5));
  require(section.outcome() == muster::v1::OUTCOME_OBSERVED || !section.reason().empty());
  muster::v1::FwupdFacts facts;
  require(facts.ParseFromString(section.facts()));
  require_few(facts.devices_size(), fwupd::kMostDevices);
  require_few(facts.security_attributes_size(), fwupd::kMostAttributes);
  require_few(facts.remotes_size(), fwupd::kMostRemotes);
  require_few(facts.unreadable_size(), fwupd::kMostUnreadable);
  require_text(facts.daemon_version());
  require_text(facts.host_security_id());
  for (const muster::v1::FwupdDevice& device : facts.devices()) {
    require_few(device.guids_size(), fwupd::kMostTexts);
    require_few(device.upgrades_size(), fwupd::kMostReleases);
    require_text(device.name());
    require_text(device.failed_update());
  }
  return 0;
}
