#include "collector/identity/ca_rotation.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "common/log.h"
#include "common/text.h"
#include "common/timestamp.h"

namespace muster::collector {
namespace {

constexpr size_t kNamesShown = 10;

std::string hosts_text(const std::vector<std::string>& names) {
  return fmt::format("{} host{} ({})", names.size(), names.size() == 1 ? "" : "s",
                     join_some(names, kNamesShown));
}

std::string next_step(const v1::CaStatus& status, size_t hosts) {
  if (status.roots_size() == 1) {
    return "Nothing: no rotation is under way. `muster-collector ca prepare` begins one.";
  }
  if (!status.roots(status.roots_size() - 1).signs()) {
    if (status.hosts_trusting() == hosts) {
      return "Every host trusts the new CA: `muster-collector ca activate` has it sign.";
    }
    return "Wait until the hosts trust the new CA: each is told with its next report. Then "
           "`muster-collector ca activate` has it sign.";
  }
  if (status.roots(status.roots_size() - 1).hosts() == hosts) {
    return "Every host's certificate is of the new CA: `muster-collector ca retire` drops the old "
           "one.";
  }
  return "Wait until the hosts have certificates of the new CA: each renews its own. Then "
         "`muster-collector ca retire` drops the old one.";
}

}  // namespace

CaRotation::CaRotation(const Clock& clock, Authorities& authorities, const Fleet& fleet,
                       std::function<absl::Status()> changed, bool signs_agents)
    : clock_(clock),
      authorities_(authorities),
      fleet_(fleet),
      changed_(std::move(changed)),
      signs_agents_(signs_agents) {}

std::vector<HostTrust> CaRotation::hosts() const {
  return signs_agents_ ? fleet_.host_trusts() : std::vector<HostTrust>();
}

size_t CaRotation::hosts_trusting() const {
  return signs_agents_ ? fleet_.hosts_trusting(authorities_.bundle()->sha256) : 0;
}

v1::CaStatus CaRotation::status() const {
  const Authorities::Root signing = authorities_.signing();
  const std::shared_ptr<const TrustBundle> bundle = authorities_.bundle();
  const std::vector<HostTrust> hosts = this->hosts();
  v1::CaStatus status;
  status.set_trust_bundle_sha256(to_hex(bundle->sha256));
  for (const Authorities::Root& root : authorities_.roots()) {
    v1::CaRoot& shown = *status.add_roots();
    shown.set_sha256(root->sha256());
    shown.set_name(root->name());
    *shown.mutable_not_after() = to_proto(root->not_after());
    shown.set_signs(root->sha256() == signing->sha256());
  }
  for (const HostTrust& host : hosts) {
    if (host.trust_bundle_sha256.empty()) {
      status.set_hosts_not_known(status.hosts_not_known() + 1);
    } else if (host.trust_bundle_sha256 == bundle->sha256) {
      status.set_hosts_trusting(status.hosts_trusting() + 1);
    } else {
      status.set_hosts_trusting_others(status.hosts_trusting_others() + 1);
    }
    const auto root = std::find_if(status.mutable_roots()->begin(), status.mutable_roots()->end(),
                                   [&host](const auto& r) { return r.sha256() == host.ca_sha256; });
    if (root == status.mutable_roots()->end()) {
      status.set_hosts_of_unknown_root(status.hosts_of_unknown_root() + 1);
    } else {
      root->set_hosts(root->hosts() + 1);
    }
  }
  status.set_next(next_step(status, hosts.size()));
  return status;
}

absl::StatusOr<v1::CaStatus> CaRotation::done() {
  if (absl::Status changed = changed_(); !changed.ok()) {
    return absl::Status(
        changed.code(),
        fmt::format("the CAs are changed, but the server certificate could not be replaced, which "
                    "is tried again within the hour: {}",
                    std::string(changed.message())));
  }
  return status();
}

absl::StatusOr<v1::CaStatus> CaRotation::prepare() {
  if (absl::Status status = authorities_.prepare(clock_.now()); !status.ok()) return status;
  const Authorities::Root made = authorities_.roots().back();
  log_info("made a new CA; agents are told to trust it",
           {{"ca_sha256", made->sha256()}, {"not_after", to_iso8601(made->not_after())}});
  return done();
}

absl::StatusOr<v1::CaStatus> CaRotation::activate(const v1::CaChangeRequest& request) {
  const std::vector<Authorities::Root> roots = authorities_.roots();
  if (roots.size() == 1 && request.sha256().empty()) {
    return absl::FailedPreconditionError(
        "there is only one CA, and it signs: `muster-collector ca prepare` makes the next one");
  }
  const std::string wanted = request.sha256().empty() ? roots.back()->sha256() : request.sha256();
  if (!authorities_.signs_now(wanted)) {
    const absl::Status ready = check_activation(hosts(), *authorities_.bundle());
    if (!ready.ok() && !request.force()) return ready;
    if (absl::Status status = authorities_.activate(wanted); !status.ok()) return status;
    log_info("another CA signs from now on", {{"ca_sha256", wanted}});
    if (!ready.ok()) {
      log_warning("it was forced to, although not every host trusts it",
                  {{"hosts", std::string(ready.message())}});
    }
  }
  return done();
}

absl::StatusOr<v1::CaStatus> CaRotation::retire(const v1::CaChangeRequest& request) {
  const Authorities::Root signing = authorities_.signing();
  std::vector<std::string> dropped;
  bool older = false;
  bool before = true;
  for (const Authorities::Root& root : authorities_.roots()) {
    if (root->sha256() == signing->sha256()) {
      before = false;
    } else {
      dropped.push_back(root->sha256());
      older = older || before;
    }
  }
  const absl::Status ready = check_retirement(hosts(), dropped, older);
  if (!ready.ok() && !request.force()) return ready;
  if (absl::Status status = authorities_.retire(); !status.ok()) return status;
  log_info("dropped a CA", {{"ca_sha256", fmt::format("{}", fmt::join(dropped, ","))}});
  if (!ready.ok()) {
    log_warning("it was forced to, although hosts have certificates of it",
                {{"hosts", std::string(ready.message())}});
  }
  return done();
}

absl::Status check_activation(std::span<const HostTrust> hosts, const TrustBundle& bundle) {
  std::vector<std::string> lacking;
  std::vector<std::string> not_known;
  for (const HostTrust& host : hosts) {
    if (!host.reporting || host.trust_bundle_sha256 == bundle.sha256) continue;
    (host.trust_bundle_sha256.empty() ? not_known : lacking).push_back(host.name);
  }
  if (lacking.empty() && not_known.empty()) return absl::OkStatus();
  std::string what;
  if (!lacking.empty()) what = fmt::format("not trusted yet by {}", hosts_text(lacking));
  if (!not_known.empty()) {
    what += fmt::format("{}not known yet of {}", what.empty() ? "" : ", ", hosts_text(not_known));
  }
  return absl::FailedPreconditionError(fmt::format(
      "the new CA cannot sign yet: it is {}. Each host is told with its next report, so "
      "try again in a few minutes. An agent that is too old to learn it must be "
      "upgraded first. --force goes on without them, and they must be enrolled anew "
      "with a token",
      what));
}

absl::Status check_retirement(std::span<const HostTrust> hosts,
                              std::span<const std::string> dropped, bool older) {
  std::vector<std::string> names;
  for (const HostTrust& host : hosts) {
    const bool is_of_it = host.ca_sha256.empty() ? older
                                                 : std::find(dropped.begin(), dropped.end(),
                                                             host.ca_sha256) != dropped.end();
    if (host.reporting && is_of_it) names.push_back(host.name);
  }
  if (names.empty()) return absl::OkStatus();
  return absl::FailedPreconditionError(fmt::format(
      "the CA cannot be dropped yet: the newest certificate of {} is of it, or of which "
      "it is was not noted. Each host renews by itself when it reports, so try again in "
      "a few minutes. --force drops it, and they must be enrolled anew with a token",
      hosts_text(names)));
}

}  // namespace muster::collector
