// What /api/v1/updates costs a collector with a large fleet, and what a report waits for it:
//
//   update_list_cost [HOSTS [UPDATES]]     100,000 hosts with 50 updates each, if nothing is said
//
// Hosts and packages as tests/simulator has them, with the built-in policy, in memory without a
// store.
#include <fmt/format.h>
#include <google/protobuf/util/json_util.h>
#include <sys/resource.h>
#include <time.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <string>
#include <thread>
#include <utility>

#include "collector/fleet/fleet.h"
#include "common/digest.h"
#include "common/policy/policy_file.h"
#include "common/text.h"
#include "common/timestamp.h"
#include "tests/simulator/linux_servers.h"

namespace muster::collector {
namespace {

using Clock = std::chrono::steady_clock;

double cpu_seconds() {
  timespec used{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
  return static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) / 1e9;
}

double peak_mebibytes() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

std::string host_id(size_t number) {
  return to_hex(sha256(std::to_string(number))).substr(0, 32);
}

StoredHost stored_host(const simulator::LinuxServers& servers, size_t number, TimePoint now) {
  StoredHost stored;
  stored.host.id = host_id(number);
  stored.host.name = simulator::simulated_host_name(number);
  stored.host.enrolled_at = now;
  stored.host.last_sync_at = now;
  for (size_t probe = 0; probe < servers.probes().size(); ++probe) {
    SectionRecord& record = stored.sections.emplace_back();
    record.sequence = 1;
    record.state.probe = servers.probes()[probe];
    apply_look(record.state, servers.look(number, probe, 1, now), now);
    record.state.digest = sha256(record.state.facts);
  }
  return stored;
}

// Reports of one host after the other, as fast as they come. Returns what the slowest waited.
double longest_report(Fleet& fleet, size_t hosts, const std::atomic<bool>& done) {
  double longest = 0;
  for (size_t number = 0; !done; number = (number + 7919) % hosts) {
    v1::SyncRequest request;
    request.set_epoch(1);
    *request.mutable_sent_at() = to_proto(SystemClock().now());
    const auto start = Clock::now();
    absl::StatusOr<SyncPlan> plan = fleet.plan_sync(host_id(number), request);
    if (plan.ok()) fleet.apply_sync(*std::move(plan), request);
    longest = std::max(longest, std::chrono::duration<double>(Clock::now() - start).count());
  }
  return longest;
}

int run(size_t hosts, size_t updates) {
  const SystemClock clock;
  const TimePoint now = clock.now();
  const simulator::LinuxServers servers({.updates = updates}, now);
  Fleet fleet(clock, std::make_shared<const policy::Policy>(policy::default_policy()),
              {.save_memory = [](const std::string&, const policy::FirstSeen&,
                                 const Store::Done& done) { done(absl::OkStatus()); }});
  for (size_t number = 0; number < hosts; ++number) {
    std::vector<StoredHost> one;
    one.push_back(stored_host(servers, number, now));
    fleet.load(std::move(one));
  }
  const double before = peak_mebibytes();

  std::atomic<bool> done = false;
  double longest = 0;
  std::thread reports([&] { longest = longest_report(fleet, hosts, done); });
  const double start = cpu_seconds();
  const v1::UpdateList list = fleet.list_updates();
  const double walked = cpu_seconds();
  done = true;
  reports.join();
  std::string json;
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  options.always_print_primitive_fields = true;
  const double begun = cpu_seconds();
  (void)google::protobuf::util::MessageToJsonString(list, &json, options);
  fmt::print(
      "{} hosts, {} updates each: {:.2f} s CPU to walk them, {:.2f} s to write {:.1f} MiB of JSON "
      "({} source packages, {} hosts known)\n",
      hosts, updates, walked - start, cpu_seconds() - begun,
      static_cast<double>(json.size()) / 1048576, list.update_count(), list.hosts_known());
  fmt::print(
      "peak memory: {:.0f} MiB before, {:.0f} MiB after; the slowest report meanwhile "
      "waited {:.1f} ms\n",
      before, peak_mebibytes(), longest * 1000);
  return list.hosts_known() == hosts ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace
}  // namespace muster::collector

int main(int argc, char** argv) {
  constexpr size_t kHosts = 100'000;
  constexpr size_t kUpdates = 50;
  return muster::collector::run(argc > 1 ? std::strtoul(argv[1], nullptr, 10) : kHosts,
                                argc > 2 ? std::strtoul(argv[2], nullptr, 10) : kUpdates);
}
