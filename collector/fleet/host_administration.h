// What operators do to a host: revoke, release, rename, remove it. Each takes the host's turn, so
// that none meets a renewal half way. Any thread; a revocation blocks for a moment on the disk, and
// callbacks come on the caller's or the store's thread.
#pragma once

#include <absl/status/statusor.h>

#include <functional>
#include <string>

#include "collector/fleet/fleet.h"
#include "collector/identity/host_turns.h"
#include "collector/store/revocations.h"
#include "collector/store/store.h"
#include "muster/v1/fleet.pb.h"

namespace muster::collector {

class HostAdministration {
 public:
  // All outlive the object.
  HostAdministration(const Clock& clock, Store& store, Fleet& fleet, Revocations& revocations,
                     HostTurns& turns)
      : clock_(clock), store_(store), fleet_(fleet), revocations_(revocations), turns_(turns) {}

  // Answers with the host as it is then (or was, when it is removed). NotFound: no host has the
  // name. InvalidArgument: a reason of more than 200 bytes, or what cannot be a name.
  using Done = std::function<void(absl::StatusOr<v1::HostSummary>)>;

  // Its certificates are taken no more from here on, also on open connections, whatever becomes of
  // the store's disk.
  void revoke(const std::string& name, const std::string& reason, const Done& done);
  // Ends a quarantine; whoever asks for a certificate next is taken for the host.
  // FailedPrecondition for a host that is not quarantined.
  void release(const std::string& name, const std::string& reason, const Done& done);
  // AlreadyExists: another host has the name.
  void rename(const std::string& name, const std::string& new_name, const Done& done);
  // All that is kept of it goes, and its certificates are taken no more.
  void remove(const std::string& name, const std::string& reason, const Done& done);

 private:
  struct Change {
    std::string host_id;
    std::string name;
    // Of the operator, or the new name.
    std::string text;
    Done done;
    HostTurns::Turn turn = nullptr;
  };
  using Step = void (HostAdministration::*)(const Change&);

  void take_turn(const std::string& name, const std::string& text, const Done& done, Step step);
  void revoke_now(const Change& change);
  void release_now(const Change& change);
  void rename_now(const Change& change);
  void remove_now(const Change& change);
  // It is refused everywhere from here on.
  absl::Status cut_off(const Change& change, Revocation::Kind kind);
  void answer(const Change& change) const;

  const Clock& clock_;
  Store& store_;
  Fleet& fleet_;
  Revocations& revocations_;
  HostTurns& turns_;
};

}  // namespace muster::collector
