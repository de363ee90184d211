// When each probe of this host looks: at the start, then at its interval with jitter, and without a
// run where a stat shows that nothing it reads has changed. One that is given others' sections
// looks first when they have. Those that look at targets are not its matter (agent/targets/). One
// thread owns it, the one that runs the io_context.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/config/config.h"
#include "agent/launcher/probe_runner.h"
#include "common/clock.h"
#include "muster/v1/agent_facts.pb.h"
#include "muster/v1/probe.pb.h"
#include "muster/v1/section.pb.h"

namespace boost::asio {
class io_context;
}

namespace muster::agent {

// A look that ran is never confirmed for longer than this.
inline constexpr Duration kConfirmedFor = std::chrono::hours(24);

class Looks {
 public:
  struct Receiver {
    // What a look gave.
    std::function<void(v1::Section)> taken;
    // A look found nothing changed since the last one. False if that one is not held any more, so
    // that the probe has to run.
    std::function<bool(std::string_view probe, TimePoint now)> confirmed;
    // What the last look of a probe gave that is to be given to another; unset if that is not held.
    // Null: nothing is.
    std::function<std::optional<v1::Section>(std::string_view probe)> held = nullptr;
  };

  // All references outlive it. `random` gives numbers in [0, 1).
  Looks(boost::asio::io_context& context, ProbeRunner& runner, const Clock& clock,
        std::function<double()> random, Receiver receiver);
  ~Looks();

  // Begins, or begins anew with other settings: every enabled probe looks at once, one after the
  // other started; looks on their way are taken as they come.
  void start(const Config& config);
  // No look begins from here on.
  void stop();

  // Whether every enabled probe of this host has looked once, but for those that go on from what
  // others saw: they dial, and what is silent keeps them for minutes.
  bool all_have_looked() const;
  // One for each of them, in the order of the probe list.
  std::vector<v1::ProbeStatus> status() const;

 private:
  struct Row;
  void schedule(Row& row, Duration delay);
  void look(Row& row);
  bool confirm(Row& row, const std::string& fingerprint);
  // Whether all that the row is given have looked; those that are switched off never do.
  bool has_what_it_is_given(const Row& row) const;
  v1::GivenSections given_to(const Row& row) const;
  void take(Row& row, const std::string& fingerprint, v1::Section section);

  boost::asio::io_context& context_;
  ProbeRunner& runner_;
  const Clock& clock_;
  std::function<double()> random_;
  Receiver receiver_;
  std::vector<std::unique_ptr<Row>> rows_;
};

}  // namespace muster::agent
