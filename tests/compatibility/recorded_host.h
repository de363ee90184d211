// This version's agent as a recording has it: the real one with its outbox and its probes, whose
// reports a RecordedCollector answers. One thread.
#pragma once

#include <absl/status/statusor.h>
#include <fmt/format.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agent/agent.h"
#include "agent/looking/probe_list.h"
#include "agent/looking/probe_requests.h"
#include "common/clock.h"
#include "muster/v1/reporting.pb.h"
#include "tests/agent/forked_launcher.h"
#include "tests/compatibility/recorded_collector.h"
#include "tests/compatibility/recorded_files.h"

namespace muster::compatibility {

class HandClock : public Clock {
 public:
  TimePoint now() const override { return now_; }
  void advance(Duration duration) { now_ += duration; }

 private:
  TimePoint now_ = std::chrono::sys_days(std::chrono::year(2026) / 3 / 1) + std::chrono::hours(12);
};

// Every report that was answered, and its answer.
struct Exchange {
  v1::SyncRequest request;
  v1::SyncResponse response;
};

class RecordedHost {
 public:
  RecordedHost(HandClock& clock, RecordedCollector& collector, std::string id,
               std::string directory, const std::string& probes)
      : clock_(clock), collector_(collector), id_(std::move(id)), directory_(std::move(directory)) {
    config_.collectors = {{"collector.example.org", 8433}};
    config_.state_directory = directory_;
    config_.identity = agent::identity_in(directory_);
    config_.sync_interval = std::chrono::seconds(1);
    for (const agent::ProbeRow& row : agent::all_probes()) {
      config_.probes.push_back({.enabled = true,
                                .interval = std::chrono::hours(1),
                                .timeout = std::chrono::minutes(1),
                                .settings = {}});
      if (row.name == "certificates") {
        config_.probes.back().settings = {{"paths", {"/srv/certificates"}}};
      }
      write_wrapper(std::string(row.name), probes);
      says(std::string(row.name), "ok");
    }
    auto outbox = agent::Outbox::open({.directory = directory_ + "/outbox", .write = {}}, clock_);
    expect_ok(outbox.status(), "opening the outbox");
    outbox_ = outbox->get();
    agent_ = std::make_unique<agent::Agent>(
        context_, config_,
        agent::AgentParts{
            .clock = clock_,
            .random = [] { return 0.5; },
            .make_transport =
                [this](const agent::Config&) { return std::make_unique<Transport>(*this); },
            .make_reenrolment = [](const agent::Config&) { return nullptr; },
            .probe_directory = directory_ + "/probes",
            .connect_launcher = test::forked_launcher(
                agent::all_probes(), directory_ + "/probes",
                [this](agent::ServerOptions& options) {
                  options.read_requests = [this](agent::RequestTable& table, std::string&) {
                    table = *agent::parse_request_table(*agent::probe_requests(config_, "/"),
                                                        agent::all_probes().size());
                    return true;
                  };
                }),
            .outbox = *std::move(outbox)});
    agent_->start();
  }
  ~RecordedHost() { agent_->stop(); }

  // "ok", or "fail" for a probe that ends in error.
  void says(const std::string& probe, const std::string& mode) {
    write_file(directory_ + "/mode-" + probe, mode + "\n");
  }
  void look_again() { agent_->reload(config_); }
  void set_away(bool away) { away_ = away; }
  const std::vector<Exchange>& exchanges() const { return exchanges_; }
  size_t waiting() const { return outbox_->statistics().waiting; }
  // Versions of the probe in the outbox.
  size_t files_of(const std::string& probe) const {
    size_t count = 0;
    for (const auto& entry : std::filesystem::directory_iterator(directory_ + "/outbox"))
      count += entry.path().string().ends_with(fmt::format("-{}.version", probe)) ? 1 : 0;
    return count;
  }

  template <typename Condition>
  void run_until(std::string_view what, const Condition& condition) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!condition()) {
      if (std::chrono::steady_clock::now() > deadline) give_up(fmt::format("no {}", what));
      context_.run_for(std::chrono::milliseconds(5));
      context_.restart();
    }
  }

  // The first exchange from `from` on whose request is like this.
  template <typename Predicate>
  Exchange wait_for(std::string_view what, size_t from, const Predicate& predicate) {
    Exchange found;
    run_until(what, [&] {
      for (size_t i = from; i < exchanges_.size(); ++i) {
        if (!predicate(exchanges_[i].request)) continue;
        found = exchanges_[i];
        return true;
      }
      return false;
    });
    return found;
  }

 private:
  class Transport : public agent::SyncTransport {
   public:
    explicit Transport(RecordedHost& host) : host_(host) {}
    void sync(const v1::SyncRequest& request, Done done) override {
      // A report is given up with its transport.
      boost::asio::post(host_.context_, [this, alive = std::weak_ptr<int>(alive_), request,
                                         done = std::move(done)] {
        if (alive.expired()) return;
        done(host_.away_ ? absl::UnavailableError("away") : host_.exchange(request));
      });
    }
    void renew(const v1::RenewRequest&, RenewDone) override { give_up("nothing is to be renewed"); }
    void get_trust_bundle(TrustBundleDone) override { give_up("nobody has named other roots"); }
    std::string address() const override { return "collector.example.org:8433"; }

   private:
    RecordedHost& host_;
    const std::shared_ptr<int> alive_ = std::make_shared<int>(0);
  };

  absl::StatusOr<v1::SyncResponse> exchange(const v1::SyncRequest& request) {
    const auto response = collector_.answer(id_, request);
    if (response.ok()) exchanges_.push_back({request, *response});
    return response;
  }

  // Keeps what the agent asks and what the probe says, and sends the probe to the host's root: of a
  // field that is there twice the last one counts.
  void write_wrapper(const std::string& probe, const std::string& probes) {
    const std::string root = directory_ + "/root";
    if (root.size() > 127) give_up("the working directory's path is too long");
    write_file(
        directory_ + "/probes/muster-probe-" + probe,
        fmt::format("#!/bin/sh\n"
                    "cat >'{0}/request-{1}'\n"
                    "[ \"$(cat '{0}/mode-{1}')\" = ok ] || {{ echo 'it broke' >&2; exit 3; }}\n"
                    "{{ cat '{0}/request-{1}'; printf '\\012\\{3:03o}%s' '{2}'; }} |\n"
                    "  '{4}/muster-probe-{1}' | tee '{0}/section-{1}'\n",
                    directory_, probe, root, root.size(), probes),
        0755);
  }

  HandClock& clock_;
  RecordedCollector& collector_;
  const std::string id_;
  const std::string directory_;
  boost::asio::io_context context_{1};
  agent::Config config_;
  agent::Outbox* outbox_ = nullptr;
  bool away_ = false;
  std::vector<Exchange> exchanges_;
  std::unique_ptr<agent::Agent> agent_;
};

}  // namespace muster::compatibility
