#include "tests/agent/probes/zone/knot_world.h"

#include <fmt/format.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

#include <array>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/udp.hpp>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <sstream>
#include <thread>

#include "agent/probes/network/look_runner.h"
#include "agent/probes/zone/zone_target_look.h"

extern char** environ;

namespace muster::zone::test {
namespace {

namespace asio = boost::asio;
namespace ip = boost::asio::ip;
using namespace std::chrono_literals;

const std::string kUnpacked = MUSTER_SOURCE_DIRECTORY "/build/knot";

// Free for both ways at the resolver's address.
uint16_t free_port() {
  asio::io_context io;
  for (;;) {
    ip::tcp::acceptor acceptor(io, {ip::make_address(kResolver), 0});
    const uint16_t port = acceptor.local_endpoint().port();
    boost::system::error_code error;
    ip::udp::socket socket(io, ip::udp::v4());
    socket.bind({ip::make_address(kResolver), port}, error);
    if (!error) return port;
  }
}

bool answers_at(const std::string& address, uint16_t port) {
  asio::io_context io;
  ip::tcp::socket socket(io);
  boost::system::error_code error;
  socket.connect({ip::make_address(address), port}, error);
  return !error;
}

// A look is a plain function, and has the test's port.
uint16_t port_of_servers = 0;
asio::awaitable<std::optional<v1::Section>> look_at(network_probe::Look& look) {
  return look_at_target(look, port_of_servers);
}

}  // namespace

KnotWorld::KnotWorld() : port_(free_port()) {
  if (!std::filesystem::exists(kUnpacked + "/usr/sbin/knotd")) {
    throw std::runtime_error(
        "there is no build/knot: tests/run installs what the tests need with --install");
  }
}

KnotWorld::~KnotWorld() {
  for (const pid_t server : servers_) {
    ::kill(server, SIGKILL);
    ::waitpid(server, nullptr, 0);
  }
}

std::string KnotWorld::run(const std::string& command) {
  FILE* pipe = ::popen(fmt::format("cd {} && {} 2>&1", directory_.path(), command).c_str(), "r");
  std::string output;
  std::array<char, 4096> part{};
  while (const size_t size = std::fread(part.data(), 1, part.size(), pipe))
    output.append(part.data(), size);
  EXPECT_EQ(::pclose(pipe), 0) << command << ": " << output;
  while (output.ends_with('\n'))
    output.pop_back();
  return output;
}

std::string KnotWorld::zone_file(unsigned serial, const std::string& more) {
  return fmt::format(
      "$ORIGIN example.test.\n$TTL 300\n"
      "@ SOA ns1 h {} 3600 900 604800 300\n"
      "@ NS ns1\n@ NS ns2\nns1 A {}\nns2 A {}\n"
      "@ MX 10 mail\n@ TXT \"v=spf1 mx -all\"\nmail A 192.0.2.25\n{}",
      serial, kFirst, kSecond, more);
}

Keys KnotWorld::make_keys() {
  const std::string key = run("ldns-keygen -r /dev/urandom -a ECDSAP256SHA256 -k example.test");
  const std::string zone_key = run("ldns-keygen -r /dev/urandom -a ECDSAP256SHA256 example.test");
  return {.names = {key, zone_key}, .signer = directory_.read(key + ".ds")};
}

std::string KnotWorld::sign(const std::string& zone, const Keys& keys, const std::string& from,
                            const std::string& to) {
  directory_.write("unsigned", zone);
  run(fmt::format("ldns-signzone -i {} -e {} -f signed unsigned {} {}", from, to, keys.names[0],
                  keys.names[1]));
  return directory_.read("signed");
}

void KnotWorld::serve_above(const std::string& more) {
  const std::string above = fmt::format(
      "$ORIGIN test.\n$TTL 300\n@ SOA ns h 1 3600 900 604800 300\n@ NS ns\nns A {}\n"
      "@ CAA 0 issue \"ca.example\"\n"
      "example NS ns1.example\nexample NS ns2.example\nns1.example A {}\nns2.example A {}\n{}\n",
      kAbove, kFirst, kSecond, more);
  serve(kAbove, {{"test", above}});
  const std::string root =
      "$ORIGIN .\n$TTL 300\n. SOA a. h. 1 3600 900 604800 300\n. NS a.\n"
      "a. A 127.0.0.53\n";
  serve(kResolver, {{".", root}, {"test", above}, {"example.test", zone_file(1)}});
}

void KnotWorld::serve(const std::string& address, const std::map<std::string, std::string>& zones) {
  const std::string name = fmt::format("server{}", ++count_);
  const std::string home = directory_.path() + "/" + name;
  std::string config = fmt::format(
      "server:\n  rundir: {0}\n  listen: {1}@{2}\n  udp-workers: 1\n  tcp-workers: 1\n"
      "  background-workers: 1\ncontrol:\n  listen: {0}/control\ndatabase:\n  storage: {0}/db\n"
      "log:\n  - target: {0}/log\n    any: info\nzone:\n",
      home, address, port_);
  for (const auto& [zone, text] : zones) {
    const std::string file = directory_.write(name + "/" + zone + "zone", text);
    config += fmt::format("  - domain: {}\n    file: {}\n", zone, file);
  }
  const std::string path = directory_.write(name + "/knot.conf", config);
  const std::string program = kUnpacked + "/usr/sbin/knotd";
  const std::string libraries = "LD_LIBRARY_PATH=" + kUnpacked +
                                "/usr/lib/x86_64-linux-gnu:" + kUnpacked +
                                "/usr/lib/aarch64-linux-gnu";
  std::array<const char*, 4> arguments = {program.c_str(), "-c", path.c_str(), nullptr};
  std::array<const char*, 2> environment = {libraries.c_str(), nullptr};
  pid_t server = 0;
  ASSERT_EQ(
      ::posix_spawn(&server, program.c_str(), nullptr, nullptr,
                    const_cast<char**>(arguments.data()), const_cast<char**>(environment.data())),
      0);
  servers_.push_back(server);
  for (int i = 0; i < 1000 && !answers_at(address, port_); ++i) {
    ASSERT_EQ(::waitpid(server, nullptr, WNOHANG), 0) << directory_.read(name + "/log");
    std::this_thread::sleep_for(20ms);
  }
  ASSERT_TRUE(answers_at(address, port_)) << directory_.read(name + "/log");
}

v1::ZoneFacts KnotWorld::look(const std::string& target, bool allow_loopback) {
  using namespace network_probe;
  port_of_servers = port_;
  v1::TargetRules allowed;
  v1::AllowedTarget& entry = *allowed.add_allow();
  entry.add_names("example.test");
  if (allow_loopback) entry.add_networks("127.0.0.0/8");
  entry.add_kinds("zone");
  const absl::StatusOr<LookRules> rules = LookRules::create(allowed, "zone");
  EXPECT_TRUE(rules.ok()) << rules.status();
  asio::io_context io(1);
  const SystemClock clock;
  const Pace pace{.per_second = 10'000, .per_address_per_second = 10'000, .at_once = 512};
  NameResolver::Sources sources{
      .config = parse_resolver_config(fmt::format("nameserver {}\n", kResolver)),
      .hosts = {},
      .hosts_text = {},
      .port = port_};
  v1::ZoneFacts facts;
  LookRunner runner({.io = io,
                     .rules = *rules,
                     .pace = pace,
                     .clock = clock,
                     .look = &look_at,
                     .credentials = nullptr,
                     .probe = "zone"},
                    std::move(sources), [&facts](const v1::Section& section) {
                      EXPECT_EQ(section.outcome(), v1::OUTCOME_OBSERVED) << section.reason();
                      EXPECT_EQ(section.facts_type(), "muster.v1.ZoneFacts");
                      EXPECT_TRUE(facts.ParseFromString(section.facts()));
                    });
  RequestedLook wanted;
  wanted.entity = "zone:example.test";
  wanted.address = target;
  wanted.timeout = 60s;
  std::vector<RequestedLook> looks;
  looks.push_back(wanted);
  runner.run(std::move(looks));
  return facts;
}

}  // namespace muster::zone::test
