#include "agent/probes/tcp/tcp_look.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "agent/probes/probe_program.h"
#include "muster/v1/tcp_facts.pb.h"

namespace muster {
namespace {

namespace asio = boost::asio;
namespace ip = boost::asio::ip;
using network_probe::Dial;
using network_probe::Look;

struct Answer {
  v1::TcpAnswer answer;
  const char* words;
};

Answer answer_of(Dial::End end) {
  switch (end) {
    case Dial::End::kConnected:
      return {v1::TCP_ANSWER_CONNECTED, "connected"};
    case Dial::End::kRefused:
      return {v1::TCP_ANSWER_REFUSED, "refused"};
    case Dial::End::kUnreachable:
      return {v1::TCP_ANSWER_UNREACHABLE, "unreachable"};
    default:
      return {v1::TCP_ANSWER_TIMED_OUT, "timed out"};
  }
}

std::string endpoint_text(const Look& look, const ip::address& address) {
  return Address{.host = address.to_string(), .port = look.target().port}.text();
}

v1::Section connected(v1::TcpFacts& facts, const Dial& dial) {
  facts.set_answer(v1::TCP_ANSWER_CONNECTED);
  v1::Section section = probe::observed(facts);
  v1::Measurement& measurement = *section.add_measurements();
  measurement.set_name("connect_duration_seconds");
  measurement.set_value(std::chrono::duration<double>(dial.took).count());
  return section;
}

}  // namespace

asio::awaitable<std::optional<v1::Section>> look_at_tcp(Look& look) {
  v1::TcpFacts facts;
  facts.set_address(look.address());
  if (look.addresses().empty()) {
    facts.set_answer(v1::TCP_ANSWER_NO_SUCH_NAME);
    co_return probe::observed(facts);
  }
  std::vector<std::string> attempts;
  int best = v1::TCP_ANSWER_NO_SUCH_NAME;
  auto untried = static_cast<Duration::rep>(look.addresses().size());
  for (const ip::address& address : look.addresses()) {
    ip::tcp::socket socket(look.io());
    const Dial dial = co_await look.connect(socket, address, look.time_left() / untried--);
    const std::string endpoint = endpoint_text(look, address);
    switch (dial.end) {
      case Dial::End::kConnected:
        co_return connected(facts, dial);
      case Dial::End::kLeaseEnded:
        co_return std::nullopt;
      case Dial::End::kFailed:
        co_return probe::failed(fmt::format("{} was not dialled: {}", endpoint, dial.why));
      default:
        best = std::min<int>(best, answer_of(dial.end).answer);
        attempts.push_back(fmt::format("{} {}", endpoint, answer_of(dial.end).words));
    }
  }
  for (const ip::address& address : look.refused())
    attempts.push_back(fmt::format("{} not in targets.allow", endpoint_text(look, address)));
  std::sort(attempts.begin(), attempts.end());
  constexpr size_t kMostAttempts = 16;
  attempts.resize(std::min(attempts.size(), kMostAttempts));
  facts.set_answer(static_cast<v1::TcpAnswer>(best));
  facts.mutable_attempts()->Assign(attempts.begin(), attempts.end());
  co_return probe::observed(facts);
}

}  // namespace muster
