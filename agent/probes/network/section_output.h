// Writes sections to stdout as they come, without making the looks wait for who reads them: what
// does not fit into a full pipe is kept until it does. A run is bounded, so is that. One thread
// owns it.
#pragma once

#include <boost/asio/io_context.hpp>
#include <string>

#include "agent/probes/network/boottime_timer.h"
#include "muster/v1/section.pb.h"

namespace muster::network_probe {

class SectionOutput {
 public:
  SectionOutput(boost::asio::io_context& io, int descriptor, bool as_json);

  void add(const v1::Section& section);
  // Writes what is left, however long it takes. Whether all was written.
  bool finish();

 private:
  void write_soon();
  // At most what can be taken at once; `wait`: all of it.
  void write(bool wait);

  const int descriptor_;
  const bool as_json_;
  std::string waiting_;
  bool failed_ = false;
  bool timer_runs_ = false;
  BoottimeTimer timer_;
};

}  // namespace muster::network_probe
