// Facts of the probes restart and lifecycle, and kernels, for tests.
#pragma once

#include <string>
#include <string_view>

#include "muster/v1/lifecycle_facts.pb.h"
#include "muster/v1/restart_facts.pb.h"
#include "tests/common/policy/facts.h"

namespace muster::testing {

struct Kernel {
  std::string release;
  std::string version;
  std::string flavour;
  std::string build = {};
};

inline void add_kernel(v1::PackageFacts& facts, const Kernel& kernel) {
  v1::InstalledKernel& installed = *facts.add_kernels();
  installed.set_package("linux-image-" + kernel.release);
  installed.set_version(kernel.version);
  installed.set_release(kernel.release);
  installed.set_flavour(kernel.flavour);
  installed.set_build(kernel.build);
}

inline v1::RepositoryKey& add_key(v1::PackageFacts& facts, std::string_view repository,
                                  v1::RepositoryKeyState state) {
  v1::RepositoryKey& key = *facts.add_repository_keys();
  key.set_repository(std::string(repository));
  key.set_state(state);
  return key;
}

// Of a host where every rule about packages has something to say, and all is well.
inline v1::PackageFacts whole_apt_facts() {
  v1::PackageFacts facts = apt_facts();
  add_kernel(facts, {"6.1.0-28-amd64", "6.1.119-1", "amd64", "6.1.119-1"});
  v1::AutomaticUpdateState& automatic = *facts.mutable_automatic_updates();
  automatic.set_mechanism("unattended-upgrades");
  automatic.set_state(v1::AUTOMATIC_UPDATES_ON);
  automatic.set_takes_security(true);
  *automatic.mutable_last_success_at() = to_proto(kNow - hours(6));
  add_key(facts, "bookworm-security", v1::REPOSITORY_KEY_STATE_VALID);
  return facts;
}

// The kernel of whole_apt_facts runs, and nothing waits.
inline v1::RestartFacts restart_facts() {
  v1::RestartFacts facts;
  v1::RunningKernel& kernel = *facts.mutable_kernel();
  kernel.set_release("6.1.0-28-amd64");
  kernel.set_version("#1 SMP PREEMPT_DYNAMIC Debian 6.1.119-1 (2024-11-22)");
  kernel.set_state(v1::RESTART_STATE_CURRENT);
  facts.mutable_microcode()->set_state(v1::RESTART_STATE_CURRENT);
  facts.set_processes(80);
  return facts;
}

inline v1::SupportPeriod& add_period(v1::LifecycleFacts& facts, std::string_view programme,
                                     TimePoint ends_at, v1::SupportCoverage coverage,
                                     std::string_view component = {}) {
  v1::SupportPeriod& period = *facts.add_periods();
  period.set_programme(std::string(programme));
  *period.mutable_ends_at() = to_proto(ends_at);
  period.set_coverage(coverage);
  period.set_component(std::string(component));
  return period;
}

// A distribution whose support lasts for two years.
inline v1::LifecycleFacts lifecycle_facts() {
  v1::LifecycleFacts facts;
  facts.set_os_id("debian");
  facts.set_os_version_id("12");
  facts.set_os_pretty_name("Debian GNU/Linux 12 (bookworm)");
  add_period(facts, "lts", kNow + days(730), v1::SUPPORT_COVERAGE_INCLUDED);
  return facts;
}

}  // namespace muster::testing
