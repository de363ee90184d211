// A fleet that has reported, for the bench metrics_scrape.
//
//   fleet_for_scrapes fill DIRECTORY HOSTS   writes it into the store of a collector that does not
//                                            run; `muster-collector serve` takes it from there
//   fleet_for_scrapes serve DIRECTORY        loads such a store and serves it with the collector's
//                                            own endpoints and HTTPS, without gRPC: prints the
//                                            port, then at each line on stdin lets every host
//                                            report that nothing has changed, and answers with a
//                                            line
//
// The second is for what ten thousand agents do every minute, done in a fraction of a second.
#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <cstdio>
#include <iostream>
#include <string>
#include <thread>

#include "collector/fleet/fleet.h"
#include "collector/http/endpoints.h"
#include "collector/http/server.h"
#include "collector/identity/authorities.h"
#include "collector/service/policy_source.h"
#include "collector/service/state_files.h"
#include "collector/store/store_sqlite.h"
#include "common/digest.h"
#include "common/files.h"
#include "common/text.h"
#include "common/timestamp.h"
#include "muster/v1/agent_facts.pb.h"
#include "muster/v1/certificate_facts.pb.h"
#include "muster/v1/host_facts.pb.h"
#include "muster/v1/package_facts.pb.h"

namespace muster::collector {
namespace {

using std::chrono::hours;

std::string host_id(int number) {
  return to_hex(sha256(std::to_string(number))).substr(0, 32);
}

template <typename Facts>
SectionRecord observed(const std::string& probe, const Facts& facts, TimePoint now) {
  SectionRecord record;
  record.sequence = 1;
  record.state.probe = probe;
  record.state.outcome = v1::OUTCOME_OBSERVED;
  record.state.looked_at = now;
  record.state.observed_at = now;
  record.state.facts_type = Facts::descriptor()->full_name();
  record.state.facts = facts.SerializeAsString();
  record.state.digest = sha256(record.state.facts);
  return record;
}

void add_measurement(std::vector<v1::Measurement>& measurements, const std::string& name,
                     double value, const std::string& subject = {}) {
  v1::Measurement& measurement = measurements.emplace_back();
  measurement.set_name(name);
  measurement.set_subject(subject);
  measurement.set_value(value);
}

// What the agent of a host measures at its `round`th report.
std::vector<v1::Measurement> measurements(int number, int round) {
  std::vector<v1::Measurement> all;
  double duration = 0.0104 + number % 97 / 9973.0;
  for (const char* probe : {"host", "packages-apt", "certificates"}) {
    add_measurement(all, "probe_duration_seconds", duration *= 3, probe);
    add_measurement(all, "probe_runs_total", 20 + number % 31, probe);
    add_measurement(all, "probe_failures_total", 0, probe);
    add_measurement(all, "probe_confirmed_total", 300 + number % 53 + round, probe);
  }
  add_measurement(all, "outbox_entries", 0);
  add_measurement(all, "outbox_bytes", 0);
  add_measurement(all, "outbox_dropped_total", 0);
  add_measurement(all, "outbox_damaged_total", 0);
  add_measurement(all, "resident_memory_bytes", 11534336 + 4096 * ((number + round) % 200));
  return all;
}

SectionRecord agent_section(int number, TimePoint now) {
  v1::AgentFacts facts;
  facts.set_version("0.1.0");
  *facts.mutable_started_at() = to_proto(now - hours(5) - std::chrono::milliseconds(number));
  *facts.mutable_certificate_not_after() = to_proto(now + hours(1500 + number % 500));
  SectionRecord record = observed("agent", facts, now);
  record.state.measurements = measurements(number, 0);
  return record;
}

SectionRecord host_section(int number, TimePoint now) {
  v1::HostFacts facts;
  facts.set_os_id("debian");
  facts.set_os_version_id("12");
  facts.set_os_pretty_name("Debian GNU/Linux 12 (bookworm)");
  facts.set_kernel_release(number % 7 == 0 ? "6.1.0-27-amd64" : "6.1.0-28-amd64");
  facts.set_architecture("x86_64");
  facts.set_virtualization(v1::VIRTUALIZATION_VIRTUAL_MACHINE);
  facts.set_virtualization_technology("kvm");
  facts.set_vendor("QEMU");
  facts.set_model("Standard PC (Q35 + ICH9, 2009)");
  *facts.mutable_boot_time() = to_proto(now - hours(480) - std::chrono::seconds(number));
  return observed("host", facts, now);
}

// Every third host has updates that wait.
SectionRecord packages_section(int number, TimePoint now) {
  v1::PackageFacts facts;
  facts.set_manager("apt");
  facts.set_installed(480 + number % 61);
  facts.set_lists_present(true);
  facts.set_obsolete(number % 4);
  facts.set_third_party(number % 11);
  *facts.mutable_lists_updated_at() = to_proto(now - hours(1) - std::chrono::seconds(number));
  for (int i = 0; number % 3 == 0 && i < 12; ++i) {
    v1::PendingUpdate& update = *facts.add_pending_updates();
    update.set_package(fmt::format("libexample{}-{}", i, number % 5));
    update.set_architecture("amd64");
    update.set_installed_version("1.2.3-4+deb12u1");
    update.set_candidate_version("1.2.3-4+deb12u2");
    update.set_security(i % 4 == 0 ? v1::SECURITY_YES : v1::SECURITY_NO);
    update.set_would_install(true);
  }
  return observed("packages-apt", facts, now);
}

SectionRecord certificates_section(int number, TimePoint now) {
  v1::CertificateFacts facts;
  v1::CertificateFile& file = *facts.add_files();
  file.set_path(fmt::format("/etc/ssl/private/web{:05}.example.org.pem", number));
  v1::Certificate& certificate = *file.add_certificates();
  certificate.set_common_name(fmt::format("web{:05}.example.org", number));
  certificate.set_sha256(to_hex(sha256(certificate.common_name())));
  *certificate.mutable_not_before() = to_proto(now - hours(24 * 20 + number % 97));
  *certificate.mutable_not_after() = to_proto(now + hours(24 * 70 - number % 97));
  return observed("certificates", facts, now);
}

void check(const absl::Status& status) {
  if (status.ok()) return;
  fmt::print(stderr, "fleet_for_scrapes: {}\n", std::string(status.message()));
  std::exit(1);
}

template <typename Value>
Value take(absl::StatusOr<Value> value) {
  check(value.status());
  return *std::move(value);
}

void fill(const std::string& directory, int hosts) {
  const TimePoint now = SystemClock().now();
  const std::unique_ptr<StoreSqlite> store =
      take(StoreSqlite::open({.path = StateFiles(directory).store,
                              .queue_operations = 4 * static_cast<size_t>(hosts),
                              .queue_bytes = size_t{1} << 31}));
  for (int number = 0; number < hosts; ++number) {
    HostRecord host;
    host.id = host_id(number);
    host.name = fmt::format("web{:05}.example.org", number);
    host.labels = {{"role", "web"}};
    host.enrolled_at = now - hours(1000);
    store->add_host(host, check);
    SyncWrite write{.host_id = host.id, .epoch = 1, .synced_at = now, .sections = {}};
    write.clock_offset_seconds = 0.001 * (number % 13);
    write.sections = {agent_section(number, now), host_section(number, now),
                      packages_section(number, now), certificates_section(number, now)};
    store->commit_sync(std::move(write), check);
  }
}

v1::SyncRequest heartbeat(const std::vector<SectionRecord>& sections, int number, int round,
                          TimePoint now) {
  v1::SyncRequest request;
  request.set_epoch(1);
  *request.mutable_sent_at() = to_proto(now);
  for (const SectionRecord& section : sections) {
    v1::SectionVersion& version = *request.add_versions();
    version.set_probe(section.state.probe);
    version.set_sequence(section.sequence);
    version.set_outcome(section.state.outcome);
    version.set_facts_type(section.state.facts_type);
    version.set_digest(section.state.digest);
    *version.mutable_observed_at() = to_proto(now);
    if (section.state.probe != "agent") continue;
    const std::vector<v1::Measurement> all = measurements(number, round);
    version.mutable_measurements()->Assign(all.begin(), all.end());
  }
  return request;
}

// What is held of a host, by its number, as its next report names it.
using Held = std::vector<std::vector<SectionRecord>>;

Held without_facts(const std::vector<StoredHost>& hosts) {
  Held held;
  for (const StoredHost& host : hosts) {
    std::vector<SectionRecord>& sections = held.emplace_back(host.sections);
    for (SectionRecord& section : sections)
      section.state.facts.clear();
  }
  return held;
}

void serve(const std::string& directory) {
  const SystemClock clock;
  const StateFiles files(directory);
  const std::unique_ptr<StoreSqlite> store = take(StoreSqlite::open({.path = files.store}));
  Fleet fleet(clock, *store, take(load_policy("")).policy);
  Held held;
  {
    std::vector<StoredHost> hosts = take(store->load_hosts());
    std::sort(hosts.begin(), hosts.end(),
              [](const auto& a, const auto& b) { return a.host.name < b.host.name; });
    held = without_facts(hosts);
    fleet.load(std::move(hosts));
  }
  const std::unique_ptr<Authorities> authorities =
      take(Authorities::load(files, "muster.internal"));
  HostTurns turns;
  Enrolment enrolment(clock, *store, fleet, *authorities, turns, {"127.0.0.1:8433"});
  prometheus::Registry registry;
  http::EndpointContext context{.fleet = fleet,
                                .enrolment = enrolment,
                                .registry = registry,
                                .clock = clock,
                                .ready = [] { return true; },
                                .reload = [] { return absl::OkStatus(); },
                                .policy_text = [] { return std::string(); },
                                .users = {},
                                .advertised_address = "127.0.0.1:8443",
                                .tls = true};
  const http::TlsFiles tls{.certificate_pem = take(read_file(files.server_certificate, 1 << 20)),
                           .key_pem = take(read_file(files.server_key, 1 << 20))};
  const http::Handler handler = http::make_endpoints(context);
  boost::asio::io_context io;
  const auto server =
      take(http::Server::listen(io, {"127.0.0.1:0"}, &tls, http::Limits(), handler));
  const auto plain =
      take(http::Server::listen(io, {"127.0.0.1:0"}, nullptr, http::Limits(), handler));
  std::thread thread([&io] { io.run(); });
  fmt::print("{} {}\n", server->addresses().front(), plain->addresses().front());
  std::fflush(stdout);
  std::string line;
  for (int round = 1; std::getline(std::cin, line); ++round) {
    const TimePoint now = clock.now();
    for (size_t number = 0; number < held.size(); ++number) {
      const v1::SyncRequest request = heartbeat(held[number], static_cast<int>(number), round, now);
      fleet.apply_sync(take(fleet.plan_sync(host_id(static_cast<int>(number)), request)), request);
    }
    fmt::print("reported\n");
    std::fflush(stdout);
  }
  io.stop();
  thread.join();
}

}  // namespace
}  // namespace muster::collector

int main(int count, char** arguments) {
  const std::vector<std::string> words(arguments + 1, arguments + count);
  if (words.size() == 3 && words[0] == "fill") {
    muster::collector::fill(words[1], std::stoi(words[2]));
  } else if (words.size() == 2 && words[0] == "serve") {
    muster::collector::serve(words[1]);
  } else {
    fmt::print(stderr, "usage: fleet_for_scrapes fill DIRECTORY HOSTS | serve DIRECTORY\n");
    return 64;
  }
  return 0;
}
