#include "collector/fleet/host_administration.h"

#include <fmt/format.h>

#include <utility>

#include "collector/identity/host_name.h"
#include "common/log.h"
#include "common/text.h"

namespace muster::collector {
namespace {

absl::Status no_such_host(std::string_view name) {
  return absl::NotFoundError(fmt::format(
      "no host is called \"{}\"; `muster-collector host list` shows all", printable(name, 300)));
}

absl::Status check_reason(const std::string& reason) {
  if (reason.size() <= kRevocationReasonLimit && is_valid_utf8(reason)) return absl::OkStatus();
  return absl::InvalidArgumentError(
      fmt::format("a reason is UTF-8 of at most {} bytes", kRevocationReasonLimit));
}

}  // namespace

void HostAdministration::take_turn(const std::string& name, const std::string& text,
                                   const Done& done, Step step) {
  const std::optional<std::string> host_id = fleet_.id_of(name);
  if (!host_id) return done(no_such_host(name));
  Change change{.host_id = *host_id, .name = name, .text = text, .done = done};
  const absl::Status status =
      turns_.take(*host_id, [this, change, step](const HostTurns::Turn& turn) {
        // Renamed or removed while this waited.
        if (fleet_.id_of(change.name) != change.host_id) {
          return change.done(no_such_host(change.name));
        }
        Change mine = change;
        mine.turn = turn;
        (this->*step)(mine);
      });
  if (!status.ok()) done(status);
}

void HostAdministration::answer(const Change& change) const {
  std::optional<v1::HostSummary> summary = fleet_.host_summary(change.host_id);
  if (!summary) return change.done(no_such_host(change.name));
  change.done(*std::move(summary));
}

void HostAdministration::revoke(const std::string& name, const std::string& reason,
                                const Done& done) {
  if (absl::Status status = check_reason(reason); !status.ok()) return done(status);
  take_turn(name, reason, done, &HostAdministration::revoke_now);
}

void HostAdministration::release(const std::string& name, const std::string& reason,
                                 const Done& done) {
  if (absl::Status status = check_reason(reason); !status.ok()) return done(status);
  take_turn(name, reason, done, &HostAdministration::release_now);
}

void HostAdministration::rename(const std::string& name, const std::string& new_name,
                                const Done& done) {
  if (absl::Status status = check_host_name(new_name); !status.ok()) return done(status);
  take_turn(name, new_name, done, &HostAdministration::rename_now);
}

void HostAdministration::remove(const std::string& name, const std::string& reason,
                                const Done& done) {
  if (absl::Status status = check_reason(reason); !status.ok()) return done(status);
  take_turn(name, reason, done, &HostAdministration::remove_now);
}

absl::Status HostAdministration::cut_off(const Change& change, Revocation::Kind kind) {
  const TimePoint now = clock_.now();
  absl::Status status =
      revocations_.add({.kind = kind, .host_id = change.host_id, .at = now, .reason = change.text});
  if (!status.ok()) return status;
  IdentityRecord identity = fleet_.identity_of(change.host_id).value_or(IdentityRecord());
  identity.standing = Standing::kRevoked;
  identity.reason = change.text;
  identity.since = now;
  identity.adopts_next = false;
  fleet_.set_identity(change.host_id, std::move(identity));
  return absl::OkStatus();
}

void HostAdministration::revoke_now(const Change& change) {
  const std::optional<IdentityRecord> before = fleet_.identity_of(change.host_id);
  if (before && before->standing == Standing::kRevoked) return answer(change);
  if (absl::Status status = cut_off(change, Revocation::Kind::kRevoked); !status.ok()) {
    return change.done(status);
  }
  log_info("host revoked",
           {{"host", change.name}, {"host_id", change.host_id}, {"reason", change.text}});
  store_.put_identity(
      change.host_id, fleet_.identity_of(change.host_id).value_or(IdentityRecord()),
      [this, change](const absl::Status& status) {
        if (!status.ok()) {
          log_warning("the store cannot take the revocation; it holds, and is tried at each start",
                      {{"host", change.name}, {"error", std::string(status.message())}});
        }
        answer(change);
      });
}

void HostAdministration::release_now(const Change& change) {
  IdentityRecord identity = fleet_.identity_of(change.host_id).value_or(IdentityRecord());
  if (identity.standing == Standing::kRevoked) {
    return change.done(absl::FailedPreconditionError(fmt::format(
        "the host {} is revoked, and a revocation is not taken back. If it is to join again, "
        "remove it (`muster-collector host remove {}`) and enrol it anew",
        change.name, change.name)));
  }
  if (identity.standing == Standing::kActive) {
    return change.done(absl::FailedPreconditionError(
        fmt::format("the host {} is not quarantined: there is nothing to release", change.name)));
  }
  identity.standing = Standing::kActive;
  identity.reason.clear();
  identity.since.reset();
  identity.adopts_next = true;
  store_.put_identity(
      change.host_id, identity, [this, change, identity](const absl::Status& status) {
        if (!status.ok()) return change.done(status);
        fleet_.set_identity(change.host_id, identity);
        log_info("host released from its quarantine",
                 {{"host", change.name}, {"host_id", change.host_id}, {"reason", change.text}});
        answer(change);
      });
}

void HostAdministration::rename_now(const Change& change) {
  const std::string& new_name = change.text;
  if (new_name == change.name) return answer(change);
  const absl::Status taken =
      absl::AlreadyExistsError(fmt::format("another host is called {} already", new_name));
  if (fleet_.id_of(new_name).has_value()) return change.done(taken);
  store_.rename_host(change.host_id, new_name, [this, change, taken](const absl::Status& status) {
    // By one that is just joining.
    if (absl::IsAlreadyExists(status)) return change.done(taken);
    if (!status.ok()) return change.done(status);
    fleet_.rename_host(change.host_id, change.text);
    log_info("host renamed",
             {{"host", change.text}, {"host_id", change.host_id}, {"before", change.name}});
    answer(change);
  });
}

void HostAdministration::remove_now(const Change& change) {
  const std::optional<v1::HostSummary> before = fleet_.host_summary(change.host_id);
  if (!before) return change.done(no_such_host(change.name));
  if (absl::Status status = cut_off(change, Revocation::Kind::kRemoved); !status.ok()) {
    return change.done(status);
  }
  store_.remove_host(change.host_id, [this, change, before](const absl::Status& status) {
    if (!status.ok() && !absl::IsNotFound(status)) {
      return change.done(absl::Status(
          status.code(), fmt::format("the host {} is refused from now on, but what is kept of "
                                     "it is still there; remove it again later: {}",
                                     change.name, std::string(status.message()))));
    }
    fleet_.remove_host(change.host_id);
    log_info("host removed",
             {{"host", change.name}, {"host_id", change.host_id}, {"reason", change.text}});
    change.done(*before);
  });
}

}  // namespace muster::collector
