// What stands against answers of devices of one kind. One thread.
#pragma once

#include <string>

#include "agent/probes/firmware/found.h"

namespace muster::firmware {

// For all devices of which the same is to be said there is one entry, of the first.
class Notes {
 public:
  // Nothing where `complaint` is empty.
  void add(const std::string& device, const std::string& complaint);
  void take_to(Found& found) const;

 private:
  struct Note {
    std::string device;
    std::string complaint;
    int more = 0;
  };
  std::vector<Note> notes_;
};

}  // namespace muster::firmware
