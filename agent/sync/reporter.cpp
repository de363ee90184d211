#include "agent/sync/reporter.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <set>
#include <string_view>
#include <utility>

#include "agent/output/status_text.h"
#include "common/log.h"
#include "common/text.h"
#include "common/timestamp.h"

namespace muster::agent {
namespace {

using namespace std::chrono_literals;

constexpr size_t kReportLimit = 1 << 20;
constexpr size_t kOneVersion = 0;
constexpr size_t kHostLimit = 255;

// What the collector wants: facts that this request did not carry, or facts that it did. The latter
// can wait for the next report: sent again at once they would be wanted again at once.
struct Wants {
  bool something_new = false;
  bool something_again = false;
};

Wants wants_of(const v1::SyncResponse& response, const v1::SyncRequest& request) {
  Wants wants;
  if (response.wanted().empty()) return wants;
  std::set<std::pair<std::string_view, std::string_view>> carried;
  for (const v1::SectionVersion& version : request.versions()) {
    if (version.has_facts()) carried.emplace(version.entity(), version.probe());
  }
  for (const v1::WantedSection& wanted : response.wanted()) {
    const bool again = carried.contains({wanted.entity(), wanted.probe()});
    (again ? wants.something_again : wants.something_new) = true;
  }
  return wants;
}

}  // namespace

struct Reporter::Timer {
  boost::asio::steady_timer next;
};

Reporter::Reporter(boost::asio::io_context& context, const Clock& clock, Outbox& outbox,
                   std::function<double()> random, Hooks hooks)
    : clock_(clock),
      outbox_(outbox),
      random_(std::move(random)),
      hooks_(std::move(hooks)),
      timer_(new Timer{boost::asio::steady_timer(context)}) {}

Reporter::~Reporter() = default;

void Reporter::start(SyncTransport& transport, Duration interval, bool holds_leases) {
  transport_ = &transport;
  collector_ = transport_->address();
  interval_ = interval;
  holds_leases_ = holds_leases;
  in_flight_ = false;
  failures_ = 0;
  schedule(interval, true);
}

void Reporter::stop() {
  timer_->next.cancel();
  transport_ = nullptr;
}

void Reporter::schedule(Duration delay, bool changes_hurry) {
  changes_hurry_ = changes_hurry;
  next_at_ = clock_.now() + delay;
  timer_->next.expires_after(delay);
  timer_->next.async_wait([this](const boost::system::error_code& error) {
    if (!error) report();
  });
}

void Reporter::hurry(Duration delay) {
  if (transport_ == nullptr) return;
  if (in_flight_) {
    changed_meanwhile_ = true;
  } else if (changes_hurry_ && timer_->next.expiry() > std::chrono::steady_clock::now() + delay) {
    schedule(delay, true);
  }
}

void Reporter::changed() {
  hurry(kChangeDelay);
}

void Reporter::report_now() {
  hurry(Duration(0));
}

void Reporter::try_again() {
  if (transport_ != nullptr && !in_flight_ && failures_ > 0) schedule(Duration(0), true);
}

void Reporter::report() {
  // A timer that was cancelled too late.
  if (in_flight_ || transport_ == nullptr) return;
  hooks_.before();
  if (const absl::Status flushed = outbox_.flush(); !flushed.ok()) {
    log_error(
        "the outbox could not be saved: it is held in memory, trying again at the next report",
        {{"error", text_of(flushed)}});
  }
  request_ = outbox_.batch(one_at_a_time_ ? kOneVersion : kReportLimit);
  attempt_at_ = clock_.now();
  *request_.mutable_sent_at() = to_proto(attempt_at_);
  in_flight_ = true;
  ++attempt_;
  changed_meanwhile_ = false;
  if (const absl::Status prepared = hooks_.prepare(request_); !prepared.ok()) {
    return take(attempt_, prepared);
  }
  // Nothing that takes time is between this and the sending: leases are counted from here.
  sent_ = clock_.uptime();
  transport_->sync(request_, [this, attempt = attempt_](absl::StatusOr<v1::SyncResponse> response) {
    take(attempt, std::move(response));
  });
}

void Reporter::take(uint64_t attempt, absl::StatusOr<v1::SyncResponse> response) {
  if (!in_flight_ || attempt != attempt_) return;
  in_flight_ = false;
  hooks_.answered(response, {.sent = sent_, .came = clock_.uptime()});
  collector_ = transport_->address();
  ReportResult result = response.ok() ? take_answer(*response) : take_error(response.status());
  result.holds_leases = holds_leases_;
  ReportPlan plan = plan_after(result, interval_, random_());
  if (changed_meanwhile_ && plan.changes_hurry) plan.delay = std::min(plan.delay, kChangeDelay);
  if (!result.status.ok()) log_error_once(result.status, plan.delay);
  schedule(plan.delay, plan.changes_hurry);
  hooks_.after();
}

ReportResult Reporter::take_answer(const v1::SyncResponse& response) {
  const bool progress = outbox_.acknowledge(response);
  host_ = truncate_utf8(response.host(), kHostLimit);
  if (success_at_ == TimePoint() || !error_.empty()) {
    log_info(error_.empty() ? "reporting" : "reporting again",
             {{"collector", collector_}, {"host", host_}});
  }
  success_at_ = clock_.now();
  failures_ = 0;
  error_.clear();
  if (outbox_.statistics().waiting == 0) one_at_a_time_ = false;
  ReportResult result;
  result.brake = std::chrono::milliseconds(response.next_sync_milliseconds());
  // Asking for more is followed at once only the first time: a collector that is never content must
  // not keep its agents running in circles.
  const Wants wants = wants_of(response, request_);
  const bool asks = wants.something_new || response.epoch() > request_.epoch();
  const bool moved = progress && !wants.something_again;
  result.continues = (moved && (request_.more() || one_at_a_time_)) || (asks && !asked_before_);
  asked_before_ = asks;
  return result;
}

ReportResult Reporter::take_error(const absl::Status& error) {
  ++failures_;
  if (absl::IsInvalidArgument(error)) leave_out_what_is_refused();
  ReportResult result;
  result.status = error;
  result.failures = failures_;
  return result;
}

void Reporter::leave_out_what_is_refused() {
  if (!one_at_a_time_) {
    one_at_a_time_ = true;
  } else if (request_.versions_size() == 1) {
    const v1::SectionVersion& version = request_.versions(0);
    log_error("the collector refuses this version: it is not sent again",
              {{"probe", version.probe()}, {"sequence", version.sequence()}});
    outbox_.refuse(version);
  } else {
    one_at_a_time_ = false;
  }
}

void Reporter::log_error_once(const absl::Status& error, Duration delay) {
  const std::string text(text_of(error));
  const LogLevel level = text == error_ ? LogLevel::kDebug : LogLevel::kWarning;
  error_ = text;
  log(level,
      is_refusal(error) ? "the collector refuses this report, trying again"
                        : "the report did not get through, trying again",
      {{"error", text},
       {"in", fmt::format("{:.1f}s", std::chrono::duration<double>(delay).count())},
       {"waiting", outbox_.statistics().waiting}});
}

void Reporter::describe(v1::AgentStatus& status) const {
  status.set_host(host_);
  status.set_collector(collector_);
  status.set_last_sync_error(error_);
  *status.mutable_next_sync_at() = to_proto(next_at_);
  if (attempt_at_ != TimePoint()) *status.mutable_last_sync_attempt_at() = to_proto(attempt_at_);
  if (success_at_ != TimePoint()) *status.mutable_last_sync_success_at() = to_proto(success_at_);
}

}  // namespace muster::agent
