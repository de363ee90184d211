// When the lists of packages were last refreshed. apt keeps no date of its own: the stamps are made
// by the jobs that refresh, and without such a job the directory that apt downloads into tells.
#pragma once

#include <google/protobuf/timestamp.pb.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace muster::packages_apt {

struct ListsAge {
  // Absent: never refreshed, or it cannot be told.
  std::optional<google::protobuf::Timestamp> updated_at;
  // "update-success-stamp"; empty if absent.
  std::string source;
};

// A place that may tell, and its time if it is there.
using ListsStamp = std::pair<std::string, std::optional<google::protobuf::Timestamp>>;

// When the file or directory was last changed; absent if it is not there, or tells nothing.
ListsStamp::second_type time_of_stamp(const std::string& root, const std::string& path);

// The first that tells. A time of 1970 is that of an image builder that resets all times, and tells
// nothing. Pure.
ListsAge first_that_tells(const std::vector<ListsStamp>& stamps);

// The stamps below `state` ("/var/lib/apt", as the looked-at system names it) and the directory
// `lists`, best first.
std::vector<ListsStamp> read_lists_stamps(const std::string& root, const std::string& state,
                                          const std::string& lists);

}  // namespace muster::packages_apt
