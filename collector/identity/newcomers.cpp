#include "collector/identity/newcomers.h"

#include <fmt/format.h>

#include <utility>

#include "collector/identity/certificate_names.h"
#include "common/log.h"

namespace muster::collector {
namespace {

// Hosts of one name; the others were renamed to it, or enrolled before the site had its own CA.
constexpr size_t kMostSuffix = 1000;

}  // namespace

absl::StatusOr<std::string> Newcomers::reserve_name(const std::string& wish) {
  const std::lock_guard guard(mutex_);
  for (size_t number = 1; number <= kMostSuffix; ++number) {
    std::string name = number == 1 ? wish : fmt::format("{}-{}", wish, number);
    if (reserved_.contains(name) || fleet_.id_of(name).has_value()) continue;
    reserved_.insert(name);
    return name;
  }
  return absl::ResourceExhaustedError(
      fmt::format("{} hosts are called {} already", kMostSuffix, wish));
}

void Newcomers::add(const std::string& certificate_name, std::function<void(absl::Status)> done) {
  HostRecord host;
  host.id = host_id_of_name(certificate_name);
  for (const Revocation& one : revocations_.all()) {
    if (one.host_id != host.id) continue;
    return done(absl::PermissionDeniedError(fmt::format(
        "the host {} was {}: give it a certificate with another name, or take its line out of the "
        "file `revocations` while the collector is stopped",
        certificate_name, one.kind == Revocation::Kind::kRevoked ? "revoked" : "removed")));
  }
  absl::StatusOr<std::string> name = reserve_name(certificate_name);
  if (!name.ok()) return done(name.status());
  host.name = *std::move(name);
  host.enrolled_at = clock_.now();
  store_.add_host(host, [this, host, done = std::move(done)](const absl::Status& status) {
    if (status.ok()) {
      fleet_.add_host(host);
      log_info("a host of the site's own CA reports for the first time",
               {{"host", host.name}, {"host_id", host.id}});
    }
    {
      const std::lock_guard guard(mutex_);
      reserved_.erase(host.name);
    }
    done(status);
  });
}

}  // namespace muster::collector
