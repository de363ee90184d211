// The parts of an agent that a collector's answers reach, put together as in agent.cpp, but without
// the waiting: the next report goes out as soon as the last was answered. Real certificates, a real
// outbox, real gRPC over mTLS.
//
//   agent-under-fire CONFIG ANSWERS     prints what became of it, one "name value" a line
#include <fmt/format.h>
#include <google/protobuf/stubs/logging.h>
#include <sys/resource.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <utility>

#include "agent/config/config.h"
#include "agent/identity/renewal.h"
#include "agent/outbox/outbox.h"
#include "agent/output/status_text.h"
#include "agent/sync/grpc_timers.h"
#include "agent/sync/reporter.h"
#include "agent/sync/sync_client.h"
#include "agent/targets/assignments.h"
#include "agent/targets/target_schedule.h"
#include "common/clock.h"
#include "common/log.h"
#include "common/timestamp.h"
#include "muster/v1/host_facts.pb.h"

namespace muster::agent {
namespace {

// How often the renewal is started anew, so that its back-off does not keep it from asking.
constexpr uint64_t kRenewalEvery = 10;
// A host changes far less often than a collector answers.
constexpr uint64_t kChangeEvery = 50;
// In which looks are planned.
constexpr Duration kWindow = std::chrono::seconds(10);
constexpr size_t kMostLooks = 100;

v1::Section section_of(const std::string& probe, uint64_t change) {
  v1::HostFacts facts;
  facts.set_hostname("web1");
  facts.set_kernel_version(std::to_string(change));
  v1::Section section;
  section.set_probe(probe);
  section.set_outcome(v1::OUTCOME_OBSERVED);
  *section.mutable_observed_at() = to_proto(SystemClock().now());
  section.set_facts_type(facts.GetTypeName());
  section.set_facts(facts.SerializeAsString());
  return section;
}

class UnderFire {
 public:
  UnderFire(const Config& config, uint64_t answers)
      : config_(config),
        answers_(answers),
        assignments_({.allowed = config.allowed_targets, .probes = {"tcp"}}) {}

  absl::Status run() {
    absl::StatusOr<std::unique_ptr<Outbox>> outbox =
        Outbox::open({.directory = config_.state_directory + "/outbox", .write = {}}, clock_);
    if (!outbox.ok()) return outbox.status();
    outbox_ = *std::move(outbox);
    const auto random = [this] { return std::uniform_real_distribution<>(0, 1)(generator_); };
    renewal_ = std::make_unique<Renewal>(context_, clock_, random, std::string(32, '0'),
                                         Renewal::Hooks{.renewed = [] {}, .changed = [] {}});
    reporter_ = std::make_unique<Reporter>(
        context_, clock_, *outbox_, random,
        Reporter::Hooks{.before =
                            [this] {
                              is_asking_ = true;
                              (void)outbox_->record(section_of("host", answered_ / kChangeEvery));
                            },
                        .prepare =
                            [this](v1::SyncRequest& request) {
                              assignments_.describe(request);
                              return renewal_->prepare(request);
                            },
                        .answered = [this](const auto& response,
                                           const ReportTimes& times) { take(response, times); },
                        .after = [this] { boost::asio::post(context_, [this] { next(); }); }});
    next();
    context_.run();
    return absl::OkStatus();
  }

  void print() const {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    fmt::print("answered {}\nunderstood {}\nlists {}\nrefused {}\nlooks {}\npeak_kib {}\n",
               answered_, understood_, lists_, assignments_.refused_total(),
               schedule_.counts().looks, usage.ru_maxrss);
    for (const std::string& target : targets_)
      fmt::print("target {}\n", target);
  }

 private:
  void take(const absl::StatusOr<v1::SyncResponse>& response, const ReportTimes& times) {
    ++answered_;
    is_asking_ = false;
    renewal_->take_report(response);
    if (!response.ok()) return;
    ++understood_;
    if (!assignments_.take(*response, times)) return;
    ++lists_;
    if (const auto clock = AnswerClock::of(response->server_time(), times))
      clock_of_looks_.take(*clock);
    schedule_.set(assignments_.held());
    schedule_.set_end(assignments_.end());
    const Duration now = clock_.uptime();
    LookAllowance plenty({.per_second = 10, .per_host_per_second = 10, .window = kWindow});
    for (const PlannedLook& look :
         schedule_.plan("tcp", clock_of_looks_, now, now + kWindow, kMostLooks, plenty))
      targets_.insert(look.address);
  }

  void next() {
    // The reporter was faster: it goes on after that answer.
    if (is_asking_) return;
    if (answered_ >= answers_) {
      reporter_->stop();
      renewal_->stop();
      return context_.stop();
    }
    begin();
    reporter_->report_now();
  }

  // As an agent that was told to read its configuration again: what is on its way is given up. That
  // takes a new connection, so most reports go by the one there is.
  void begin() {
    std::unique_ptr<SyncTransport> before;
    if (transport_ == nullptr || answered_ >= begin_again_at_) {
      before = std::exchange(
          transport_,
          std::make_unique<SyncClient>(context_, SyncClientOptions{.collectors = config_.collectors,
                                                                   .identity = config_.identity,
                                                                   .proxy = config_.proxy}));
      renewal_->start(config_, *transport_, nullptr);
      begin_again_at_ = answered_ + kRenewalEvery;
    }
    reporter_->start(*transport_, std::chrono::seconds(1));
  }

  const Config& config_;
  const uint64_t answers_;
  const SystemClock clock_;
  boost::asio::io_context context_{1};
  std::mt19937_64 generator_{20261122};
  std::unique_ptr<Outbox> outbox_;
  std::unique_ptr<SyncTransport> transport_;
  uint64_t begin_again_at_ = 0;
  Assignments assignments_;
  GridClock clock_of_looks_;
  TargetSchedule schedule_;
  uint64_t lists_ = 0;
  std::unique_ptr<Renewal> renewal_;
  std::unique_ptr<Reporter> reporter_;
  bool is_asking_ = false;
  uint64_t answered_ = 0;
  uint64_t understood_ = 0;
  std::set<std::string> targets_;
};

int fail(const absl::Status& status) {
  fmt::print(stderr, "agent-under-fire: {}\n", text_of(status));
  return 1;
}

int main_of(int argc, char** argv) {
  if (argc != 3) {
    fmt::print(stderr, "usage: agent-under-fire CONFIG ANSWERS\n");
    return 64;
  }
  constexpr int64_t kTickSeconds = 4;
  gather_grpc_timers(kTickSeconds);
  google::protobuf::SetLogHandler(nullptr);
  const absl::StatusOr<Config> config = load_config(argv[1]);
  if (!config.ok()) return fail(config.status());
  UnderFire agent(*config, std::stoull(argv[2]));
  const absl::Status status = agent.run();
  if (!status.ok()) return fail(status);
  agent.print();
  return 0;
}

}  // namespace
}  // namespace muster::agent

int main(int argc, char** argv) {
  return muster::agent::main_of(argc, argv);
}
