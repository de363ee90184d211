#include "collector/sync/sync_service.h"

#include <utility>

#include "collector/sync/admission_refusal.h"
#include "collector/sync/brake.h"
#include "collector/sync/call_guard.h"
#include "common/log.h"

namespace muster::collector {
namespace {

// From 0 to 1, different for each host and answer; it need not be random, only spread.
double spread_of(std::string_view host_id, uint64_t number) {
  constexpr uint64_t kGolden = 0x9e3779b97f4a7c15;
  const uint64_t mixed = (std::hash<std::string_view>()(host_id) ^ number) * kGolden;
  return static_cast<double>(mixed >> 11) / static_cast<double>(uint64_t{1} << 53);
}

}  // namespace

grpc::ServerUnaryReactor* SyncService::Sync(grpc::CallbackServerContext* call,
                                            const v1::SyncRequest* request,
                                            v1::SyncResponse* response) {
  grpc::ServerUnaryReactor* reactor = call->DefaultReactor();
  const absl::StatusOr<std::string> host_id = host_id_of(*call, context_.names);
  if (!host_id.ok()) {
    reject("", call->peer(),
           {.reason = "certificate",
            .status = absl::PermissionDeniedError(
                context_.names.is_of_others()
                    ? "the client certificate names no host by the rule of agent_identity in "
                      "collector.yml"
                    : "the client certificate names no host of this collector; enrol the host with "
                      "`muster-agent enroll`")},
           *reactor);
    return reactor;
  }
  if (absl::Status root = check_root(*call, context_.authorities); !root.ok()) {
    reject(*host_id, call->peer(), {.reason = "certificate", .status = std::move(root)}, *reactor);
    return reactor;
  }
  const uint64_t generation = generation_of(*call);
  const Admission admission = context_.fleet.admit(*host_id, generation);
  if (const std::optional<Rejection> rejection = refusal_of(admission)) {
    reject(*host_id, call->peer(), *rejection, *reactor);
    return reactor;
  }
  if (const std::optional<Rejection> rejection = check_request(*request)) {
    reject(*host_id, call->peer(), *rejection, *reactor);
    return reactor;
  }
  if (!begin(*host_id)) {
    context_.metrics.count_sync(CollectorMetrics::SyncResult::kFailed);
    reactor->Finish(
        to_grpc(absl::UnavailableError("the last report of this host is still being committed")));
    return reactor;
  }
  const std::optional<std::string> name =
      context_.newcomers != nullptr && !context_.fleet.identity_of(*host_id)
          ? certificate_name_of(*call, context_.names)
          : std::nullopt;
  if (name) {
    add_and_commit(*name, *host_id, generation, *request, *response, *reactor);
  } else {
    commit(*host_id, generation, *request, *response, *reactor);
  }
  return reactor;
}

void SyncService::add_and_commit(const std::string& name, const std::string& host_id,
                                 uint64_t generation, const v1::SyncRequest& request,
                                 v1::SyncResponse& response, grpc::ServerUnaryReactor& reactor) {
  // gRPC keeps request, response and reactor until Finish.
  context_.newcomers->add(
      name, [this, host_id, generation, &request, &response, &reactor](const absl::Status& status) {
        if (status.ok()) return commit(host_id, generation, request, response, reactor);
        end(host_id);
        if (absl::IsPermissionDenied(status)) {
          return reject(host_id, "", {.reason = "unknown_host", .status = status}, reactor);
        }
        context_.metrics.count_sync(CollectorMetrics::SyncResult::kFailed);
        reactor.Finish(to_grpc(status));
      });
}

void SyncService::commit(const std::string& host_id, uint64_t generation,
                         const v1::SyncRequest& request, v1::SyncResponse& response,
                         grpc::ServerUnaryReactor& reactor) {
  absl::StatusOr<SyncPlan> host = context_.fleet.plan_sync(host_id, request);
  if (!host.ok()) {
    end(host_id);
    const bool unknown = absl::IsNotFound(host.status());
    reject(
        host_id, "",
        {.reason = unknown ? "unknown_host" : "count",
         .status = unknown ? absl::PermissionDeniedError(host.status().message()) : host.status()},
        reactor);
    return;
  }
  Plan plan{.host = *std::move(host), .targets = {}};
  if (context_.targets != nullptr) {
    plan.targets = context_.targets->plan_sync(request, plan.host);
    context_.metrics.target_sections_refused().Increment(plan.host.response.refused_size());
  }
  if (context_.renewal != nullptr) {
    context_.renewal->advise(host_id, generation, plan.host.response);
  }
  if (plan.host.write.sections.empty() && plan.targets.writes.empty()) {
    finish(std::move(plan), request, response);
    reactor.Finish(grpc::Status::OK);
    return;
  }
  SyncWrite write = plan.host.write;
  write.targets = plan.targets.writes;
  const auto arrived = std::chrono::steady_clock::now();
  // gRPC keeps request, response and reactor until Finish.
  context_.store.commit_sync(
      std::move(write), [this, arrived, plan = std::move(plan), &request, &response,
                         &reactor](const absl::Status& status) mutable {
        const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - arrived;
        context_.metrics.commit_duration().Observe(passed.count());
        if (!status.ok()) {
          context_.metrics.count_sync(CollectorMetrics::SyncResult::kFailed);
          if (commit_log_.should_log("", absl::StatusCodeToString(status.code()),
                                     context_.clock.now())) {
            log_error("cannot commit reports; agents keep theirs and try again",
                      {{"error", std::string(status.message())}});
          }
          end(plan.host.write.host_id);
          reactor.Finish(to_grpc(status));
          return;
        }
        finish(std::move(plan), request, response);
        context_.store.after_callbacks([&reactor] { reactor.Finish(grpc::Status::OK); });
      });
}

void SyncService::finish(Plan plan, const v1::SyncRequest& request, v1::SyncResponse& response) {
  const std::string host_id = plan.host.write.host_id;
  response = std::move(plan.host.response);
  context_.fleet.apply_sync(std::move(plan.host), request);
  if (context_.targets != nullptr) context_.targets->apply_sync(std::move(plan.targets), request);
  end(host_id);
  context_.metrics.count_sync(CollectorMetrics::SyncResult::kOk);
  const double spread = spread_of(host_id, ++answers_);
  const Duration next = next_sync_after(context_.sync_interval, context_.load(), spread);
  response.set_next_sync_milliseconds(
      static_cast<uint32_t>(std::chrono::duration_cast<std::chrono::milliseconds>(next).count()));
  if (context_.leases != nullptr) context_.leases->answer(host_id, request, next, response);
}

void SyncService::reject(const std::string& host_id, const std::string& peer,
                         const Rejection& rejection, grpc::ServerUnaryReactor& reactor) {
  context_.refused.take(host_id, peer, rejection);
  reactor.Finish(to_grpc(rejection.status));
}

bool SyncService::begin(const std::string& host_id) {
  const std::lock_guard guard(mutex_);
  return busy_.insert(host_id).second;
}

void SyncService::end(const std::string& host_id) {
  const std::lock_guard guard(mutex_);
  busy_.erase(host_id);
}

}  // namespace muster::collector
