// The collector's own metrics (muster_collector_*, process_*), in prometheus-cpp's registry. The
// fleet's series are not here: they are rendered from state (common/exposition). Any thread.
#pragma once

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <map>
#include <mutex>
#include <string>
#include <string_view>

namespace muster::collector {

class CollectorMetrics {
 public:
  // The registry outlives the object. Every family is there from the start, with its zeros.
  explicit CollectorMetrics(prometheus::Registry& registry);

  // One Sync, by how it ended: answered, refused for what it was, or to be tried again.
  enum class SyncResult { kOk, kRejected, kFailed };
  void count_sync(SyncResult result);
  // A report that was refused; `reason` is one of sync_validation.h's.
  void count_rejected(std::string_view reason);
  // Somebody who asked to join; `result` is ok, or why not: token, request, throttled or failed.
  void count_enrolment(std::string_view result);
  // A host that asked for a new certificate, with one that holds or with one that has ended;
  // `result` is renewed, repeated, clone, refused or failed, of the latter also throttled.
  void count_renewal(std::string_view result);
  void count_reenrolment(std::string_view result);
  // A TLS handshake that failed; port and reason are handshake_watch.h's.
  void count_handshake_failure(std::string_view port, std::string_view reason);

  // Connections to the gRPC port that were closed since too few descriptors were left.
  prometheus::Counter& grpc_refused_connections() { return grpc_refused_connections_; }
  // Versions of targets that a host may not report.
  prometheus::Counter& target_sections_refused() { return target_sections_refused_; }
  // Of leases.h; and moves is how often another host was given one.
  void set_targets(size_t targets, size_t held, size_t agents, uint64_t moves);
  // How long the longest lease is that is granted now.
  prometheus::Gauge& target_lease() { return target_lease_; }
  // From a report's arrival at the store to its being synced to disk.
  prometheus::Histogram& commit_duration() { return commit_duration_; }
  prometheus::Gauge& hosts() { return hosts_; }
  prometheus::Gauge& hosts_reporting() { return hosts_reporting_; }
  prometheus::Gauge& hosts_quarantined() { return hosts_quarantined_; }
  prometheus::Gauge& hosts_revoked() { return hosts_revoked_; }
  prometheus::Gauge& store_size() { return store_size_; }
  // 1 while the store's disk has room, 0 after a write for which it had none.
  prometheus::Gauge& store_writable() { return store_writable_; }
  prometheus::Gauge& queue_load() { return queue_load_; }
  prometheus::Gauge& server_certificate_not_after() { return server_certificate_not_after_; }
  // Of the CA that signs.
  prometheus::Gauge& ca_certificate_not_after() { return ca_certificate_not_after_; }
  // When each CA that is trusted ends, by its fingerprint; those that are not named any more go.
  void set_ca_roots(const std::map<std::string, double>& ends);
  prometheus::Gauge& hosts_trusting_bundle() { return hosts_trusting_bundle_; }

  // Reads /proc/self anew.
  void update_process();

 private:
  prometheus::Family<prometheus::Counter>& syncs_;
  prometheus::Family<prometheus::Counter>& rejected_;
  prometheus::Family<prometheus::Counter>& handshake_failures_;
  prometheus::Family<prometheus::Counter>& enrolments_;
  prometheus::Family<prometheus::Counter>& renewals_;
  prometheus::Family<prometheus::Counter>& reenrolments_;
  prometheus::Counter& grpc_refused_connections_;
  prometheus::Counter& target_sections_refused_;
  prometheus::Counter& target_moves_;
  prometheus::Gauge& targets_;
  prometheus::Gauge& targets_held_;
  prometheus::Gauge& target_agents_;
  prometheus::Gauge& target_lease_;
  prometheus::Histogram& commit_duration_;
  prometheus::Gauge& hosts_;
  prometheus::Gauge& hosts_reporting_;
  prometheus::Gauge& hosts_quarantined_;
  prometheus::Gauge& hosts_revoked_;
  prometheus::Gauge& store_size_;
  prometheus::Gauge& store_writable_;
  prometheus::Gauge& queue_load_;
  prometheus::Gauge& server_certificate_not_after_;
  prometheus::Gauge& ca_certificate_not_after_;
  prometheus::Family<prometheus::Gauge>& ca_roots_;
  prometheus::Gauge& hosts_trusting_bundle_;
  prometheus::Counter& process_cpu_;
  prometheus::Gauge& process_memory_;
  prometheus::Gauge& process_open_files_;

  std::mutex roots_mutex_;
  // Guarded by roots_mutex_, a leaf.
  std::map<std::string, prometheus::Gauge*> root_gauges_;
};

}  // namespace muster::collector
