// Every HTTP endpoint of the collector, in one visible table. Each is a function of a request and
// what the collector knows.
#pragma once

#include <prometheus/collectable.h>
#include <prometheus/registry.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "collector/fleet/fleet.h"
#include "collector/fleet/target_fleet.h"
#include "collector/http/known_passwords.h"
#include "collector/http/message.h"
#include "collector/http/refused.h"
#include "collector/identity/enrolment.h"
#include "collector/identity/enrolment_log.h"
#include "common/clock.h"

namespace muster::collector {
class CaRotation;
class HostAdministration;
}  // namespace muster::collector

namespace muster::collector {
class Renewal;
class RenewalLog;
}  // namespace muster::collector

namespace muster::collector::http {

// What endpoints speak to. All outlive the handler.
struct EndpointContext {
  Fleet& fleet;
  Enrolment& enrolment;
  // The collector's own metrics (muster_collector_*).
  prometheus::Registry& registry;
  // What it tells of the policy and of the whole fleet beside these; null: nothing.
  const prometheus::Collectable* policy_metrics = nullptr;
  const Clock& clock;
  // False until the store is loaded, and again while stopping.
  std::function<bool()> ready;
  // Reads policy, certificates and lists again: what is to be said of it, where it took all of
  // them; else what stays as it was, and why.
  std::function<absl::StatusOr<std::string>()> reload;
  // The policy in force, as its file is written (YAML, with its comments).
  std::function<std::string()> policy_text;
  // User name to bcrypt hash ("$2y$…"). Empty: everything but enrolment, health and the runbooks
  // answers on loopback only.
  std::map<std::string, std::string> users;
  // Host and port that Prometheus reaches the collector at, for /sd/hosts.
  std::string advertised_address;
  bool tls = true;
  // Told of wrong passwords.
  std::function<void(Refused)> refused = nullptr;
  // Those of the users above; null: none yet. Shared with the context that a reload makes.
  std::shared_ptr<KnownPasswords> known_passwords = nullptr;
  // Null where nobody enrols: without the collector running.
  EnrolmentLog* enrolment_log = nullptr;
  // Null where certificates are made by others, or nobody renews.
  Renewal* renewal = nullptr;
  RenewalLog* renewal_log = nullptr;
  // Null where nobody administers them.
  HostAdministration* hosts = nullptr;
  // Whether hosts join with tokens; false where their certificates come from elsewhere.
  bool enrols = true;
  // Null where there is no CA to rotate.
  CaRotation* rotation = nullptr;
  // How each source of the inventory stands.
  std::function<std::vector<v1::InventorySource>()> inventory_sources = nullptr;
  // Null where there are none.
  TargetFleet* targets = nullptr;
  // Puts a backup together; see backup_snapshot.h.
  std::function<absl::StatusOr<v1::BackupSnapshot>()> snapshot = nullptr;
};

// The handler of the HTTPS port. `context` outlives it. What takes long (a password's hash, a whole
// fleet's metrics, a reload) runs on two threads of its own; the destructor waits for them.
Handler make_endpoints(EndpointContext& context);

// The handler of the administration socket: all of the above without authentication, and the verbs.
Handler make_administration_endpoints(EndpointContext& context);

}  // namespace muster::collector::http
