#include "collector/collector.h"

#include <fmt/format.h>

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <mutex>
#include <utility>

#include "collector/backup/backup_snapshot.h"
#include "collector/fleet/fleet.h"
#include "collector/inventory/inventory_sources.h"
#include "collector/metrics/collector_metrics.h"
#include "collector/metrics/policy_metrics.h"
#include "collector/service/housekeeping.h"
#include "collector/service/membership.h"
#include "collector/service/policy_reload.h"
#include "collector/service/reload.h"
#include "collector/service/service_watch.h"
#include "collector/service/state_files.h"
#include "collector/service/state_owner.h"
#include "collector/service/target_service.h"
#include "collector/service/web_front.h"
#include "collector/store/store_sqlite.h"
#include "collector/sync/handshake_watch.h"
#include "collector/sync/sync_server.h"
#include "common/log.h"

namespace muster::collector {
namespace {

constexpr Duration kFlushTimesEvery = std::chrono::seconds(30);
constexpr Duration kCheckCertificateEvery = std::chrono::hours(1);
// Of the two seconds in which a SIGTERM must end it.
constexpr Duration kGrace = std::chrono::milliseconds(800);
constexpr Duration kLastAnswers = std::chrono::milliseconds(200);

class CollectorImpl : public Collector {
 public:
  CollectorImpl(Config config, const Clock& clock, const ServiceEnvironment& service)
      : config_(std::move(config)),
        clock_(clock),
        files_(config_.state_directory),
        watch_(service, heartbeat()) {}
  ~CollectorImpl() override { stop(); }

  absl::Status start();
  void run() override;

 private:
  absl::Status open_store();
  absl::Status open_targets();
  absl::Status listen();
  absl::StatusOr<std::string> reload();
  void load_inventory();
  Heartbeat heartbeat();
  absl::Status renew_certificate();
  SyncServerOptions sync_options();
  absl::StatusOr<WebSettings> load_web();
  void every_second();
  void flush_times();
  void wait_for_signal();
  void stop();

  const Config config_;
  const Clock& clock_;
  const StateFiles files_;

  std::atomic<bool> ready_ = false;
  std::mutex reload_mutex_;

  // In the order in which they are made; stop() ends them in another one.
  prometheus::Registry registry_;
  CollectorMetrics metrics_{registry_};
  HandshakeWatch handshake_watch_{clock_, metrics_};
  // Its certificate: guarded by reload_mutex_ once it runs.
  Membership membership_{config_, files_, clock_, metrics_};
  std::unique_ptr<StoreSqlite> store_;
  std::unique_ptr<Fleet> fleet_;
  std::unique_ptr<PolicyMetrics> policy_metrics_;
  InventoryMetrics inventory_metrics_{registry_};
  // Tells the fleet.
  std::unique_ptr<InventorySources> inventory_;
  TargetSourceMetrics target_source_metrics_{registry_};
  std::unique_ptr<TargetService> targets_;
  std::unique_ptr<Reload> reload_;
  boost::asio::io_context io_;
  boost::asio::signal_set signals_{io_, SIGTERM, SIGINT, SIGHUP};
  std::unique_ptr<SyncServer> sync_server_;
  std::unique_ptr<WebFront> web_front_;
  ServiceWatch watch_;

  // Of the housekeeping's thread.
  TimePoint next_flush_;
  TimePoint next_certificate_check_;
  std::unique_ptr<Housekeeping> housekeeping_;
};

ServiceStanding standing_of(const Fleet::Counts& counts, const StoreSqlite& store) {
  return {.hosts = counts.hosts, .reporting = counts.reporting, .store_writable = store.writable()};
}

absl::Status CollectorImpl::start() {
  if (absl::Status status = check_agent_identity(config_); !status.ok()) return status;
  if (absl::Status status = membership_.load_authorities(); !status.ok()) return status;
  if (absl::Status status = open_store(); !status.ok()) return status;
  // With the store's lock, so nobody else writes there.
  remove_temporary_files(files_);
  membership_.authorities().remove_leftovers();
  remove_snapshots(files_);
  if (absl::Status status = membership_.ensure_certificate().status(); !status.ok()) return status;
  if (absl::Status status = listen(); !status.ok()) return status;
  membership_.count_trust();
  next_flush_ = clock_.now() + kFlushTimesEvery;
  next_certificate_check_ = clock_.now() + kCheckCertificateEvery;
  inventory_->start();
  targets_->start();
  housekeeping_ = std::make_unique<Housekeeping>([this] { every_second(); });
  ready_ = true;
  // Once requests are answered, which is in run().
  boost::asio::post(io_, [this] { watch_.ready(standing_of(fleet_->counts(), *store_)); });
  wait_for_signal();
  log_info("serving", {{"agents", fmt::format("{}", fmt::join(config_.grpc_listen, ","))},
                       {"https", fmt::format("{}", fmt::join(web_front_->addresses(), ","))},
                       {"hosts", fleet_->counts().hosts}});
  return absl::OkStatus();
}

absl::Status CollectorImpl::open_store() {
  absl::StatusOr<LoadedPolicy> policy = load_policy(config_.policy);
  if (!policy.ok()) return policy.status();
  absl::StatusOr<std::unique_ptr<StoreSqlite>> store = StoreSqlite::open({.path = files_.store});
  if (!store.ok()) return store.status();
  store_ = *std::move(store);
  absl::StatusOr<std::vector<StoredHost>> hosts = store_->load_hosts();
  if (!hosts.ok()) return hosts.status();
  if (absl::Status status = membership_.apply_revocations(*hosts, *store_); !status.ok()) {
    return status;
  }
  fleet_ = std::make_unique<Fleet>(clock_, *store_, policy->policy, config_.series_per_host);
  load_inventory();
  fleet_->load(*std::move(hosts));
  if (absl::Status status = open_targets(); !status.ok()) return status;
  const Fleet& targets = targets_->fleet().entities();
  warn_of_selectors_without_hosts(*fleet_, *policy->policy, &targets);
  policy_metrics_ = std::make_unique<PolicyMetrics>(clock_, *fleet_, &targets);
  reload_ = std::make_unique<Reload>(
      Reloaded{
          .config = config_,
          .fleet = *fleet_,
          .inventory = *inventory_,
          .targets = *targets_,
          .metrics = *policy_metrics_,
          .load_web = [this] { return load_web(); },
          .replace_web = [this](WebSettings web) { return web_front_->replace(std::move(web)); }},
      std::move(policy->text));
  membership_.open(*store_, *fleet_, [this] { return renew_certificate(); });
  return absl::OkStatus();
}

absl::Status CollectorImpl::open_targets() {
  absl::StatusOr<std::unique_ptr<TargetService>> targets =
      TargetService::open({.config = config_.targets,
                           .state_directory = files_.directory,
                           .clock = clock_,
                           .store = *store_,
                           .target_store = *store_,
                           .hosts = *fleet_,
                           .metrics = metrics_,
                           .source_metrics = &target_source_metrics_});
  if (!targets.ok()) return targets.status();
  targets_ = *std::move(targets);
  return absl::OkStatus();
}

// Before the hosts are there, so that they are judged once.
void CollectorImpl::load_inventory() {
  remove_other_inventories(files_.directory, config_.inventory);
  inventory_ = std::make_unique<InventorySources>(
      config_.inventory, files_.directory, clock_, &inventory_metrics_,
      [this](std::shared_ptr<const Inventory> table) { fleet_->set_inventory(std::move(table)); });
  inventory_->load();
}

// A server certificate of the CA that signs, in use at once where it is another one. gRPC finds the
// files by itself.
absl::Status CollectorImpl::renew_certificate() {
  const std::lock_guard guard(reload_mutex_);
  const absl::StatusOr<bool> is_other = membership_.ensure_certificate();
  absl::Status status = is_other.status();
  if (is_other.ok() && *is_other) {
    absl::StatusOr<WebSettings> settings = load_web();
    status = settings.ok() ? web_front_->replace(*std::move(settings)) : settings.status();
  }
  membership_.count_trust();
  return status;
}

absl::StatusOr<WebSettings> CollectorImpl::load_web() {
  const KeyPair& own = membership_.server_pair();
  return load_web_settings(config_.web_config_file,
                           {.certificate_pem = own.certificate, .key_pem = own.key});
}

SyncServerOptions CollectorImpl::sync_options() {
  SyncServerOptions options;
  options.addresses = config_.grpc_listen;
  options.targets = &targets_->fleet();
  options.leases = &targets_->leases();
  options.sync_interval = config_.sync_interval;
  membership_.add_identities(options);
  return options;
}

absl::Status CollectorImpl::listen() {
  absl::StatusOr<WebSettings> settings = load_web();
  if (!settings.ok()) return settings.status();
  const http::EndpointContext context{
      .fleet = *fleet_,
      .enrolment = membership_.enrolment(),
      .registry = registry_,
      .policy_metrics = policy_metrics_.get(),
      .clock = clock_,
      .ready = [this] { return ready_.load(); },
      .reload = [this] { return reload(); },
      .policy_text = [this] { return reload_->policy_text(); },
      .users = {},
      .advertised_address = config_.advertise_http,
      .tls = true,
      .enrolment_log = &membership_.enrolment_log(),
      .renewal = &membership_.renewal(),
      .renewal_log = &membership_.renewal_log(),
      .hosts = &membership_.administration(),
      .enrols = !config_.agent_identity,
      .rotation = &membership_.rotation(),
      .inventory_sources = [this] { return inventory_->describe(); },
      .targets = &targets_->fleet(),
      .snapshot = [this] { return make_snapshot(files_, *store_, clock_.now()); }};
  absl::StatusOr<std::unique_ptr<WebFront>> front = WebFront::listen(
      io_, context, *std::move(settings), config_.http_listen, files_.administration_socket);
  if (!front.ok()) return front.status();
  web_front_ = *std::move(front);

  absl::StatusOr<std::unique_ptr<SyncServer>> server = SyncServer::start(
      sync_options(), clock_, *store_, *fleet_, metrics_, [this] { return store_->load(); },
      config_.agent_identity ? nullptr : &membership_.renewal());
  if (!server.ok()) return server.status();
  sync_server_ = *std::move(server);
  return absl::OkStatus();
}

absl::StatusOr<std::string> CollectorImpl::reload() {
  const std::lock_guard guard(reload_mutex_);
  watch_.reloading();
  absl::StatusOr<std::string> note = reload_->run();
  watch_.reloaded(std::string(note.status().message()));
  return note;
}

void CollectorImpl::every_second() {
  const TimePoint now = clock_.now();
  fleet_->rejudge_due();
  targets_->every_second();
  policy_metrics_->look_at_selectors();
  const Fleet::Counts counts = fleet_->counts();
  metrics_.hosts().Set(static_cast<double>(counts.hosts));
  metrics_.hosts_reporting().Set(static_cast<double>(counts.reporting));
  metrics_.hosts_quarantined().Set(static_cast<double>(counts.quarantined));
  metrics_.hosts_revoked().Set(static_cast<double>(counts.revoked));
  if (!inventory_->empty()) {
    inventory_metrics_.compare(fleet_->inventory()->hosts().size(), counts.hosts, counts.listed);
  }
  metrics_.store_size().Set(static_cast<double>(store_->size_bytes()));
  metrics_.store_writable().Set(store_->writable() ? 1 : 0);
  metrics_.queue_load().Set(store_->load());
  metrics_.update_process();
  web_front_->drop_retired();
  watch_.look(std::chrono::steady_clock::now(), standing_of(counts, *store_));
  if (now >= next_flush_) {
    next_flush_ = now + kFlushTimesEvery;
    flush_times();
    membership_.count_trust();
  }
  if (now >= next_certificate_check_) {
    next_certificate_check_ = now + kCheckCertificateEvery;
    const absl::Status status = renew_certificate();
    if (!status.ok()) {
      log_error("cannot renew the server certificate, retrying in an hour",
                {{"error", std::string(status.message())}});
    }
  }
}

// The threads that answer requests and that write. Housekeeping asks them, so it is watched too.
Heartbeat CollectorImpl::heartbeat() {
  return Heartbeat({{.name = "the HTTP thread",
                     .ask =
                         [this](std::function<void()> answered) {
                           boost::asio::post(io_, std::move(answered));
                         }},
                    {.name = "the store", .ask = [this](std::function<void()> answered) {
                       store_->answer(std::move(answered));
                     }}});
}

void CollectorImpl::flush_times() {
  targets_->flush_times();
  std::vector<SyncWrite> writes = fleet_->take_dirty_times();
  if (writes.empty()) return;
  store_->commit_times(std::move(writes), [](const absl::Status& status) {
    if (status.ok()) return;
    log_warning("cannot write when hosts last reported; only a restart would notice",
                {{"error", std::string(status.message())}});
  });
}

void CollectorImpl::wait_for_signal() {
  signals_.async_wait([this](const boost::system::error_code& error, int number) {
    if (error) return;
    if (number != SIGHUP) {
      log_info("stopping", {{"signal", number}});
      watch_.stopping();
      io_.stop();
      return;
    }
    // Judging a whole fleet takes a while, and this thread serves HTTP.
    housekeeping_->post([this] { (void)reload(); });
    wait_for_signal();
  });
}

void CollectorImpl::run() {
  io_.run();
  stop();
}

void CollectorImpl::stop() {
  ready_ = false;
  // Nobody new; then what is under way, whose answers come from the store; last the store, whose
  // callbacks go to the others.
  if (sync_server_ != nullptr) sync_server_->stop(kGrace);
  if (housekeeping_ != nullptr) housekeeping_->stop();
  if (inventory_ != nullptr) inventory_->stop();
  if (targets_ != nullptr) targets_->stop();
  if (web_front_ != nullptr) {
    web_front_->stop();
    io_.restart();
    io_.run_for(kLastAnswers);
  }
  web_front_.reset();
  if (store_ != nullptr && targets_ != nullptr) {
    fleet_->save_memories();
    targets_->fleet().entities().save_memories();
    flush_times();
  }
  store_.reset();
}

}  // namespace

absl::StatusOr<std::unique_ptr<Collector>> Collector::create(const Config& config,
                                                             const Clock& clock,
                                                             const ServiceEnvironment& service) {
  auto collector = std::make_unique<CollectorImpl>(config, clock, service);
  if (absl::Status status = collector->start(); !status.ok()) {
    return explain_owner(status, config.state_directory);
  }
  return collector;
}

absl::Status check_web_config(const std::string& path) {
  return load_web_settings(path, http::TlsFiles()).status();
}

}  // namespace muster::collector
