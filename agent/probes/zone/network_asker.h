// Asks name servers over the network: only those that targets.allow lets be asked, each question in
// its turn, within the time of the look. One thread.
#pragma once

#include <chrono>

#include "agent/probes/network/look.h"
#include "agent/probes/zone/asker.h"

namespace muster::zone {

class NetworkAsker : public Asker {
 public:
  // Of one try by UDP, of which there are two, and of a whole exchange by TCP.
  static constexpr Duration kUdpTime = std::chrono::milliseconds(1500);
  static constexpr Duration kTcpTime = std::chrono::seconds(3);
  // What is waited for turns does not count as time of the look, up to this.
  static constexpr Duration kLongestWait = std::chrono::seconds(15);

  // `port`: of the zone's servers and of those above; 53 but for tests.
  NetworkAsker(network_probe::Look& look, uint16_t port);

  boost::asio::awaitable<Reply> ask(std::optional<boost::asio::ip::address> server,
                                    Question question, Way way) override;

 private:
  boost::asio::awaitable<Reply> ask_at(boost::asio::ip::address address, uint16_t port,
                                       Question question, bool recursion, Way way);
  Duration time_left() const;
  void make_up_for(Duration waited);

  network_probe::Look& look_;
  const uint16_t port_;
  // An uptime.
  Duration deadline_;
  Duration waited_{0};
};

}  // namespace muster::zone
