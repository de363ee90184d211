// A fleet of Debian servers: which machine it is, what apt has to update, certificates in files,
// what waits for a restart, until when the release is supported, and the agent about itself, in the
// messages and sizes of the real probes; on one of a few hosts something is wrong. What changes is
// apt's list of updates: new candidates for packages that waited already.
#pragma once

#include <string>
#include <vector>

#include "tests/simulator/section_source.h"

namespace muster::simulator {

struct LinuxServerOptions {
  // Pending updates of each host.
  size_t updates = 50;
  // Of these, how many get another candidate version at each change.
  size_t changed_updates = 50;
  // Files with one certificate each.
  size_t certificates = 12;
  // Each looks at a domain, too: targets of its own (watched_domains.h).
  bool domains = false;
};

class LinuxServers : public SectionSource {
 public:
  // `started` is when agents and hosts began, and what their facts are dated by.
  LinuxServers(LinuxServerOptions options, TimePoint started);

  const std::vector<std::string>& probes() const override { return probes_; }
  size_t changing_probe(size_t host, uint64_t changes) const override;
  v1::Section look(size_t host, size_t probe, uint64_t sequence, TimePoint now) const override;
  std::vector<v1::Measurement> measurements(size_t host, size_t probe,
                                            TimePoint now) const override;

 private:
  const LinuxServerOptions options_;
  const TimePoint started_;
  const std::vector<std::string> probes_;
};

// "sim-00042": what host 42 asks to be called, and what it calls itself.
std::string simulated_host_name(size_t host);

}  // namespace muster::simulator
