// Records what this version's agent sends and what this version's collector keeps, for later
// versions to understand. The agent is the real one with its outbox and probes; what is left out is
// gRPC, which carries exactly these bytes. Started by `record`, which prepares the working
// directory:
//
//   compatibility_recorder WORK OUT PROBES
//
// WORK/<host>/root is what the probes of a host look at; PROBES is where they are.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

#include "agent/looking/probe_list.h"
#include "common/digest.h"
#include "common/log.h"
#include "common/timestamp.h"
#include "tests/compatibility/recorded_collector.h"
#include "tests/compatibility/recorded_files.h"
#include "tests/compatibility/recorded_host.h"

namespace muster::compatibility {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

const std::string web_id = "0123456789abcdef0123456789abcdef";
const std::string router_id = "11111111111111111111111111111111";
const std::string odd_id = "22222222222222222222222222222222";
const std::string silent_id = "33333333333333333333333333333333";

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
}  // namespace muster::compatibility

int main(int argc, char** argv) {
  if (argc != 4) {
    fmt::print(stderr,
               "Usage: compatibility_recorder WORK OUT PROBES; use tests/compatibility/record\n");
    return 64;
  }
  muster::set_log_level(muster::LogLevel::kError);
  muster::compatibility::Recording(argv[1], argv[2], argv[3]).run();
}
