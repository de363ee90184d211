// What the simulated hosts are like: which probes they have, what these see, and which changes. One
// object for all hosts; pure functions of host number and sequence, so that ten thousand hosts cost
// no memory here and every run sees the same fleet. A new kind of fleet (other probes, targets of
// its own, hostile texts) is another class with this interface. Any thread.
#pragma once

#include <string>
#include <vector>

#include "common/clock.h"
#include "muster/v1/section.pb.h"

namespace muster::simulator {

class SectionSource {
 public:
  virtual ~SectionSource() = default;

  // The probes of every host, in the order in which they are reported.
  virtual const std::vector<std::string>& probes() const = 0;

  // In which of its probes the host's next change is, when it had `changes` before.
  virtual size_t changing_probe(size_t host, uint64_t changes) const = 0;

  // The section of the version `sequence` (from 1 on) as a look at `now` gives it: outcome, reason,
  // facts. The same sequence has the same facts whenever it is asked for, another one others.
  virtual v1::Section look(size_t host, size_t probe, uint64_t sequence, TimePoint now) const = 0;

  // What moved at a look that changed nothing else.
  virtual std::vector<v1::Measurement> measurements(size_t host, size_t probe,
                                                    TimePoint now) const = 0;
};

}  // namespace muster::simulator
