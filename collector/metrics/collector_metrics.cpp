#include "collector/metrics/collector_metrics.h"

#include <array>
#include <string>
#include <utility>

#include "collector/metrics/process_statistics.h"
#include "collector/sync/sync_validation.h"
#include "common/version.h"

namespace muster::collector {
namespace {

using prometheus::BuildCounter;
using prometheus::BuildGauge;
using prometheus::BuildHistogram;
using prometheus::Histogram;
using prometheus::Registry;

constexpr std::array<std::pair<CollectorMetrics::SyncResult, const char*>, 3> kResults = {{
    {CollectorMetrics::SyncResult::kOk, "ok"},
    {CollectorMetrics::SyncResult::kRejected, "rejected"},
    {CollectorMetrics::SyncResult::kFailed, "failed"},
}};

// On the gRPC port, which wants a certificate, and of these also on the HTTPS port.
constexpr std::array kClientCertificateFailures = {"expired", "foreign", "no_certificate",
                                                   "not_yet_valid", "unfit"};
constexpr std::array kHandshakeFailures = {"incomplete", "not_tls", "protocol", "refused"};

prometheus::Gauge& add_gauge(Registry& registry, const char* name, const char* help) {
  return BuildGauge().Name(name).Help(help).Register(registry).Add({});
}

prometheus::Histogram& add_histogram(Registry& registry, const char* name, const char* help,
                                     const Histogram::BucketBoundaries& boundaries) {
  return BuildHistogram().Name(name).Help(help).Register(registry).Add({}, boundaries);
}

}  // namespace

CollectorMetrics::CollectorMetrics(Registry& registry)
    : syncs_(BuildCounter()
                 .Name("muster_collector_syncs_total")
                 .Help("Reports of agents, by how they ended.")
                 .Register(registry)),
      rejected_(BuildCounter()
                    .Name("muster_collector_rejected_total")
                    .Help("Reports of agents that were refused, by reason.")
                    .Register(registry)),
      handshake_failures_(BuildCounter()
                              .Name("muster_collector_tls_handshake_failures_total")
                              .Help("TLS handshakes that failed, by port and reason.")
                              .Register(registry)),
      enrolments_(BuildCounter()
                      .Name("muster_collector_enrolments_total")
                      .Help("Hosts that asked to join, by what they were answered.")
                      .Register(registry)),
      renewals_(BuildCounter()
                    .Name("muster_collector_renewals_total")
                    .Help("Hosts that asked for a new certificate, by what they were answered.")
                    .Register(registry)),
      reenrolments_(BuildCounter()
                        .Name("muster_collector_reenrolments_total")
                        .Help("Hosts that asked for a new certificate with one that has ended, by "
                              "what they were answered.")
                        .Register(registry)),
      grpc_refused_connections_(
          BuildCounter()
              .Name("muster_collector_grpc_refused_connections_total")
              .Help("Connections of agents that were closed, since too few open files are left.")
              .Register(registry)
              .Add({})),
      target_sections_refused_(
          BuildCounter()
              .Name("muster_collector_target_sections_refused_total")
              .Help("Versions of targets that were refused: the host that reported them does not "
                    "hold the target.")
              .Register(registry)
              .Add({})),
      target_moves_(BuildCounter()
                        .Name("muster_collector_target_moves_total")
                        .Help("Targets that went from one host to another.")
                        .Register(registry)
                        .Add({})),
      targets_(add_gauge(registry, "muster_collector_targets", "Targets that are listed.")),
      targets_held_(
          add_gauge(registry, "muster_collector_targets_held", "Targets that a host looks at.")),
      target_agents_(add_gauge(registry, "muster_collector_target_agents",
                               "Hosts that look at targets or could.")),
      target_lease_(add_gauge(registry, "muster_collector_target_lease_seconds",
                              "How long an agent looks on without another answer, at most.")),
      commit_duration_(
          add_histogram(registry, "muster_collector_commit_duration_seconds",
                        "From a report's arrival at the store to its being synced to disk.",
                        {0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10})),
      hosts_(add_gauge(registry, "muster_collector_hosts", "Hosts that are enrolled.")),
      hosts_reporting_(add_gauge(registry, "muster_collector_hosts_reporting",
                                 "Hosts that report and are not silent.")),
      hosts_quarantined_(add_gauge(registry, "muster_collector_hosts_quarantined",
                                   "Hosts whose identity is in use twice, and is refused.")),
      hosts_revoked_(add_gauge(registry, "muster_collector_hosts_revoked",
                               "Hosts that were revoked and not removed.")),
      store_size_(add_gauge(registry, "muster_collector_store_size_bytes",
                            "Size of the store's files on disk.")),
      store_writable_(
          add_gauge(registry, "muster_collector_store_writable",
                    "1 while the store's disk has room, 0 after a write for which it had none.")),
      queue_load_(add_gauge(registry, "muster_collector_store_queue_fill_ratio",
                            "How full the store's queue is; at 1 reports are refused.")),
      server_certificate_not_after_(
          add_gauge(registry, "muster_collector_server_certificate_not_after_timestamp_seconds",
                    "When the certificate that agents see ends.")),
      ca_certificate_not_after_(
          add_gauge(registry, "muster_collector_ca_certificate_not_after_timestamp_seconds",
                    "When the CA's certificate ends, and with it all that it signed.")),
      ca_roots_(BuildGauge()
                    .Name("muster_collector_ca_root_not_after_timestamp_seconds")
                    .Help("When each CA that is trusted ends; two while a rotation is under way.")
                    .Register(registry)),
      hosts_trusting_bundle_(
          add_gauge(registry, "muster_collector_hosts_trusting_bundle",
                    "Hosts that have said that they trust the CAs of now, since the start.")),
      process_cpu_(BuildCounter()
                       .Name("process_cpu_seconds_total")
                       .Help("Total user and system CPU time spent in seconds.")
                       .Register(registry)
                       .Add({})),
      process_memory_(
          add_gauge(registry, "process_resident_memory_bytes", "Resident memory size in bytes.")),
      process_open_files_(
          add_gauge(registry, "process_open_fds", "Number of open file descriptors.")) {
  for (const auto& [result, name] : kResults)
    syncs_.Add({{"result", name}});
  for (const std::string_view reason : rejection_reasons()) {
    rejected_.Add({{"reason", std::string(reason)}});
  }
  for (const char* result :
       {"ok", "token_used", "token_expired", "token_unknown", "request", "throttled", "failed"})
    enrolments_.Add({{"result", result}});
  for (const char* result : {"renewed", "repeated", "clone", "refused", "failed"}) {
    renewals_.Add({{"result", result}});
    reenrolments_.Add({{"result", result}});
  }
  reenrolments_.Add({{"result", "throttled"}});
  for (const char* reason : kClientCertificateFailures)
    handshake_failures_.Add({{"port", "grpc"}, {"reason", reason}});
  for (const char* reason : kHandshakeFailures) {
    handshake_failures_.Add({{"port", "grpc"}, {"reason", reason}});
    handshake_failures_.Add({{"port", "https"}, {"reason", reason}});
  }
  store_writable_.Set(1);
  BuildGauge()
      .Name("muster_collector_build_info")
      .Help("The collector's version, in a label.")
      .Register(registry)
      .Add({{"version", kVersion}})
      .Set(1);
  update_process();
  if (const auto statistics = read_process_statistics()) {
    add_gauge(registry, "process_start_time_seconds",
              "Start time of the process since unix epoch in seconds.")
        .Set(statistics->start_time_seconds);
  }
}

void CollectorMetrics::set_ca_roots(const std::map<std::string, double>& ends) {
  const std::lock_guard guard(roots_mutex_);
  std::erase_if(root_gauges_, [this, &ends](const auto& root) {
    if (ends.contains(root.first)) return false;
    ca_roots_.Remove(root.second);
    return true;
  });
  for (const auto& [sha256, end] : ends) {
    prometheus::Gauge& gauge = ca_roots_.Add({{"ca", sha256}});
    gauge.Set(end);
    root_gauges_[sha256] = &gauge;
  }
}

void CollectorMetrics::count_sync(SyncResult result) {
  for (const auto& [one, name] : kResults) {
    if (one == result) syncs_.Add({{"result", name}}).Increment();
  }
}

void CollectorMetrics::set_targets(size_t targets, size_t held, size_t agents, uint64_t moves) {
  targets_.Set(static_cast<double>(targets));
  targets_held_.Set(static_cast<double>(held));
  target_agents_.Set(static_cast<double>(agents));
  target_moves_.Increment(static_cast<double>(moves) - target_moves_.Value());
}

void CollectorMetrics::count_rejected(std::string_view reason) {
  rejected_.Add({{"reason", std::string(reason)}}).Increment();
}

void CollectorMetrics::count_enrolment(std::string_view result) {
  enrolments_.Add({{"result", std::string(result)}}).Increment();
}

void CollectorMetrics::count_renewal(std::string_view result) {
  renewals_.Add({{"result", std::string(result)}}).Increment();
}

void CollectorMetrics::count_reenrolment(std::string_view result) {
  reenrolments_.Add({{"result", std::string(result)}}).Increment();
}

void CollectorMetrics::count_handshake_failure(std::string_view port, std::string_view reason) {
  handshake_failures_.Add({{"port", std::string(port)}, {"reason", std::string(reason)}})
      .Increment();
}

void CollectorMetrics::update_process() {
  const std::optional<ProcessStatistics> statistics = read_process_statistics();
  if (!statistics) return;
  process_cpu_.Increment(statistics->cpu_seconds - process_cpu_.Value());
  process_memory_.Set(statistics->resident_bytes);
  process_open_files_.Set(statistics->open_files);
}

}  // namespace muster::collector
