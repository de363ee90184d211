// The beginning of a text. Pure; any thread.
#pragma once

#include <string_view>

namespace muster::intrusion_detection {

// Whether the text begins so; then it is what follows.
inline bool take_prefix(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

}  // namespace muster::intrusion_detection
