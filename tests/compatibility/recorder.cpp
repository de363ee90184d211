// Records what this version's agent sends and what this version's collector keeps, for later
// versions to understand. The agent is the real one with its outbox and probes; what is left out is
// gRPC, which carries exactly these bytes. Started by `record`, which prepares the working
// directory:
//
//   compatibility_recorder WORK OUT PROBES
//
// WORK/<host>/root is what the probes of a host look at; PROBES is where they are.
#include <fmt/format.h>
#include <google/protobuf/util/json_util.h>
#include <zlib.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <future>
#include <iterator>
#include <memory>

#include "agent/agent.h"
#include "agent/looking/probe_list.h"
#include "agent/looking/probe_requests.h"
#include "collector/fleet/fleet.h"
#include "collector/store/store_sqlite.h"
#include "collector/sync/sync_validation.h"
#include "common/digest.h"
#include "common/files.h"
#include "common/log.h"
#include "common/policy/policy_file.h"
#include "common/timestamp.h"
#include "tests/agent/forked_launcher.h"

namespace muster {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

constexpr size_t kPlainLimit = 64 << 10;
const std::string web_id = "0123456789abcdef0123456789abcdef";
const std::string router_id = "11111111111111111111111111111111";
const std::string odd_id = "22222222222222222222222222222222";
const std::string silent_id = "33333333333333333333333333333333";

class HandClock : public Clock {
 public:
  TimePoint now() const override { return now_; }
  void advance(Duration duration) { now_ += duration; }

 private:
  TimePoint now_ = std::chrono::sys_days(std::chrono::year(2026) / 3 / 1) + 12h;
};

[[noreturn]] void give_up(std::string_view what) {
  fmt::print(stderr, "compatibility_recorder: {}\n", what);
  std::exit(1);
}

void expect_ok(const absl::Status& status, std::string_view what) {
  if (!status.ok()) give_up(fmt::format("{}: {}", what, status.ToString()));
}

void write_file(const std::string& path, std::string_view content, mode_t mode = 0644) {
  fs::create_directories(fs::path(path).parent_path());
  expect_ok(write_file_atomically(path, content, mode), "writing");
}

// Large ones compressed, as zlib's gzread takes both.
void write_golden(const std::string& path, const std::string& bytes) {
  if (bytes.size() <= kPlainLimit) return write_file(path, bytes);
  fs::create_directories(fs::path(path).parent_path());
  gzFile file = ::gzopen((path + ".gz").c_str(), "wb9");
  if (file == nullptr || ::gzwrite(file, bytes.data(), static_cast<unsigned>(bytes.size())) <= 0 ||
      ::gzclose(file) != Z_OK) {
    give_up("writing " + path);
  }
}

std::string read_whole(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// Fleet and store as the service uses them.
class RecordedCollector {
 public:
  RecordedCollector(const Clock& clock, const std::string& store_path) : clock_(clock) {
    auto opened = collector::StoreSqlite::open({.path = store_path});
    expect_ok(opened.status(), "opening the store");
    store_ = *std::move(opened);
    fleet_ = std::make_unique<collector::Fleet>(
        clock, *store_, std::make_shared<const policy::Policy>(policy::default_policy()));
  }

  void add_host(const std::string& id, const std::string& name,
                std::map<std::string, std::string> labels) {
    collector::HostRecord host;
    host.id = id;
    host.name = name;
    host.labels = std::move(labels);
    host.machine_id_hash = to_hex_of(name);
    host.enrolled_at = clock_.now();
    committed([&](auto done) { store_->add_host(host, std::move(done)); });
    fleet_->add_host(host);
  }

  void add_token(const std::string& name, uint32_t uses, uint32_t taken) {
    collector::TokenRecord token;
    token.sha256 = name;
    token.created_at = clock_.now();
    token.expires_at = clock_.now() + std::chrono::years(10);
    token.uses_left = uses;
    token.labels = {{"role", "web"}, {"site", "Köln"}};
    committed([&](auto done) { store_->put_token(token, std::move(done)); });
    for (uint32_t i = 0; i < taken; ++i) {
      std::promise<absl::Status> taken_one;
      store_->take_token(name, clock_.now(),
                         [&](const auto& result) { taken_one.set_value(result.status()); });
      expect_ok(taken_one.get_future().get(), "taking a token");
    }
  }

  absl::StatusOr<v1::SyncResponse> answer(const std::string& id, const v1::SyncRequest& request) {
    if (const auto rejection = collector::check_request(request)) return rejection->status;
    auto plan = fleet_->plan_sync(id, request);
    if (!plan.ok()) return plan.status();
    if (!plan->write.sections.empty()) {
      committed([&](auto done) { store_->commit_sync(plan->write, std::move(done)); });
    }
    fleet_->apply_sync(*plan, request);
    plan->response.set_next_sync_milliseconds(1000);
    return plan->response;
  }

  // What its timer does.
  void rejudge() { fleet_->rejudge_due(); }

  std::string detail(const std::string& name) const {
    const auto detail = fleet_->host_detail(name);
    expect_ok(detail.status(), "looking at the host");
    google::protobuf::util::JsonPrintOptions options;
    options.preserve_proto_field_names = true;
    options.add_whitespace = true;
    std::string json;
    const auto printed = google::protobuf::util::MessageToJsonString(*detail, &json, options);
    if (!printed.ok()) give_up("printing the host");
    return json;
  }

  // Writes what is written behind, and closes the store.
  void close() {
    committed(
        [&](auto done) { store_->commit_times(fleet_->take_dirty_times(), std::move(done)); });
    store_.reset();
  }

 private:
  static std::string to_hex_of(const std::string& text) {
    std::string hex;
    for (const unsigned char c : sha256(text).substr(0, 16))
      hex += fmt::format("{:02x}", c);
    return hex;
  }

  template <typename Write>
  static void committed(const Write& write) {
    std::promise<absl::Status> done;
    write([&](const absl::Status& status) { done.set_value(status); });
    expect_ok(done.get_future().get(), "committing");
  }

  const Clock& clock_;
  std::unique_ptr<collector::StoreSqlite> store_;
  std::unique_ptr<collector::Fleet> fleet_;
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
    config_.sync_interval = 1s;
    for (const agent::ProbeRow& row : agent::all_probes()) {
      config_.probes.push_back({.enabled = true, .interval = 1h, .timeout = 60s, .settings = {}});
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
    for (const auto& entry : fs::directory_iterator(directory_ + "/outbox"))
      count += entry.path().string().ends_with(fmt::format("-{}.version", probe)) ? 1 : 0;
    return count;
  }

  template <typename Condition>
  void run_until(std::string_view what, const Condition& condition) {
    const auto deadline = std::chrono::steady_clock::now() + 20s;
    while (!condition()) {
      if (std::chrono::steady_clock::now() > deadline) give_up(fmt::format("no {}", what));
      context_.run_for(5ms);
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

const v1::SectionVersion* find(const v1::SyncRequest& request, std::string_view probe) {
  for (const v1::SectionVersion& version : request.versions()) {
    if (version.probe() == probe) return &version;
  }
  return nullptr;
}

bool has_outcome(const v1::SyncRequest& request, std::string_view probe, v1::Outcome outcome) {
  const v1::SectionVersion* version = find(request, probe);
  return version != nullptr && version->outcome() == outcome;
}

bool has_facts(const v1::SyncRequest& request) {
  return std::any_of(request.versions().begin(), request.versions().end(),
                     [](const auto& version) { return version.has_facts(); });
}

class Recording {
 public:
  Recording(std::string work, std::string out, std::string probes)
      : work_(std::move(work)),
        out_(std::move(out)),
        probes_(std::move(probes)),
        collector_(clock_, work_ + "/store.sqlite") {}

  void run() {
    collector_.add_host(web_id, "web1", {{"role", "web"}, {"site", "Köln"}});
    collector_.add_host(router_id, "router1", {});
    collector_.add_host(odd_id, "odd1", {});
    collector_.add_host(silent_id, "silent1", {});
    collector_.add_token("unused", 5, 0);
    collector_.add_token("half-used", 3, 1);
    collector_.add_token("spent", 1, 1);
    record_router();
    record_odd();
    record_web();
    collector_.rejudge();
    for (const char* host : {"web1", "router1", "odd1", "silent1"})
      write_file(fmt::format("{}/hosts/{}.json", out_, host), collector_.detail(host));
    write_file(out_ + "/recorded_at", to_iso8601(clock_.now()) + "\n");
    collector_.close();
    write_golden(out_ + "/store.sqlite", read_whole(work_ + "/store.sqlite"));
  }

 private:
  void keep(const std::string& name, const Exchange& exchange) {
    write_golden(fmt::format("{}/requests/{}", out_, name), exchange.request.SerializeAsString());
    write_file(fmt::format("{}/responses/{}", out_, name), exchange.response.SerializeAsString());
  }

  // Changes of more than 1 MiB while the collector was away, and a probe that does not apply.
  void record_router() {
    const std::string directory = work_ + "/router1";
    RecordedHost host(clock_, collector_, router_id, directory, probes_);
    host.set_away(true);
    for (size_t i = 1; i <= 3; ++i) {
      if (i > 1) {
        fs::remove(fmt::format("{}/root/srv/certificates/copy{}.pem", directory, i));
        host.look_again();
      }
      host.run_until("versions", [&] { return host.files_of("certificates") == i; });
    }
    host.set_away(false);
    host.look_again();
    host.wait_for("last part", 0, [&](const auto& request) { return !request.more(); });
    int part = 0;
    for (const Exchange& exchange : host.exchanges())
      keep(fmt::format("router1-{}-part", ++part), exchange);
    // The store keeps few of them, so that hosts/router1.json can be read.
    for (const auto& entry : fs::directory_iterator(directory + "/root/srv/certificates")) {
      if (entry.path().filename() != "copy0.pem") fs::remove(entry);
    }
    const size_t from = host.exchanges().size();
    host.look_again();
    keep("router1-3-few", host.wait_for("few certificates", from, [](const auto& request) {
      const v1::SectionVersion* version = find(request, "certificates");
      return version != nullptr && version->has_facts();
    }));
  }

  void record_web() {
    const std::string directory = work_ + "/web1";
    RecordedHost host(clock_, collector_, web_id, directory, probes_);
    keep("web1-1-first", host.wait_for("first report", 0, has_facts));
    clock_.advance(1min);
    keep("web1-2-heartbeat",
         host.wait_for("heartbeat", host.exchanges().size(),
                       [](const auto& request) { return !has_facts(request); }));
    for (const agent::ProbeRow& row : agent::all_probes()) {
      if (agent::looks_at_targets(row)) continue;
      const std::string probe(row.name);
      fs::create_directories(out_ + "/probe");
      fs::copy_file(directory + "/request-" + probe, out_ + "/probe/request-" + probe);
      fs::copy_file(directory + "/section-" + probe, out_ + "/probe/section-" + probe);
    }
    clock_.advance(3h);
    host.says("certificates", "fail");
    size_t from = host.exchanges().size();
    host.look_again();
    keep("web1-3-failed", host.wait_for("failed section", from, [](const auto& request) {
      return has_outcome(request, "certificates", v1::OUTCOME_FAILED);
    }));
    host.run_until("quiet", [&] { return host.waiting() == 0; });
    // Now the collector is away: what waits stays in the outbox, oldest first.
    clock_.advance(1h);
    host.set_away(true);
    host.says("host", "fail");
    host.look_again();
    host.run_until("first change", [&] { return host.waiting() == 1; });
    host.says("certificates", "ok");
    host.look_again();
    host.run_until("second change", [&] { return host.waiting() == 2; });
    fs::copy(directory + "/outbox", out_ + "/outbox", fs::copy_options::recursive);
  }

  // What only a newer agent or an unlucky one sends.
  void record_odd() {
    v1::SyncRequest request;
    request.set_epoch((uint64_t{1} << 63) - 2);
    *request.mutable_sent_at() = to_proto(clock_.now() - 90s);
    add_facts(request, "firewall", "muster.v9.FirewallFacts", "\x0a\x03nft");
    add_facts(request, "certificates", "muster.v1.CertificateFacts", "");
    keep("odd1-1-newer", send(request));
    // A later life of the agent's memory: what is held counts as sequence 0.
    request.set_epoch(request.epoch() + 1);
    request.mutable_versions()->DeleteSubrange(0, 1);
    request.mutable_versions(0)->set_sequence(7);
    keep("odd1-2-later-epoch", send(request));
  }

  Exchange send(const v1::SyncRequest& request) {
    auto response = collector_.answer(odd_id, request);
    expect_ok(response.status(), "sending");
    return {request, *std::move(response)};
  }

  void add_facts(v1::SyncRequest& request, const std::string& probe, const std::string& type,
                 const std::string& facts) {
    v1::SectionVersion& version = *request.add_versions();
    version.set_probe(probe);
    version.set_sequence(1);
    version.set_outcome(v1::OUTCOME_OBSERVED);
    *version.mutable_changed_at() = request.sent_at();
    *version.mutable_observed_at() = request.sent_at();
    version.set_facts_type(type);
    version.set_digest(sha256(facts));
    version.set_facts(facts);
  }

  const std::string work_;
  const std::string out_;
  const std::string probes_;
  HandClock clock_;
  RecordedCollector collector_;
};

}  // namespace
}  // namespace muster

int main(int argc, char** argv) {
  if (argc != 4) {
    fmt::print(stderr,
               "Usage: compatibility_recorder WORK OUT PROBES; use tests/compatibility/record\n");
    return 64;
  }
  muster::set_log_level(muster::LogLevel::kError);
  muster::Recording(argv[1], argv[2], argv[3]).run();
}
