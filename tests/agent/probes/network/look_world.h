// What a test of looks needs: listeners on loopback that count who comes, a clock that can jump, a
// name server, and a run of looks over them, all on one io_context.
#pragma once

#include <gtest/gtest.h>

#include <boost/asio/ip/tcp.hpp>
#include <functional>
#include <list>
#include <string>
#include <vector>

#include "agent/probes/network/look_runner.h"
#include "agent/probes/tcp/tcp_look.h"
#include "muster/v1/tcp_facts.pb.h"
#include "tests/agent/probes/network/dns_server.h"

namespace muster::network_probe::test {

// The machine's own, and as much later as a test says: as if the process, or the host, had stood
// still meanwhile.
class JumpingClock : public Clock {
 public:
  TimePoint now() const override { return TimePoint(std::chrono::hours(24)); }
  Duration uptime() const override {
    if (++asked_ == jump_when_asked_) later_ += kLong;
    return Clock::uptime() + later_;
  }

  void jump() { later_ += kLong; }
  // Right after it was asked so often, and one time more.
  void jump_when_asked(int times) {
    asked_ = 0;
    jump_when_asked_ = times;
  }

 private:
  static constexpr Duration kLong = std::chrono::hours(2);
  mutable int asked_ = 0;
  int jump_when_asked_ = -1;
  mutable Duration later_{0};
};

// Accepts connections and closes them.
class Listener {
 public:
  using Tcp = boost::asio::ip::tcp;

  explicit Listener(boost::asio::io_context& io, const std::string& address = "127.0.0.1",
                    uint16_t port = 0)
      : acceptor_(io, Tcp::endpoint(boost::asio::ip::make_address(address), port)) {
    accept();
  }

  uint16_t port() const { return acceptor_.local_endpoint().port(); }
  int accepted() const { return accepted_; }
  std::function<void()> on_accept;

 private:
  void accept() {
    acceptor_.async_accept([this](const boost::system::error_code& error, Tcp::socket) {
      if (error) return;
      ++accepted_;
      if (on_accept) on_accept();
      accept();
    });
  }

  Tcp::acceptor acceptor_;
  int accepted_ = 0;
};

class LookWorld : public testing::Test {
 protected:
  LookWorld() : io(1), dns(io) {}

  Listener& listen(const std::string& address = "127.0.0.1", uint16_t port = 0) {
    return listeners.emplace_back(io, address, port);
  }

  // "to" as name and address, within an hour from now on; `end` 0: never.
  RequestedLook look_at(const std::string& to, Duration end = Duration(0)) const {
    return {.entity = to,
            .address = to,
            .timeout = std::chrono::seconds(60),
            .start = Duration(0),
            .end = end == Duration(0) ? Duration::max() : clock.uptime() + end};
  }

  void allow(const std::string& network, uint16_t port) {
    v1::AllowedTarget& entry = *rules.add_allow();
    entry.add_networks(network);
    entry.add_ports(port);
  }
  void allow_name(const std::string& name, uint16_t port) {
    v1::AllowedTarget& entry = *rules.add_allow();
    entry.add_names(name);
    entry.add_ports(port);
  }

  // One run of the probe; what the listeners were still owed is theirs at its end.
  std::vector<v1::Section> run(const std::vector<RequestedLook>& looks,
                               const std::string& resolv_conf = "") {
    std::vector<v1::Section> sections;
    const absl::StatusOr<LookRules> parsed = LookRules::create(rules, kind);
    EXPECT_TRUE(parsed.ok()) << parsed.status();
    if (!parsed.ok()) return sections;
    NameResolver::Sources sources = dns.sources(resolv_conf);
    sources.hosts = hosts;
    sources.hosts_text = hosts_text;
    if (no_name_server) sources.config.servers.clear();
    LookRunner runner({.io = io,
                       .rules = *parsed,
                       .pace = pace,
                       .clock = clock,
                       .look = look_function,
                       .credentials = nullptr,
                       .probe = kind},
                      sources,
                      [&sections](const v1::Section& section) { sections.push_back(section); });
    io.restart();
    runner.run(looks);
    io.restart();
    io.poll();
    return sections;
  }

  static v1::TcpFacts facts_of(const v1::Section& section) {
    v1::TcpFacts facts;
    EXPECT_EQ(section.outcome(), v1::OUTCOME_OBSERVED) << section.ShortDebugString();
    EXPECT_EQ(section.facts_type(), "muster.v1.TcpFacts");
    EXPECT_TRUE(facts.ParseFromString(section.facts()));
    return facts;
  }

  boost::asio::io_context io;
  JumpingClock clock;
  DnsServer dns;
  std::list<Listener> listeners;
  v1::TargetRules rules;
  HostsFile hosts;
  std::string hosts_text;
  Pace pace{.per_second = 10'000, .per_address_per_second = 10'000, .at_once = 512};
  bool no_name_server = false;
  LookFunction look_function = &look_at_tcp;
  // Its probe's.
  std::string kind = "tcp";
};

}  // namespace muster::network_probe::test
