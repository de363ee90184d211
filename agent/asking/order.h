// Which of its groups of questions a privileged program is to ask: by its argument, or by one byte
// on the socket that is its standard input. Of nothing but libc.
#pragma once

#include <span>
#include <string_view>

namespace muster::answers {

inline constexpr int kUsageError = 64;
inline constexpr int kOutputError = 74;
inline constexpr int kNotAllowed = 77;

// A group, as it is ordered.
struct Order {
  char byte = '\0';
  std::string_view word;
};

// Sets `byte` to that of the order and returns 0; else the exit status, and why is on standard
// error, which begins with `program`. Over a socket orders of nobody but root or this user himself
// are taken, and are waited for no longer than 5 s.
int take_order(std::string_view program, std::span<const Order> known,
               std::span<char* const> arguments, char& byte);

}  // namespace muster::answers
