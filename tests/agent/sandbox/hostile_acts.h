// What a probe that has been taken over would try, one function each. None harms the machine where
// it succeeds, and each ends by itself or is ended by what bounds it.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace muster::hostile {

// The call that was refused and its errno; `call` empty: it was not refused.
struct Answer {
  std::string call;
  int error = 0;
};

struct Act {
  std::string_view name;
  // `what` is the file or the process that the act is about, where it needs one.
  Answer (*attempt)(const std::string& what);
};

std::span<const Act> all_acts();

// By kind, each in a file of its own.
std::span<const Act> acts_on_files();
std::span<const Act> acts_on_processes();
std::span<const Act> acts_on_the_network();
std::span<const Act> acts_on_the_kernel();
std::span<const Act> acts_on_limits();

}  // namespace muster::hostile
