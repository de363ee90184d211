// Hosts of a site's own CA: nobody enrols them, so each is added when it first reports. Any thread;
// the callback comes on the store's thread.
#pragma once

#include <absl/status/status.h>

#include <functional>
#include <mutex>
#include <set>
#include <string>

#include "collector/fleet/fleet.h"
#include "collector/store/revocations.h"
#include "collector/store/store.h"
#include "common/clock.h"

namespace muster::collector {

class Newcomers {
 public:
  // All outlive it, and the store's callbacks too.
  Newcomers(const Clock& clock, Store& store, Fleet& fleet, const Revocations& revocations)
      : clock_(clock), store_(store), fleet_(fleet), revocations_(revocations) {}

  // Adds the host that a certificate names so. PermissionDenied: one of this name was removed or
  // revoked. ResourceExhausted: the disk is full.
  void add(const std::string& certificate_name, std::function<void(absl::Status)> done);

 private:
  absl::StatusOr<std::string> reserve_name(const std::string& wish);

  const Clock& clock_;
  Store& store_;
  Fleet& fleet_;
  const Revocations& revocations_;

  std::mutex mutex_;
  // Names of hosts that are being added. Guarded by mutex_; the fleet's locks may be taken under
  // it.
  std::set<std::string> reserved_;
};

}  // namespace muster::collector
