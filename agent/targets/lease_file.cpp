#include "agent/targets/lease_file.h"

#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <utility>

#include "agent/sealed_bytes.h"
#include "agent/targets/assignments.h"
#include "common/files.h"
#include "common/text.h"
#include "muster/v1/agent_facts.pb.h"

namespace muster::agent {
namespace {

using std::chrono::milliseconds;

constexpr std::string_view kMagic = "muster leases 1\n";
constexpr size_t kFileLimit = 16 << 20;

uint32_t to_milliseconds(Duration duration) {
  return static_cast<uint32_t>(std::chrono::duration_cast<milliseconds>(duration).count());
}

HeldTarget target_of(v1::HeldLease& lease) {
  HeldTarget target;
  target.entity = std::move(*lease.mutable_target());
  target.probe = std::move(*lease.mutable_probe());
  target.address = std::move(*lease.mutable_address());
  target.interval = milliseconds(lease.interval_milliseconds());
  target.timeout = milliseconds(lease.timeout_milliseconds());
  target.not_before = Duration(lease.not_before_microseconds());
  target.valid_until = Duration(lease.valid_until_microseconds());
  return target;
}

}  // namespace

std::string seal_leases(const KeptLeases& leases, std::string_view boot_id) {
  v1::HeldLeases content;
  content.set_boot_id(std::string(boot_id));
  content.set_end_microseconds(leases.end.count());
  content.set_clock_microseconds(leases.clock.at(Duration(0)).time_since_epoch().count());
  for (const HeldTarget& target : leases.targets) {
    v1::HeldLease& lease = *content.add_leases();
    lease.set_target(target.entity);
    lease.set_probe(target.probe);
    lease.set_address(target.address);
    lease.set_interval_milliseconds(to_milliseconds(target.interval));
    lease.set_timeout_milliseconds(to_milliseconds(target.timeout));
    lease.set_not_before_microseconds(target.not_before.count());
    lease.set_valid_until_microseconds(target.valid_until.count());
  }
  return seal(kMagic, content.SerializeAsString());
}

absl::StatusOr<KeptLeases> unseal_leases(std::string_view bytes, std::string_view boot_id) {
  const absl::StatusOr<std::string_view> sealed = unseal(kMagic, bytes);
  if (!sealed.ok()) return sealed.status();
  v1::HeldLeases content;
  if (!content.ParseFromArray(sealed->data(), static_cast<int>(sealed->size()))) {
    return absl::DataLossError("its content is no list of leases");
  }
  if (boot_id.empty() || content.boot_id() != boot_id) {
    return absl::FailedPreconditionError("this machine was started anew since");
  }
  KeptLeases leases;
  leases.end = Duration(content.end_microseconds());
  leases.clock.set(TimePoint(Duration(content.clock_microseconds())), Duration(0));
  for (v1::HeldLease& lease : *content.mutable_leases())
    leases.targets.push_back(target_of(lease));
  return leases;
}

std::string leases_path(const std::string& state_directory) {
  return state_directory + "/leases";
}

std::string read_boot_id() {
  const absl::StatusOr<std::string> id = read_file("/proc/sys/kernel/random/boot_id", 64);
  return id.ok() ? std::string(trim(*id)) : std::string();
}

absl::Status write_leases(const std::string& state_directory, const KeptLeases& leases) {
  return write_file_atomically(leases_path(state_directory), seal_leases(leases, read_boot_id()),
                               0600);
}

absl::StatusOr<KeptLeases> take_leases(const std::string& state_directory) {
  const std::string path = leases_path(state_directory);
  const absl::StatusOr<std::string> bytes = read_file(path, kFileLimit);
  if (absl::IsNotFound(bytes.status())) return bytes.status();
  // What cannot be removed must not be used: it would be used again.
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) {
    return errno_status(errno, "removing " + path);
  }
  if (!bytes.ok()) return bytes.status();
  return unseal_leases(*bytes, read_boot_id());
}

}  // namespace muster::agent
