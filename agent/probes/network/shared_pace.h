// The rates that all runs of network probes of this host keep together: memory that the launcher
// gives each of them (kPaceDescriptor), with up to when each rate is used. Nobody waits for
// another in it, so that a run that is killed holds up no other; and what nobody could have written
// there counts for nothing, so that one that was taken over cannot keep the others from looking for
// longer than it runs.
#pragma once

#include <absl/status/statusor.h>

#include <boost/asio/ip/address.hpp>
#include <memory>
#include <optional>

#include "common/clock.h"

namespace muster::network_probe {

class SharedPace {
 public:
  // Null where the descriptor is closed, as it is by hand.
  static absl::StatusOr<std::unique_ptr<SharedPace>> open(int descriptor);
  SharedPace(const SharedPace&) = delete;
  SharedPace& operator=(const SharedPace&) = delete;
  ~SharedPace();

  // Why an attempt has to wait, and until when; then it may be tried again.
  struct Wait {
    bool for_address = false;
    Duration until{0};
  };
  // An attempt to dial the address now, an uptime: at most so many in any second in all, and to
  // one address. Addresses of one place in memory, one in 65,000, share their rate. Unset: it is
  // made.
  std::optional<Wait> take(const boost::asio::ip::address& address, size_t per_second,
                           size_t per_address_per_second, Duration now);

 private:
  struct Memory;
  explicit SharedPace(Memory& memory) : memory_(memory) {}

  Memory& memory_;
};

}  // namespace muster::network_probe
