// Many questions to the resolver of this host, side by side, so many a second and no more, until a
// time. One thread; it outlives who asks.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <optional>
#include <string>
#include <vector>

#include "agent/probes/zone/asker.h"
#include "agent/probes/zone/dns_message.h"
#include "common/clock.h"

namespace muster::lookalikes {

class PacedQuestions {
 public:
  // Each at once with others; those that wait for longer than `until`, an uptime, are not asked.
  PacedQuestions(zone::Asker& asker, const Clock& clock, size_t per_second, Duration until)
      : asker_(asker), clock_(clock), apart_(std::chrono::seconds(1) / per_second), until_(until) {}

  // Unset where nobody answered, or the answer cannot be read.
  boost::asio::awaitable<std::optional<zone::Message>> ask(zone::Question question);
  bool is_over() const { return clock_.uptime() >= until_; }

 private:
  zone::Asker& asker_;
  const Clock& clock_;
  const Duration apart_;
  const Duration until_;
  // When the next may be asked.
  Duration next_{0};
};

}  // namespace muster::lookalikes
