#include "collector/admin/channel.h"

#include <fmt/format.h>
#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <future>
#include <optional>
#include <utility>

#include "collector/backup/backup_snapshot.h"
#include "collector/fleet/fleet.h"
#include "collector/fleet/host_administration.h"
#include "collector/fleet/target_fleet.h"
#include "collector/http/endpoints.h"
#include "collector/http/unix_client.h"
#include "collector/identity/ca_rotation.h"
#include "collector/identity/enrolment.h"
#include "collector/inventory/inventory_sources.h"
#include "collector/service/policy_source.h"
#include "collector/service/state_files.h"
#include "collector/service/state_owner.h"
#include "collector/store/revocations.h"
#include "collector/store/store_sqlite.h"
#include "collector/targets/target_sources.h"
#include "common/duration.h"
#include "common/timestamp.h"
#include "muster/v1/fleet.pb.h"

namespace muster::collector {
namespace {

absl::Status status_of(const http::Response& response) {
  v1::ErrorResponse error;
  const bool is_ours = google::protobuf::util::JsonStringToMessage(response.body, &error).ok() &&
                       !error.error().empty();
  const std::string message =
      is_ours ? error.error() : fmt::format("the collector answered {}", response.status);
  switch (response.status) {
    case 400:
      return absl::InvalidArgumentError(message);
    case 401:
    case 403:
      return absl::PermissionDeniedError(message);
    case 404:
      return absl::NotFoundError(message);
    case 503:
      return absl::UnavailableError(message);
    default:
      return absl::UnknownError(message);
  }
}

absl::StatusOr<std::string> body_of(http::Response response) {
  if (response.status == 200) return std::move(response.body);
  return status_of(response);
}

// That nobody runs who would know more than the store.
std::string offline_note(const std::optional<TimePoint>& last_report, TimePoint now) {
  constexpr const char* kNote = "note: the collector is not running; its store answers, ";
  if (!last_report) return fmt::format("{}which has no report yet\n", kNote);
  return fmt::format("{}whose last report is of {} ({} ago)\n", kNote, to_iso8601(*last_report),
                     describe_duration(now - *last_report));
}

}  // namespace

struct Channel::Offline {
  // Given up last, when all files are closed.
  std::unique_ptr<ActingAsOwner> acting;
  std::unique_ptr<Authorities> authorities;
  HostTurns turns;
  std::unique_ptr<StoreSqlite> store;
  std::unique_ptr<Revocations> revocations;
  std::unique_ptr<Fleet> fleet;
  std::unique_ptr<InventorySources> inventory;
  std::unique_ptr<TargetFleet> targets;
  std::unique_ptr<TargetSources> target_sources;
  std::unique_ptr<Enrolment> enrolment;
  std::unique_ptr<CaRotation> rotation;
  std::unique_ptr<HostAdministration> hosts_administration;
  prometheus::Registry registry;
  std::string policy_text;
  std::optional<TimePoint> last_report;
  std::unique_ptr<http::EndpointContext> context;
  http::Handler handler;

  ~Offline() {
    handler = nullptr;
    // Its last callbacks go to the others.
    store.reset();
  }

  absl::Status open(const Config& config, const Clock& clock) {
    const StateFiles files(config.state_directory);
    absl::StatusOr<std::unique_ptr<ActingAsOwner>> owner = ActingAsOwner::of(files.directory);
    if (!owner.ok()) return owner.status();
    acting = *std::move(owner);
    absl::StatusOr<std::unique_ptr<Authorities>> loaded =
        Authorities::load(files, config.trust_domain);
    if (!loaded.ok()) return loaded.status();
    authorities = *std::move(loaded);
    absl::StatusOr<LoadedPolicy> policy = load_policy(config.policy);
    if (!policy.ok()) return policy.status();
    policy_text = std::move(policy->text);
    absl::StatusOr<std::unique_ptr<StoreSqlite>> opened = StoreSqlite::open({.path = files.store});
    if (!opened.ok()) return opened.status();
    store = *std::move(opened);
    absl::StatusOr<std::vector<StoredHost>> hosts = store->load_hosts();
    if (!hosts.ok()) return hosts.status();
    absl::StatusOr<std::unique_ptr<Revocations>> revoked = Revocations::open(files.revocations);
    if (!revoked.ok()) return revoked.status();
    revocations = *std::move(revoked);
    apply_revocations(revocations->all(), *hosts, *store);
    fleet = std::make_unique<Fleet>(clock, *store, policy->policy);
    inventory = std::make_unique<InventorySources>(
        config.inventory, files.directory, clock, nullptr,
        [this](std::shared_ptr<const Inventory> table) { fleet->set_inventory(std::move(table)); });
    inventory->load();
    for (const StoredHost& host : *hosts)
      last_report = std::max(last_report, host.host.last_sync_at);
    fleet->load(*std::move(hosts));
    absl::StatusOr<std::vector<StoredTarget>> stored = store->load_targets();
    if (!stored.ok()) return stored.status();
    // What is listed no more stays in the store until the collector runs.
    targets = std::make_unique<TargetFleet>(clock, *store, *fleet, policy->policy);
    targets->load(*std::move(stored));
    target_sources =
        std::make_unique<TargetSources>(config.targets, files.directory, clock, nullptr,
                                        [this](std::shared_ptr<const TargetTable> table) {
                                          targets->set_targets(std::move(table));
                                        });
    target_sources->load();
    targets->look_at_hosts();
    enrolment = std::make_unique<Enrolment>(
        clock, *store, *fleet, *authorities, turns, config.advertise_grpc,
        "https://" + config.advertise_http, config.agent_certificate_lifetime);
    rotation =
        std::make_unique<CaRotation>(clock, *authorities, *fleet, [this, files, &config, &clock] {
          return ensure_server_certificate(files, *authorities->signing(), config.names,
                                           clock.now())
              .status();
        });
    context = std::make_unique<http::EndpointContext>(
        http::EndpointContext{.fleet = *fleet,
                              .enrolment = *enrolment,
                              .registry = registry,
                              .clock = clock,
                              .ready = [] { return true; },
                              .reload = [] { return std::string(); },
                              .policy_text = [this] { return policy_text; },
                              .users = {},
                              .advertised_address = config.advertise_http,
                              .tls = true});
    context->inventory_sources = [this] { return inventory->describe(); };
    context->targets = targets.get();
    context->rotation = rotation.get();
    context->enrols = !config.agent_identity;
    context->snapshot = [this, files, &clock] { return make_snapshot(files, *store, clock.now()); };
    hosts_administration =
        std::make_unique<HostAdministration>(clock, *store, *fleet, *revocations, turns);
    context->hosts = hosts_administration.get();
    handler = http::make_administration_endpoints(*context);
    return absl::OkStatus();
  }
};

Channel::Channel(const Config& config, const Clock& clock) : config_(config), clock_(clock) {}
Channel::~Channel() = default;

absl::StatusOr<std::string> Channel::request(const std::string& method, const std::string& path,
                                             const std::string& body, Duration timeout) {
  return send(method, path, {}, body, timeout);
}

absl::StatusOr<std::string> Channel::get(const std::string& path, const Query& query) {
  // What goes through all facts of a large fleet takes its time.
  return send("GET", path, query, "", std::chrono::minutes(2));
}

absl::StatusOr<std::string> Channel::send(const std::string& method, const std::string& path,
                                          const Query& query, const std::string& body,
                                          Duration timeout) {
  if (offline_ == nullptr) {
    absl::StatusOr<http::Response> response = http::request_unix(
        StateFiles(config_.state_directory).administration_socket, method,
        percent_encode_path(path) + percent_encode_query(query), body,
        {.timeout = std::chrono::duration_cast<std::chrono::milliseconds>(timeout)});
    if (response.ok()) return body_of(*std::move(response));
    if (!absl::IsNotFound(response.status())) return response.status();
    auto offline = std::make_unique<Offline>();
    if (absl::Status status = offline->open(config_, clock_); !status.ok()) {
      return explain_owner(status, config_.state_directory);
    }
    offline_ = std::move(offline);
    fmt::print(stderr, "{}", offline_note(offline_->last_report, clock_.now()));
  }
  http::Request request;
  request.method = method;
  request.path = path;
  request.query = query;
  request.body = body;
  request.headers["content-type"] = "application/json";
  request.peer = "unix";
  request.from_administration_socket = true;
  // Shared: this end may be gone before the other has finished telling.
  auto answer = std::make_shared<std::promise<http::Response>>();
  offline_->handler(std::move(request),
                    [answer](http::Response response) { answer->set_value(std::move(response)); });
  return body_of(answer->get_future().get());
}

std::string percent_encode_path(std::string_view path) {
  std::string encoded;
  for (const char c : path) {
    const bool plain = std::isalnum(static_cast<unsigned char>(c)) != 0 ||
                       std::string_view("-._~/").find(c) != std::string_view::npos;
    if (plain) {
      encoded += c;
    } else {
      encoded += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return encoded;
}

std::string percent_encode_query(const Channel::Query& query) {
  // A path's characters have no meaning in a value, and '&', '=' and '+' are encoded.
  std::string encoded;
  for (const auto& [name, value] : query) {
    encoded += encoded.empty() ? '?' : '&';
    encoded += percent_encode_path(name) + "=" + percent_encode_path(value);
  }
  return encoded;
}

}  // namespace muster::collector
